/** Order-log workers that are killed now and then, or go on beside their successors, leave what one leaves that lives through it all. */
import { expect, test } from "bun:test";
import { DynamoDbOrderLog } from "../../db/order-log/dynamodb/dynamodb-order-log.ts";
import { SqliteOrderLog } from "../../db/order-log/sqlite-order-log.ts";
import { MemoryDynamoDb, type MemoryItems } from "../../db/order-log/testing/memory-dynamodb.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { OrderLog } from "../../schemas/ports/order-log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { type Life, ProcessLog, ProcessScheduler } from "../accounts/testing/process.ts";
import { Dice } from "../accounts/testing/random-requests.ts";
import { RandomVenue, runningOf } from "../accounts/testing/random-venue.ts";
import { BTC, BTCUSDT, ETH, ETHBTC, USDT } from "../accounts/testing/symbols.ts";
import { OrderLogWorker } from "./worker.ts";

const SEEDS = Number(process.env["ORDER_LOG_SEEDS"] ?? 5);
const FIRST_SEED = Number(process.env["ORDER_LOG_FIRST_SEED"] ?? 1);
const STEPS = 100;
const PARTITIONS = [0, 1];
/** So few that pages of before are emptied all the time. */
const PAGE_ORDERS = 3;
/** For how long one that is succeeded may go on, and until what it asked for is done. */
const ZOMBIE_MS = 5_000;
const LATE_MS = 2_000;
/** Of a client that is never asked. */
const SETTINGS = {
	...{ table: "orders", region: "local", endpoint: "http://127.0.0.1:1" },
	credentials: { accessKeyId: "a", secretAccessKey: "b" },
};

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`a start goes on as if it had lived, and agrees with the accounts: seed ${seed}`, async () => {
		const dice = new Dice(seed * 7_919);
		const venue = new RandomVenue(seed);
		await venue.open();
		const { time } = venue.world;
		const later = (run: () => void) => time.after(dice.roll(400), run);
		const file = new SqliteOrderLog({ path: ":memory:" });
		const items: MemoryItems = new Map();
		const onFile = () => started(venue, () => slow(file, later));
		// Who is killed asks for nothing more; what it asked for before comes about, now and then long after.
		const onTable = () =>
			started(venue, (life) => {
				const answering = (run: () => void) =>
					life.alive && time.after(dice.roll(dice.chance(50) ? LATE_MS : 40), run);
				const isLeftOver = () => dice.chance(100);
				return orderLogOn(items, answering, time, isLeftOver, () => isFaulty && dice.chance(50));
			});
		let isFaulty = true;
		const lives = new SqliteOrderLog({ path: ":memory:" });
		const living = await started(venue, () => lives);
		const newest: Started[] = [await onFile(), await onTable()];
		for (let step = 0; step < STEPS; step += 1) {
			await venue.step();
			for (const [i, start] of [onFile, onTable].entries()) {
				if (!dice.chance(150)) continue;
				const { life } = newest[i] as Started;
				// Or it goes on beside its successor, whose start ends when nobody else writes.
				if (dice.chance(600)) life.alive = false;
				else time.after(dice.roll(ZOMBIE_MS), () => Object.assign(life, { alive: false }));
				newest[i] = await start();
			}
		}
		isFaulty = false;
		await venue.standStill([]);
		await time.advance(ZOMBIE_MS + LATE_MS);
		await venue.world.finish(Promise.all([living, ...newest].map(({ worker }) => worker.stop())));
		const written = await allOf(lives);
		expect(written.orders.length).toBeGreaterThan(50);
		expect(await allOf(file)).toEqual(written);
		const table = orderLogOn(
			items,
			(run) => time.soon(run),
			time,
			() => false,
			() => false,
		);
		expect(await venue.world.finish(allOf(table))).toEqual(written);
		agreesWithAccounts(venue, written.orders);
	});
}

interface Started {
	readonly worker: OrderLogWorker;
	readonly life: Life;
}

