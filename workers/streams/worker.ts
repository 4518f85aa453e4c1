import { INVALID_TIME_UNIT } from "../../schemas/api/time-unit.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import type { LateText } from "../../schemas/late-text.ts";
import { listenKeyClosed } from "../../schemas/listen-key-closed.ts";
import { type MarketDataMessage, marketData } from "../../schemas/market.ts";
import type { AccountService } from "../../schemas/ports/account-service.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import { type KeyValue, KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import type { ListenKeys } from "../../schemas/ports/listen-keys.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { Random } from "../../schemas/ports/random.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { metricText } from "../../schemas/prometheus-text.ts";
import { SpreadVisits } from "../../schemas/spread-visits.ts";
import { userEventsOf } from "../../schemas/user-event-channel.ts";
import type { VenueView } from "../../schemas/venue-config.ts";
import { Audience } from "./audience.ts";
import { StreamsConnection, type StreamsSocket } from "./connection.ts";
import { Control } from "./control.ts";
import { FeedOrder } from "./feed-order.ts";
import { inForm, PAYLOAD_FORMS, topicOf } from "./payload-form.ts";
import { refused, refusedFor, tooManyConnections } from "./refused.ts";
import { isStreamsPath, requestTargetOf } from "./request-target.ts";
import type { StreamsSettings } from "./settings.ts";
import { StreamAliases } from "./stream-aliases.ts";
import { UserStreams } from "./user-streams.ts";
import { WindowLimit } from "./window-limit.ts";

/** What the worker needs of the Bun.serve it is mounted on, whatever else that serves. */
export interface StreamsServer {
	publish(topic: string, text: string): number;
	requestIP(request: Request): { readonly address: string } | null;
	upgrade(request: Request, options: { readonly data: StreamsConnection }): boolean;
}

export interface StreamsWorkerOptions {
	readonly pubsub: PubSub;
	readonly venue: VenueView;
	readonly listenKeys: ListenKeys;
	/** The account worker of this user's shard. */
	accounts(userId: number): AccountService;
	/** What connections are counted by, from the headers and the peer's address. */
	clientKey(headers: Headers, peer: string): string;
	/** Where several processes count them together; absent for one alone. */
	readonly connects?: Pick<KeyValue, "increment">;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly random: Random;
	readonly logger: Logger;
	/** One order in so many is traced, the same in every process; absent: none. */
	readonly traceOneIn?: number;
	readonly settings: StreamsSettings;
}

const CONNECT_WINDOW_MS = 300_000;
/** Control messages of one connection that are not answered yet. */
const MAX_WAITING_MESSAGES = 50;
/** Close codes: the client may come back at once, or has broken a rule. */
const RESTARTED = 1012;
const POLICY = 1008;
const INTERNAL = 1011;

/**
 * The WebSocket server of market and user streams: `/ws` and `/stream`. Payloads come ready from the
 * channels `market-data` and `user-events`; every message of the first leaves in one pass, over the
 * topics of Bun's server.
 */
export class StreamsWorker {
	private readonly options: StreamsWorkerOptions;
	private readonly audience = new Audience();
	private readonly aliases = new StreamAliases();
	private readonly feed = new FeedOrder();
	private readonly userStreams: UserStreams;
	private readonly userStreamChecks: SpreadVisits<StreamsConnection>;
	private readonly control: Control;
	private readonly connections = new Set<StreamsConnection>();
	private readonly attempts = new Map<string, WindowLimit>();
	private readonly closedByCode = new Map<number, number>();
	private server: StreamsServer | null = null;
	private endings: Cancel[] = [];
	private hears = false;
	private onHeard = () => {};
	private keysAreAway = false;
	private published = 0;
	private interruptions = 0;

	/** Handlers for Bun.serve; a server that has other sockets too tells them by `ws.data.kind`. */
	readonly websocket = {
		open: (ws: StreamsSocket): void => this.opened(ws),
		message: (ws: StreamsSocket, message: string | Uint8Array): void => this.received(ws, message),
		ping: (ws: StreamsSocket): void => {
			this.spoke(ws.data);
		},
		pong: (ws: StreamsSocket, payload: Buffer): void =>
			ws.data.pings.ponged(payload.toString(), this.options.clock.monotonicMs()),
		close: (ws: StreamsSocket, code: number): void => this.closed(ws.data, code),
	};

	constructor(options: StreamsWorkerOptions) {
		this.options = options;
		this.userStreams = new UserStreams(options);
		this.userStreamChecks = new SpreadVisits(options.scheduler, (connection) =>
			this.checkUserStreams(connection),
		);
		this.control = new Control({
			userStreams: this.userStreams,
			maxStreams: options.settings.streamsPerConnection,
		});
	}

