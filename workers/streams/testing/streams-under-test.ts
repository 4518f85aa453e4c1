import { InProcessKeyValue } from "../../../db/cache/in-process-key-value.ts";
import { InProcessPubSub } from "../../../db/cache/in-process-pubsub.ts";
import { StoredListenKeys } from "../../../db/cache/listen-keys.ts";
import { systemRandom } from "../../../db/machine/system-random.ts";
import { turnScheduler } from "../../../db/testing/turn-scheduler.ts";
import { type MarketDataMessage, marketData } from "../../../schemas/market.ts";
import type { AccountService } from "../../../schemas/ports/account-service.ts";
import type { KeyValue } from "../../../schemas/ports/key-value.ts";
import type { LogFields } from "../../../schemas/ports/logger.ts";
import { testVenue } from "../../../schemas/testing/symbols.ts";
import type { UserEventMessage } from "../../../schemas/user-event.ts";
import { userEvents } from "../../../schemas/user-event-channel.ts";
import { VirtualTime } from "../../shared/testing/virtual-time.ts";
import type { StreamsConnection } from "../connection.ts";
import { DEFAULT_STREAMS_SETTINGS, type StreamsSettings } from "../settings.ts";
import { StreamsWorker } from "../worker.ts";
import { TestClient } from "./test-client.ts";

/** A streams worker on a real server, with time that only moves when told to. */
export class StreamsUnderTest {
	readonly time = new VirtualTime();
	readonly pubsub = new InProcessPubSub({ scheduler: turnScheduler });
	readonly keyValue = new InProcessKeyValue({ clock: this.time, scheduler: this.time });
	readonly listenKeys = new StoredListenKeys({
		keyValue: this.keyValue,
		random: { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
	});
	/** What the account worker answers; set by the test. */
	userEventsSince: AccountService["userEventsSince"] = async () => ({
		epoch: 1,
		last: null,
		events: [],
	});
	/** Tells the worker that the channels may have lost something. */
	lose: () => void = () => {};
	readonly warnings: string[] = [];
	/** What it has told of sampled commands: one in ten. */
	readonly traces: LogFields[] = [];
	/** Pongs that the worker has seen. */
	pongs = 0;
	readonly worker: StreamsWorker;
	private readonly server: Bun.Server<StreamsConnection>;
	private readonly clients: TestClient[] = [];
	private seq = 0;

	/** @param connects counts connects together with others */
	constructor(settings: Partial<StreamsSettings> = {}, connects?: Pick<KeyValue, "increment">) {
		const { pubsub } = this;
		this.worker = new StreamsWorker({
			pubsub: {
				publish: (channel, message) => pubsub.publish(channel, message),
				subscribe: (channel, handle) => pubsub.subscribe(channel, handle),
				onLoss: (handle) => {
					this.lose = handle;
					return () => {};
				},
			},
			venue: testVenue(),
			listenKeys: this.listenKeys,
			...(connects === undefined ? {} : { connects }),
			accounts: () => this as unknown as AccountService,
			clientKey: (headers, peer) => headers.get("x-client") ?? peer,
			clock: this.time,
			scheduler: this.time,
			random: systemRandom,
			logger: {
				info: (message, fields = {}) => {
					if (message === "trace") this.traces.push(fields);
				},
				warn: (message) => this.warnings.push(message),
				error: (message) => this.warnings.push(message),
			},
			traceOneIn: 10,
			settings: { ...DEFAULT_STREAMS_SETTINGS, messagesPerSecond: 1_000, ...settings },
		});
		this.server = Bun.serve<StreamsConnection>({
			hostname: "127.0.0.1",
			port: 0,
			fetch: (request) =>
				this.worker.handles(new URL(request.url).pathname)
					? this.worker.upgrade(request)
					: new Response("elsewhere", { status: 404 }),
			websocket: {
				...this.worker.socketOptions,
				...this.worker.websocket,
				pong: (ws, payload) => {
					this.worker.websocket.pong(ws, payload);
					this.pongs += 1;
				},
			},
		});
		this.worker.start(this.server);
		// Market data speaks all the time, so the worker knows where it stands before a client comes.
		this.market([], { seq: 0 });
		this.seq = 0;
	}

	get port(): number {
		return this.server.port as number;
	}

	/** @param target path and query */
	async connect(target: string): Promise<TestClient> {
		const client = new TestClient(`ws://127.0.0.1:${this.port}${target}`);
		this.clients.push(client);
		await client.opened;
		return client;
	}

	/** What HTTP answers to an attempt to connect. */
	get(target: string, headers: Record<string, string> = {}): Promise<Response> {
		return fetch(`http://127.0.0.1:${this.port}${target}`, { headers });
	}

	/** The next message of the market data worker. */
	market(entries: MarketDataMessage["entries"], change: Partial<MarketDataMessage> = {}): void {
		this.seq += 1;
		this.pubsub.publish(marketData, {
			partition: 0,
			run: "run-1",
			seq: this.seq,
			entries,
			...change,
		});
	}

	user(...messages: UserEventMessage[]): void {
		this.pubsub.publish(userEvents, messages);
	}

	async stop(): Promise<void> {
		await this.worker.stop();
		for (const client of this.clients) client.socket.close();
		await this.server.stop(true);
		this.keyValue.close();
	}
}