/** A worker in a process of its own. */
async function started(
	{ world }: RandomVenue,
	orderLogOf: (life: Life) => OrderLog,
): Promise<Started> {
	const life = { alive: true };
	const worker = new OrderLogWorker({
		trades: new ProcessLog(world.trades, life),
		partitions: PARTITIONS,
		orderLog: whileAlive(orderLogOf(life), life),
		venue: new VenueConfig({ assets: [BTC, USDT, ETH], symbols: [BTCUSDT, ETHBTC] }),
		pubsub: { publish() {}, subscribe: () => () => {}, onLoss: () => () => {} },
		scheduler: new ProcessScheduler(world.time, life),
		logger: { info() {}, warn() {}, error() {} },
		onFatal: (error) => {
			throw error;
		},
	});
	await world.finish(worker.start());
	return { worker, life };
}

/** Who is dead by then does not hear that it is written. */
function whileAlive(orderLog: OrderLog, life: Life): OrderLog {
	const write: OrderLog["write"] = (batch) =>
		new Promise((resolve, reject) => {
			orderLog.write(batch).then(() => life.alive && resolve(), reject);
		});
	return Object.assign(Object.create(orderLog), { write });
}

/** Writes arrive after a while, also those of who is dead by then. */
function slow(orderLog: OrderLog, later: (run: () => void) => void): OrderLog {
	const write: OrderLog["write"] = (batch) =>
		new Promise((resolve, reject) => {
			later(() => void orderLog.write(batch).then(resolve, reject));
		});
	return Object.assign(Object.create(orderLog), { write });
}

function orderLogOn(
	items: MemoryItems,
	answering: (run: () => void) => void,
	scheduler: Scheduler,
	isLeftOver: () => boolean,
	isUnheard: () => boolean,
): OrderLog {
	const orderLog = new DynamoDbOrderLog({ settings: SETTINGS, scheduler, pageOrders: PAGE_ORDERS });
	const client = new MemoryDynamoDb(items, answering, isLeftOver, isUnheard);
	Object.assign(orderLog["table"], { client });
	return orderLog;
}

async function allOf(orderLog: OrderLog) {
	const orders: OrderState[] = [];
	const rest: unknown[] = [];
	for (const partition of PARTITIONS) {
		const changes = await orderLog.changesAfter(partition, 0);
		orders.push(...changes.orders);
		const { evSeq } = await orderLog.position(partition);
		rest.push(evSeq, changes.fills, await orderLog.openOrders(partition));
	}
	for (const { userId, symbolId, orderId, clientOrderId, createdAtMs: startMs } of orders) {
		const ofOrder = [userId, symbolId] as const;
		rest.push(await orderLog.orderById(...ofOrder, orderId));
		rest.push(await orderLog.orderByClientId(...ofOrder, clientOrderId));
		const later = { startMs, endMs: 0, limit: 2 };
		rest.push(await orderLog.orders(...ofOrder, { ...later, fromOrderId: 0 }));
		rest.push(await orderLog.fills(...ofOrder, { ...later, orderId: 0, fromTradeId: 0 }));
		const all = { orderId, limit: 1_000 };
		rest.push(await orderLog.amendments(...ofOrder, { ...all, fromExecutionId: 0 }));
		rest.push(await orderLog.preventedMatches(...ofOrder, { ...all, fromPreventedMatchId: 0 }));
	}
	return { orders, rest };
}

/** What an account worker keeps of orders, less what they hold, which the order log does not know. */
function agreesWithAccounts(venue: RandomVenue, orders: readonly OrderState[]): void {
	const withoutHold = (order: OrderState) => ({ ...order, heldAmount: 0n });
	const written = new Map(orders.map((order) => [nameOf(order), order]));
	for (const worker of venue.liveWorkers()) {
		for (const { state } of runningOf(worker).shard.state.orders.all()) {
			expect(withoutHold(state)).toEqual(withoutHold(written.get(nameOf(state)) as OrderState));
		}
	}
}

function nameOf({ symbolId, orderId }: OrderState): string {
	return `${symbolId}/${orderId}`;
}
