/** Order-log workers that are killed now and then leave what one leaves that lives through it all. */
import { expect, test } from "bun:test";
import { SqliteOrderLog } from "../../db/order-log/sqlite-order-log.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { OrderLog } from "../../schemas/ports/order-log.ts";
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

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`a start goes on as if it had lived, and agrees with the accounts: seed ${seed}`, async () => {
		const dice = new Dice(seed * 7_919);
		const venue = new RandomVenue(seed);
		await venue.open();
		const lives = new SqliteOrderLog({ path: ":memory:" });
		const restarts = new SqliteOrderLog({ path: ":memory:" });
		const living = await started(venue, lives, () => 0);
		let again = await started(venue, restarts, () => dice.roll(400));
		for (let step = 0; step < STEPS; step += 1) {
			await venue.step();
			if (!dice.chance(150)) continue;
			again.life.alive = false;
			again = await started(venue, restarts, () => dice.roll(400));
		}
		await venue.standStill([]);
		await venue.world.finish(Promise.all([living, again].map(({ worker }) => worker.stop())));
		const written = await allOf(lives);
		expect(written.orders.length).toBeGreaterThan(50);
		expect(await allOf(restarts)).toEqual(written);
		agreesWithAccounts(venue, written.orders);
	});
}

/** A worker in a process of its own, whose writes arrive after a while, also when it is dead by then. */
async function started(
	{ world }: RandomVenue,
	orderLog: SqliteOrderLog,
	writeTakesMs: () => number,
): Promise<{ readonly worker: OrderLogWorker; readonly life: Life }> {
	const life = { alive: true };
	const scheduler = new ProcessScheduler(world.time, life);
	const slow: OrderLog = Object.assign(Object.create(orderLog), {
		write: (batch: Parameters<OrderLog["write"]>[0]) =>
			new Promise<void>((resolve, reject) => {
				world.time.after(writeTakesMs(), () => {
					orderLog.write(batch).then(() => life.alive && resolve(), reject);
				});
			}),
	});
	const worker = new OrderLogWorker({
		trades: new ProcessLog(world.trades, life),
		partitions: PARTITIONS,
		orderLog: slow,
		venue: new VenueConfig({ assets: [BTC, USDT, ETH], symbols: [BTCUSDT, ETHBTC] }),
		pubsub: { publish() {}, subscribe: () => () => {} },
		scheduler,
		logger: { info() {}, warn() {}, error() {} },
		onFatal: (error) => {
			throw error;
		},
	});
	await world.finish(worker.start());
	return { worker, life };
}

async function allOf(orderLog: SqliteOrderLog) {
	const orders: OrderState[] = [];
	const rest: unknown[] = [];
	for (const partition of PARTITIONS) {
		const changes = await orderLog.changesAfter(partition, 0);
		orders.push(...changes.orders);
		const { evSeq } = await orderLog.position(partition);
		rest.push(evSeq, changes.fills, await orderLog.openOrders(partition));
	}
	for (const { userId, symbolId, orderId } of orders) {
		const ofOrder = [userId, symbolId] as const;
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
