import { expect, test } from "bun:test";
import { InProcessPubSub } from "../../db/cache/in-process-pubsub.ts";
import { MemoryLog } from "../../db/log/memory-log.ts";
import { SqliteOrderLog } from "../../db/order-log/sqlite-order-log.ts";
import { BTCUSDT, buy, sell } from "../../engine/testing/commands.ts";
import { type Command, CommandKind } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { orderLogPositions } from "../../schemas/order-log-position.ts";
import type { LogFields } from "../../schemas/ports/logger.ts";
import type { OrderLog, OrderLogBatch } from "../../schemas/ports/order-log.ts";
import { tradesCodec } from "../../schemas/record-codec.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { PartitionState } from "../matching/partition-state.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { OrderChanges } from "./order-changes.ts";
import { OrderLogWorker } from "./worker.ts";

/** Records of a real engine in `trades`, and order-log workers that come and go. */
class World {
	readonly time = new VirtualTime();
	readonly trades = new MemoryLog<EventRecord>({
		...{ topic: "trades", partitions: 1, logId: "test", scheduler: this.time },
		codec: tradesCodec,
	});
	readonly stored = new SqliteOrderLog({ path: ":memory:" });
	readonly writes: OrderLogBatch[] = [];
	readonly positions: number[] = [];
	/** What was logged, with how many tries had failed by then. */
	readonly told: string[] = [];
	writeTakesMs = 1;
	away = false;
	lostAnswers = 0;
	readonly followedFrom: number[] = [];
	private readonly state = PartitionState.empty(0, "fast");
	private seq = 0;

	constructor() {
		const epoch = this.state.apply({ shard: 1, epoch: 1, ts: 1, command: null });
		const symbol = this.records({ kind: CommandKind.AddSymbol, symbol: BTCUSDT });
		void this.trades.append(0, [...epoch, ...symbol]);
	}

	async worker(): Promise<OrderLogWorker> {
		const pubsub = new InProcessPubSub({ scheduler: this.time });
		pubsub.subscribe(orderLogPositions, ({ evSeq }) => this.positions.push(evSeq));
		const worker = new OrderLogWorker({
			trades: this.counted(),
			partitions: [0],
			orderLog: this.slow(),
			venue: new VenueConfig({ assets: [], symbols: [BTCUSDT] }),
			...{ pubsub, scheduler: this.time },
			logger: { info: this.tell, warn: this.tell, error: () => {} },
			onFatal: (error) => {
				throw error;
			},
		});
		await worker.start();
		return worker;
	}

	records(...commands: Command[]): EventRecord[] {
		return commands.flatMap((command) => {
			this.seq += 1;
			return this.state.apply({ shard: 1, epoch: 1, seq: this.seq, ts: this.seq, command });
		});
	}

	async publish(records: readonly EventRecord[]): Promise<void> {
		void this.trades.append(0, records);
		await this.time.advance(0);
	}

	/** A new resting sell every ms. */
	async load(ms: number): Promise<void> {
		for (let i = 0; i < ms; i += 1) {
			await this.publish(this.records(sell(1, 5, 500 + i)));
			await this.time.advance(1);
		}
	}

	private readonly tell = (message: string, fields: LogFields = {}): void => {
		this.told.push(`${message} ${fields["failures"]}`);
	};

	private slow(): OrderLog {
		const { stored } = this;
		return {
			write: (batch) =>
				new Promise((resolve, reject) => {
					this.time.after(this.writeTakesMs, () => {
						if (this.away) return reject(new Error("away"));
						this.writes.push(batch);
						stored.write(batch).then(() => {
							this.lostAnswers -= 1;
							if (this.lostAnswers >= 0) reject(new Error("no answer"));
							else resolve();
						}, reject);
					});
				}),
			sync: () => stored.sync(),
			position: (partition) => stored.position(partition),
			openOrders: (partition) => stored.openOrders(partition),
			changesAfter: (...at) => stored.changesAfter(...at),
			dropUnfinished: () => stored.dropUnfinished(),
			orderById: () => Promise.resolve(null),
			orderByClientId: () => Promise.resolve(null),
			orders: () => Promise.resolve([]),
			fills: () => Promise.resolve([]),
			amendments: () => Promise.resolve([]),
			preventedMatches: () => Promise.resolve([]),
			close: () => Promise.resolve(),
		};
	}

