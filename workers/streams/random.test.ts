/**
 * What clients hear of market data whose messages are lost, doubled or late, whose workers die, and of whom now and then
 * two publish: each stream without a hole, in order and once, or they are closed.
 */
import { expect, test } from "bun:test";
import { InProcessPubSub } from "../../db/cache/in-process-pubsub.ts";
import { systemRandom } from "../../db/machine/system-random.ts";
import { type MarketDataMessage, marketData } from "../../schemas/market.ts";
import { testVenue } from "../../schemas/testing/symbols.ts";
import { Dice } from "../accounts/testing/random-requests.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import type { StreamsConnection, StreamsSocket } from "./connection.ts";
import { DEFAULT_STREAMS_SETTINGS } from "./settings.ts";
import { StreamsWorker } from "./worker.ts";

const SEEDS = Number(process.env["STREAMS_SEEDS"] ?? 20);
const FIRST_SEED = Number(process.env["STREAMS_FIRST_SEED"] ?? 1);
const STEPS = 300;
/** Of each partition one. */
const STREAMS = ["btcusdt@trade", "ethusdt@trade"];

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`nobody hears a hole, or anything twice: seed ${seed}`, async () => {
		const world = new World(seed);
		for (let n = 0; n < STEPS; n += 1) await world.step();
		expect(world.heard).toBeGreaterThan(50);
	});
}

/** One that publishes a partition: what it says next, as it counts. */
interface Publisher {
	readonly partition: number;
	readonly run: string;
	seq: number;
	/** Of the trade that it tells next. */
	next: number;
}

class World {
	heard = 0;
	private readonly dice: Dice;
	private readonly time = new VirtualTime();
	private readonly pubsub = new InProcessPubSub({ scheduler: this.time, throughCodec: true });
	private readonly worker: StreamsWorker;
	private readonly topics = new Map<string, Set<Client>>();
	private clients: Client[] = [];
	/** The last trade of each partition's market. */
	private readonly trades = STREAMS.map(() => 0);
	private publishers: Publisher[] = [];
	private late: MarketDataMessage[] = [];
	private runs = 0;
	private upgraded: StreamsConnection | null = null;

	constructor(seed: number) {
		this.dice = new Dice(seed * 7_919);
		const { time, pubsub } = this;
		this.worker = new StreamsWorker({
			...{ pubsub, clock: time, scheduler: time, random: systemRandom, venue: testVenue() },
			listenKeys: {} as never,
			accounts: () => ({}) as never,
			clientKey: () => "",
			logger: { info: () => {}, warn: () => {}, error: () => {} },
			settings: {
				...DEFAULT_STREAMS_SETTINGS,
				connectionsPer5Minutes: 1e9,
				messagesPerSecond: 1e9,
			},
		});
		this.worker.start({
			publish: (topic, text) => {
				for (const client of this.topics.get(topic) ?? []) client.hear(text);
				return 1;
			},
			requestIP: () => null,
			upgrade: (_, { data }) => {
				this.upgraded = data;
				return true;
			},
		});
		for (const [partition] of STREAMS.entries()) this.begin(partition);
	}

	async step(): Promise<void> {
		const { dice } = this;
		for (const [partition] of this.trades.entries()) {
			if (dice.chance(500)) (this.trades[partition] as number) += 1;
		}
		for (const publisher of this.publishers) if (dice.chance(900)) this.publish(publisher);
		if (dice.chance(30)) this.replace(dice.roll(STREAMS.length));
		// While two publish, nobody hears much.
		if (dice.chance(300)) this.endZombies();
		if (dice.chance(300)) await this.connect();
		for (const client of this.clients) if (dice.chance(100)) await this.ask(client);
		await this.time.advance(dice.chance(50) ? 4_000 : dice.roll(150));
		for (const client of this.clients) this.heard += client.heard.splice(0).length;
		this.clients = this.clients.filter(({ isOpen }) => isOpen);
	}