	/**
	 * Options of Bun.serve's `websocket` that the promises rest on: a client that leaves more than the
	 * limit unread is closed, where Bun would drop messages in silence.
	 */
	get socketOptions() {
		return {
			maxPayloadLength: this.options.settings.maxFrameBytes,
			backpressureLimit: this.options.settings.backpressureLimitBytes,
			closeOnBackpressureLimit: true,
			perMessageDeflate: false,
		} as const;
	}

	/**
	 * Begins to hear market data before there are clients. Resolves when it has heard each of so many
	 * partitions: the first message of one would end the streams that are open by then.
	 */
	hear(partitions: number): Promise<void> {
		this.listen();
		return new Promise((resolve) => {
			this.onHeard = () => {
				if (this.feed.partitions >= partitions) resolve();
			};
			this.onHeard();
		});
	}

	/** Begins to hear the channels and to look after connections. */
	start(server: StreamsServer): void {
		invariant(this.server === null, "a streams worker starts once");
		const { pubsub, scheduler, settings } = this.options;
		this.server = server;
		this.listen();
		const userEvents = userEventsOf((userId) => this.userStreams.listensTo(userId));
		this.endings.push(
			pubsub.subscribe(userEvents, (messages) => this.userStreams.receive(messages)),
			pubsub.subscribe(listenKeyClosed, ({ userId }) => this.listenKeyClosed(userId)),
			pubsub.onLoss(() => this.checkAllUserStreams()),
			scheduler.every(settings.feedCheckEveryMs, () => this.checkFeed()),
			scheduler.every(settings.pingEveryMs, () => this.pingAll()),
			scheduler.every(settings.userCheckEveryMs, () => this.checkAllUserStreams()),
			() => this.userStreamChecks.stop(),
		);
	}

	/** Tells every client and closes it. */
	async stop(): Promise<void> {
		this.server = null;
		for (const end of this.endings) end();
		this.endings = [];
		const nowMs = this.options.clock.nowMs();
		for (const connection of [...this.connections]) {
			const goodbye = { e: "serverShutdown", E: connection.timeOf(nowMs) };
			connection.sendEvent("!serverShutdown", goodbye);
			connection.close(RESTARTED, "the server shuts down");
		}
	}

	/** True for requests that `upgrade` answers. */
	handles(pathname: string): boolean {
		return isStreamsPath(pathname);
	}

	/** Makes the request a connection (undefined), or answers why not. */
	async upgrade(request: Request): Promise<Response | undefined> {
		const server = this.server;
		if (server === null) return refused(503, -1016, "This service is no longer available.");
		const nowMs = this.options.clock.monotonicMs();
		const peer = server.requestIP(request)?.address ?? "";
		const client = this.options.clientKey(request.headers, peer);
		const window = this.attemptsOf(client);
		if (!window.take(nowMs)) return tooManyConnections(window.endsInMs(nowMs));
		if (await this.tooManyElsewhere(client)) return tooManyConnections(window.endsInMs(nowMs));
		const target = requestTargetOf(request.url);
		if (target === "badTimeUnit") return refused(400, -1194, INVALID_TIME_UNIT);
		if (target === "badEscape") {
			return refused(400, -1100, "Illegal characters found in a parameter.");
		}
		const connection = new StreamsConnection({
			form: target.form,
			audience: this.audience,
			nowMs,
			messagesPerSecond: this.options.settings.messagesPerSecond,
		});
		try {
			await this.control.subscribe(connection, target.names);
		} catch (error) {
			connection.leave();
			return refusedFor(error);
		}
		if (server.upgrade(request, { data: connection })) return undefined;
		connection.leave();
		return refused(426, -1020, "This address takes WebSocket connections only.");
	}

	/** Prometheus text. */
	metrics(): string {
		const one = (name: string, help: string, value: number) =>
			metricText(`castle_streams_${name}`, help, [["", value]]);
		return [
			one("connections", "WebSocket connections.", this.connections.size),
			one("streams", "Streams that somebody listens to.", this.audience.size),
			one("users", "Users whose events somebody listens to.", this.userStreams.users),
			one(
				"published_total",
				"Messages of market data, once for each who hears it.",
				this.published,
			),
			one(
				"interruptions_total",
				"Times that market data had a gap, began anew or fell silent, and all who heard it were closed.",
				this.interruptions,
			),
			metricText(
				"castle_streams_closed_total",
				"Connections closed, by code.",
				[...this.closedByCode].map(([code, count]) => [`code="${code}"`, count]),
			),
		].join("");
	}

	private listen(): void {
		if (this.hears) return;
		this.hears = true;
		this.endings.push(
			this.options.pubsub.subscribe(marketData, (message) => this.publish(message)),
		);
	}

	private publish(message: MarketDataMessage): void {
		const step = this.feed.step(message);
		if (step === "repeated") return;
		if (step !== "next") this.interrupt(message.partition, step);
		if (step === "first") this.onHeard();
		const { server } = this;
		if (server === null) return;
		for (const [stream, payload] of message.entries) {
			this.publishAs(server, stream, payload);
			for (const alias of this.aliases.of(stream)) this.publishAs(server, alias, payload);
		}
	}