	private counted() {
		const { trades } = this;
		return {
			...{ topic: "trades", partitions: 1, logId: "test" },
			append: trades.append.bind(trades),
			end: trades.end.bind(trades),
			read: trades.read.bind(trades),
			follow: (...args: Parameters<typeof trades.follow>) => {
				this.followedFrom.push(args[1]);
				return trades.follow(...args);
			},
		};
	}
}

async function allOf(world: World) {
	const range = { fromOrderId: 1, startMs: 0, endMs: 0, limit: 1_000 };
	return {
		orders: [
			...(await world.stored.orders(1, 1, range)),
			...(await world.stored.orders(2, 1, range)),
			...(await world.stored.openOrders(0)),
		],
		fills: await world.stored.fills(1, 1, { ...range, orderId: 0, fromTradeId: 0 }),
	};
}

test("idle, it writes at once", async () => {
	const world = new World();
	await world.worker();
	await world.time.advance(2_000);
	world.writes.length = 0;
	await world.publish(world.records(sell(1, 5, 100)));
	await world.time.advance(2);
	expect(world.writes.length).toBe(1);
	expect(world.positions.at(-1)).toBe(3);
});

test("with little to write it writes four times a second", async () => {
	const world = new World();
	await world.worker();
	await world.time.advance(2_000);
	world.writes.length = 0;
	for (let i = 0; i < 100; i += 1) {
		await world.load(1);
		await world.time.advance(9);
	}
	expect(world.writes.length).toBe(4);
});

test("under load it writes once a second, each order once in a batch", async () => {
	const world = new World();
	await world.worker();
	await world.time.advance(2_000);
	world.writes.length = 0;
	await world.load(3_000);
	// The second, after a quarter of a second, has many rows.
	expect(world.writes.length).toBe(4);
	await world.publish(world.records(buy(2, 2, 500), buy(2, 2, 500)));
	await world.time.advance(1_050);
	const last = world.writes.at(-1) as OrderLogBatch;
	const ids = last.orders.map((order) => order.orderId);
	expect(new Set(ids).size).toBe(ids.length);
	expect(last.orders.find((order) => order.orderId === 1)?.cumQtyLots).toBe(4);
	expect(last.fills.length).toBe(4);
});

test("a write without an answer is repeated, the next waits for it", async () => {
	const world = new World();
	await world.worker();
	await world.time.advance(2_000);
	world.writes.length = 0;
	world.lostAnswers = 2;
	await world.load(600);
	await world.time.advance(2_000);
	const evSeqs = world.writes.map((batch) => batch.evSeq);
	expect(evSeqs.slice(0, 3)).toEqual([evSeqs[0], evSeqs[0], evSeqs[0]] as number[]);
	expect(evSeqs).toEqual([...evSeqs].sort((a, b) => a - b));
	expect((await allOf(world)).orders.length).toBe(600);
});

test("stopped and started at any place it has the same orders and fills", async () => {
	const commands = Array.from({ length: 60 }, (_, i) =>
		i % 3 === 0 ? sell(1, 7, 100 + (i % 5)) : buy(2, 3 + (i % 2), 100 + (i % 5)),
	);
	const whole = new World();
	await whole.worker();
	await whole.publish(whole.records(...commands));
	await whole.time.advance(2_000);
	const expected = await allOf(whole);
	expect(expected.fills.length).toBeGreaterThan(10);

	const world = new World();
	const records = world.records(...commands);
	for (let at = 0; at < records.length; at += 7) {
		const worker = await world.worker();
		await world.publish(records.slice(at, at + 7));
		// Every second one is killed: what it wrote last may be behind.
		const stopped = at % 2 === 0 ? worker.stop() : Promise.resolve();
		if (at % 2 === 1) world.trades.dropFollowers();
		await world.time.advance(10);
		await stopped;
	}
	await world.worker();
	await world.time.advance(2_000);
	expect(await allOf(world)).toEqual(expected);
});

test("stop writes what is gathered", async () => {
	const world = new World();
	const worker = await world.worker();
	await world.load(20);
	const stopped = worker.stop();
	await world.time.advance(10);
	await stopped;
	expect((await allOf(world)).orders.length).toBe(20);
	expect(worker.metrics()).toContain('castle_order_log_lag{partition="0"} 0');
});