	/** Everything that it has not told, in one message. */
	private publish(publisher: Publisher): void {
		const { dice } = this;
		const { partition, run } = publisher;
		const entries: [string, string][] = [];
		for (; publisher.next <= (this.trades[partition] as number); publisher.next += 1) {
			entries.push([
				STREAMS[partition] as string,
				JSON.stringify({ p: partition, t: publisher.next }),
			]);
		}
		publisher.seq += 1;
		const message = { partition, run, seq: publisher.seq, entries };
		if (dice.chance(15)) return;
		if (dice.chance(20)) this.late.push(message);
		this.pubsub.publish(marketData, message);
		if (dice.chance(200))
			for (const each of this.late.splice(0)) this.pubsub.publish(marketData, each);
	}

	/** What the one before has not told, nobody tells; now and then that one goes on. */
	private replace(partition: number): void {
		const others = this.publishers.filter((one) => one.partition !== partition);
		const before = this.publishers.filter((one) => one.partition === partition);
		this.publishers = this.dice.chance(300) ? [...others, ...before.slice(-1)] : others;
		this.begin(partition);
	}

	private endZombies(): void {
		const isLast = (one: Publisher) =>
			this.publishers.findLast(({ partition }) => partition === one.partition) === one;
		this.publishers = this.publishers.filter(isLast);
	}

	private begin(partition: number): void {
		this.runs += 1;
		const next = (this.trades[partition] as number) + 1;
		this.publishers.push({ partition, run: `run${this.runs}`, seq: 0, next });
	}

	private async connect(): Promise<void> {
		const streams = STREAMS.filter(() => this.dice.chance(600));
		const path = this.dice.chance(500)
			? `/ws/${streams.join("/")}`
			: `/stream?streams=${streams.join("/")}`;
		await this.worker.upgrade(new Request(`http://streams${path}`));
		const client = new Client(this.topics, this.upgraded as StreamsConnection, (code) =>
			this.worker.websocket.close(client.socket, code),
		);
		this.clients.push(client);
		this.worker.websocket.open(client.socket);
	}

	private async ask(client: Client): Promise<void> {
		const { dice } = this;
		const params = STREAMS.filter(() => dice.chance(500));
		const method = ["SUBSCRIBE", "UNSUBSCRIBE", "SET_PROPERTY"][dice.roll(3)];
		const property = ["combined", dice.chance(500)];
		const frame = { method, params: method === "SET_PROPERTY" ? property : params, id: 1 };
		this.worker.websocket.message(client.socket, JSON.stringify(frame));
		if (method === "UNSUBSCRIBE") for (const stream of params) client.forget(stream);
		await this.time.settle();
	}
}

/** One that listens, by a socket of Bun's that is not there. */
class Client {
	readonly heard: string[] = [];
	readonly socket: StreamsSocket;
	isOpen = true;
	private readonly last = new Map<number, number>();

	constructor(
		topics: Map<string, Set<Client>>,
		data: StreamsConnection,
		closed: (code: number) => void,
	) {
		const end = (code: number): void => {
			if (!this.isOpen) return;
			this.isOpen = false;
			for (const listeners of topics.values()) listeners.delete(this);
			closed(code);
		};
		this.socket = {
			data,
			readyState: WebSocket.OPEN,
			subscribe: (topic: string) => {
				const listeners = topics.get(topic) ?? new Set();
				topics.set(topic, listeners.add(this));
			},
			unsubscribe: (topic: string) => topics.get(topic)?.delete(this),
			send: () => 1,
			ping: () => 1,
			close: (code: number) => end(code),
			terminate: () => end(1006),
		} as unknown as StreamsSocket;
	}

	hear(text: string): void {
		expect(this.isOpen).toBe(true);
		this.heard.push(text);
		const parsed = JSON.parse(text);
		const payload = parsed.data ?? parsed;
		const partition = payload.p as number;
		const last = this.last.get(partition);
		if (last !== undefined) expect(payload.t).toBe(last + 1);
		this.last.set(partition, payload.t);
	}

	/** It does not listen for a while. */
	forget(stream: string): void {
		this.last.delete(STREAMS.indexOf(stream));
	}
}