	private publishAs(server: StreamsServer, stream: string, payload: string | LateText): void {
		const listeners = this.audience.of(stream);
		if (listeners === undefined) return;
		for (const [number, form] of PAYLOAD_FORMS.entries()) {
			if (!listeners[number]) continue;
			server.publish(topicOf(stream, number), inForm(form, stream, payload.toString()));
			this.published += listeners[number];
		}
	}

	/** What fell silent may have lost its last messages: nobody waits for the next to tell. */
	private checkFeed(): void {
		for (const partition of this.feed.fallenSilent()) this.interrupt(partition, "silence");
	}

	/**
	 * Something was lost, or may have been before a first message: every market stream that is open ends,
	 * rather than go on with a hole.
	 */
	private interrupt(partition: number, why: string): void {
		const listening = [...this.connections].filter(({ marketStreams }) => marketStreams > 0);
		if (listening.length === 0) return;
		this.interruptions += 1;
		this.options.logger.warn("market data was interrupted", { partition, why });
		for (const connection of listening) connection.close(RESTARTED, "market data was interrupted");
	}

	private opened(ws: StreamsSocket): void {
		const connection = ws.data;
		this.connections.add(connection);
		if (this.server === null || connection.gone) ws.close(RESTARTED, "the server shuts down");
		else connection.opened(ws);
	}

	private received(ws: StreamsSocket, message: string | Uint8Array): void {
		const connection = ws.data;
		if (!this.spoke(connection)) return;
		if (typeof message !== "string") return connection.close(1003, "text frames only");
		connection.waitingMessages += 1;
		if (connection.waitingMessages > MAX_WAITING_MESSAGES) {
			return connection.close(POLICY, "too many requests wait for an answer");
		}
		connection.turn = connection.turn.then(() => this.answer(connection, message));
	}

	private async answer(connection: StreamsConnection, message: string): Promise<void> {
		if (connection.gone) return;
		try {
			connection.send(await this.control.answer(connection, message));
		} catch (error) {
			connection.close(INTERNAL, "internal error");
			if (error instanceof InvariantViolation) throw error;
			this.options.logger.error("a control message failed", { error: String(error) });
		} finally {
			connection.waitingMessages -= 1;
		}
	}

	/** A message or ping came; false when it was one too many and the client is closed. */
	private spoke(connection: StreamsConnection): boolean {
		if (connection.inbound.take(this.options.clock.monotonicMs())) return true;
		connection.close(POLICY, "too many messages within a second");
		return false;
	}

	private closed(connection: StreamsConnection, code: number): void {
		connection.leave();
		this.connections.delete(connection);
		this.closedByCode.set(code, (this.closedByCode.get(code) ?? 0) + 1);
	}

	private pingAll(): void {
		const { clock, random, settings } = this.options;
		const nowMs = clock.monotonicMs();
		for (const connection of [...this.connections]) {
			if (nowMs - connection.openedMs >= settings.maxConnectionAgeMs) {
				connection.close(1001, "a connection ends after 24 hours");
			} else if (nowMs - connection.pings.answeredMs >= settings.pongWithinMs) {
				connection.cut();
			} else connection.ping(random);
		}
		for (const [key, window] of this.attempts) {
			if (window.endsInMs(nowMs) <= 0) this.attempts.delete(key);
		}
	}

	private listenKeyClosed(userId: number): void {
		if (!this.userStreams.listensTo(userId)) return;
		for (const connection of this.connections) {
			if (connection.hears(userId)) this.checkUserStreams(connection);
		}
	}

	private checkAllUserStreams(): void {
		this.userStreamChecks.visitAll([...this.connections].filter((one) => one.hears()));
	}

	private checkUserStreams(connection: StreamsConnection): void {
		this.userStreams.check(connection).then(
			() => {
				this.keysAreAway = false;
			},
			(error: unknown) => {
				// Once for all connections.
				if (!this.keysAreAway) {
					this.options.logger.warn("listen keys cannot be checked", { error: String(error) });
				}
				this.keysAreAway = true;
			},
		);
	}

	/** With those of other processes; while these cannot be asked, one's own count is the bound. */
	private async tooManyElsewhere(client: string): Promise<boolean> {
		const { connects, settings } = this.options;
		if (connects === undefined) return false;
		try {
			const taken = await connects.increment(`connects:${client}`, 1, CONNECT_WINDOW_MS);
			return taken > settings.connectionsPer5Minutes;
		} catch (error) {
			if (!(error instanceof KeyValueUnavailable)) throw error;
			return false;
		}
	}

	private attemptsOf(key: string): WindowLimit {
		let window = this.attempts.get(key);
		if (window === undefined) {
			window = new WindowLimit(this.options.settings.connectionsPer5Minutes, CONNECT_WINDOW_MS);
			this.attempts.set(key, window);
		}
		return window;
	}
}