test("stop does not wait for an order log that is away", async () => {
	const world = new World();
	const worker = await world.worker();
	world.away = true;
	await world.load(5);
	const stopped = worker.stop();
	await world.time.advance(300);
	await stopped;
	expect(world.writes).toEqual([]);
});

test("while the order log is away a bounded number of rows waits; then it goes on from the log", async () => {
	const world = new World();
	const worker = await world.worker();
	await world.load(1);
	await world.time.advance(2_000);
	world.away = true;
	await world.load(1);
	let price = 10_000;
	let evSeq = 0;
	for (let i = 0; i < 230; i += 1) {
		const orders = Array.from({ length: 1_000 }, () => {
			price += 1;
			return sell(1, 1, price);
		});
		const records = world.records(...orders);
		evSeq = records.at(-1)?.evSeq as number;
		await world.publish(records);
	}
	const waiting = () => Number(/lag\S* (\d+)/.exec(worker.metrics())?.[1]);
	expect(waiting()).toBeLessThan(203_000);
	expect(waiting()).toBeGreaterThan(199_000);
	const rows = Number(/rows_waiting\{\S+ (\d+)/.exec(worker.metrics())?.[1]);
	expect(rows).toBeGreaterThanOrEqual(200_000);
	expect(worker.metrics()).toContain('castle_order_log_rows_waiting_bound{partition="0"} 200000\n');
	await world.time.advance(2_000);
	expect(waiting()).toBeLessThan(203_000);
	world.away = false;
	await world.time.advance(3_000);
	expect(waiting()).toBe(0);
	expect(world.positions.at(-1)).toBe(evSeq);
	expect(world.followedFrom.length).toBe(2);
	expect(world.followedFrom[1]).toBeGreaterThan(199_000);
	expect(world.writes.reduce((sum, batch) => sum + batch.orders.length, 0)).toBe(230_002);
}, 20_000);

test("doubled records count once; a fork and a hole stop it", async () => {
	const world = new World();
	const records = world.records(sell(1, 5, 100), buy(2, 5, 100));
	await world.publish([records[0] as EventRecord, records[0] as EventRecord]);
	await world.publish(records);
	await world.worker();
	await world.time.advance(2_000);
	expect((await allOf(world)).fills.length).toBe(1);

	for (const broken of [
		{ ...(records[1] as EventRecord), hash: "f".repeat(16) },
		{ ...(records[1] as EventRecord), events: [], evSeq: 9 },
	]) {
		const other = new World();
		await other.publish(records);
		await other.worker();
		await other.time.advance(1_000);
		void other.trades.append(0, [broken]);
		const thrown = await until(other.time);
		expect(thrown).toBeInstanceOf(InvariantViolation);
	}
});

/** What a delivery threw. */
function until(time: VirtualTime): Promise<unknown> {
	return time.advance(10).then(
		() => null,
		(error: unknown) => error,
	);
}

test("a write of the worker before that comes into a start is part of what it starts from", async () => {
	const world = new World();
	await world.worker();
	await world.publish(world.records(sell(1, 5, 500), sell(1, 5, 501)));
	await world.time.advance(2_000);
	world.trades.dropFollowers();
	const late = world.records(buy(2, 5, 500));
	await world.publish(late);
	const { stored } = world;
	const openOrders = stored.openOrders.bind(stored);
	const changes = new OrderChanges(0, () => BTCUSDT, await openOrders(0));
	const { tradesOffset } = await stored.position(0);
	for (const [i, record] of late.entries()) changes.apply(record, tradesOffset + i + 1);
	stored.openOrders = async (partition) => {
		stored.openOrders = openOrders;
		await stored.write({ ...changes.take(), logId: "test" });
		return openOrders(partition);
	};
	await world.worker();
	await world.publish(world.records(sell(1, 5, 502)));
	await world.time.advance(2_000);
	expect((await openOrders(0)).map((order) => order.orderId)).toEqual([2, 4]);
});

test("an order log that is away is told of less and less often, and when it is back", async () => {
	const world = new World();
	await world.worker();
	await world.time.advance(2_000);
	world.away = true;
	await world.load(1);
	await world.time.advance(30_000);
	world.away = false;
	await world.time.advance(2_000);
	const tries = [1, 2, 4, 8, 16, 32, 64, 128].map((n) => `the order log is away ${n}`);
	expect(world.told.slice(0, -1)).toEqual(tries);
	expect(world.told.at(-1)).toMatch(/^the order log is back 1[45]\d$/);
});
