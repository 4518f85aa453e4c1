import { expect, test } from "bun:test";
import type { OrdersRecord } from "../../schemas/command.ts";
import { EventKind, type EventRecord, type Traded } from "../../schemas/event.ts";
import { clearingAccount, type ShardState, type TransferRow } from "../../schemas/ports/ledger.ts";
import type { Log } from "../../schemas/ports/log.ts";
import { shardOfUser } from "../../schemas/ports/users.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { BTCUSDT, ETHBTC } from "../accounts/testing/symbols.ts";
import { PartitionState } from "../matching/partition-state.ts";
import { baseAmount, quoteAmount } from "../shared/amounts.ts";
import { feeOfSide } from "../shared/order-lifecycle.ts";
import type { RecoveryPlan } from "./plan.ts";
import { restoredOrders } from "./plan.ts";
import { previewRecovery, recover } from "./recover.ts";
import { LossyVenue, PARTITIONS, SHARDS } from "./testing/lossy-venue.ts";
import { soundBooks } from "./testing/sound-books.ts";

const SEEDS = Number(process.env["RECOVERY_SEEDS"] ?? 12);
const FIRST_SEED = Number(process.env["RECOVERY_FIRST_SEED"] ?? 1);

/** Totals by user and asset. */
type Totals = Map<string, bigint>;

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`the log is lost, and every settled balance comes back: seed ${seed}`, async () => {
		const venue = new LossyVenue(seed);
		await venue.open();
		await venue.tradeThroughHalts(60);
		await loseAndRecover(venue);
		await venue.tradeThroughHalts(40);
		// A second time: the numbers go on from the first recovery's.
		await loseAndRecover(venue);
		await venue.tradeThroughHalts(20);
		await atRest(venue);
		venue.kill();
		await venue.start();
		await atRest(venue);
		await venue.close();
	});
}

async function loseAndRecover(venue: LossyVenue): Promise<void> {
	const { dice } = venue;
	const restore = dice.chance(300) ? venue.database.backup() : () => {};
	if (dice.chance(500)) await venue.tradeThroughHalts(dice.roll(40));
	// The stores stand at different events: each is cut off at a moment of its own.
	const cuts = [
		() => venue.cutOrderLog(0),
		() => venue.cutOrderLog(1),
		() => venue.cutLedger(1),
		() => venue.cutLedger(2),
		() => venue.cutMatching(),
	];
	while (cuts.length > 0) {
		const [cut] = cuts.splice(dice.roll(cuts.length), 1);
		if (dice.chance(400)) cut?.();
		await venue.tradeThroughHalts(dice.roll(dice.chance(300) ? 40 : 6));
	}
	const lost = venue.lose();
	restore();
	const before = [1, 2].map((shard) => venue.database.load(shard));
	const logged = [await venue.orderLog.position(0), await venue.orderLog.position(1)];
	const positions = [0, 1, 2].flatMap((shard) => venue.database.load(shard).positions);
	const furthest: number[] = [];
	for (const partition of [0, 1]) {
		const settled = positions.filter((row) => row.partition === partition).map((row) => row.evSeq);
		const stored = await venue.finish(venue.ports().marketConfig(partition));
		furthest.push(Math.max(...settled, stored?.evSeq ?? 0));
	}
	const known = logged.map(({ evSeq }) => evSeq);
	const preview = await venue.finish(previewRecovery(venue.ports()));
	expect([1, 2].map((shard) => venue.database.load(shard))).toEqual(before);
	const plan = await venue.finish(recover(venue.ports(), () => {}));
	const text = (orders: readonly { orderId: number }[]) => orders.map((o) => o.orderId);
	for (const partition of [0, 1]) {
		expect(text(restoredOrders(plan, partition))).toEqual(text(restoredOrders(preview, partition)));
	}
	await settledBalances(venue, plan, before, known, lost.trades);
	await knownOrders(venue, plan, before, known, lost.orders);
	await latestMarkets(venue, plan, furthest, lost.trades);
	clearingIsZero(venue);
	const opened = restoredOrders(plan, 0).length + restoredOrders(plan, 1).length;
	for (let logs = 1 + dice.roll(2); logs > 0; logs -= 1) {
		await venue.start();
		expect((await venue.openIds()).books).toHaveLength(opened);
		if (logs === 1) break;
		// Lost again before anything has happened.
		venue.lose();
		await venue.finish(recover(venue.ports(), () => {}));
	}
	await atRest(venue);
}

/** Invariants 1 to 6 and 17, when nothing is under way. */
async function atRest(venue: LossyVenue): Promise<void> {
	await soundBooks(venue, 3_000);
	clearingIsZero(venue);
}

function clearingIsZero({ database }: LossyVenue): void {
	const sums = new Map<string, bigint>();
	for (let shard = 1; shard <= SHARDS; shard += 1) {
		for (const { accountId, assetId, available } of database.load(shard).balances) {
			if (accountId > clearingAccount(0)) continue;
			const key = `${accountId}/${assetId}`;
			sums.set(key, (sums.get(key) ?? 0n) + available);
		}
	}
	expect([...sums].filter(([, sum]) => sum !== 0n)).toEqual([]);
}

/** Each market is as the furthest of shards and market data knows that it was set last. */
async function latestMarkets(
	venue: LossyVenue,
	plan: RecoveryPlan,
	evSeqs: readonly number[],
	lostTrades: Log<EventRecord>,
): Promise<void> {
	for (const spec of plan.config.symbols) {
		const { partition, symbolId } = spec;
		const said = new VenueConfig();
		for (const { record } of await venue.finish(lostTrades.read(partition, 0, 1_000_000))) {
			if (record.evSeq > (evSeqs[partition] as number)) break;
			for (const event of record.events) said.hear(event, record.command);
		}
		expect(spec).toEqual(said.symbolById(symbolId) as SymbolSpec);
	}
	for (const shard of [0, 1, 2]) expect(venue.database.load(shard).config).toEqual(plan.config);
}

/**
 * What everybody has is what the ledger had settled, what the lost log says of the events that the order
 * log has beyond it, and what the recovery lists: worked out from the lost log itself.
 */
async function settledBalances(
	venue: LossyVenue,
	plan: RecoveryPlan,
	before: readonly ShardState[],
	orderLogEvSeqs: readonly number[],
	lostTrades: Log<EventRecord>,
): Promise<void> {
	for (const [i, state] of before.entries()) {
		const shard = i + 1;
		const totals = totalsOf(state);
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			const from = state.positions.find((row) => row.partition === partition)?.evSeq ?? 0;
			const to = orderLogEvSeqs[partition] as number;
			for (const trade of await tradesBetween(venue, lostTrades, partition, from, to)) {
				for (const isMaker of [true, false]) addFill(totals, trade, isMaker, shard);
			}
		}
		for (const row of plan.shards[shard]?.changes.transfers ?? []) {
			if (row.kind !== "fill" && row.accountId > 0) addTransfer(totals, row);
		}
		const { balances } = venue.database.load(shard);
		expect(nonZero(totalsOf({ balances }))).toEqual(nonZero(totals));
	}
}

function totalsOf({ balances }: Pick<ShardState, "balances">): Totals {
	const users = balances.filter(({ accountId }) => accountId > 0);
	return new Map(users.map((b) => [`${b.accountId}/${b.assetId}`, b.available + b.held]));
}

function nonZero(totals: Totals): [string, bigint][] {
	return [...totals].filter(([, sum]) => sum !== 0n).sort(([a], [b]) => (a < b ? -1 : 1));
}

function add(totals: Totals, userId: number, assetId: number, amount: bigint): void {
	const key = `${userId}/${assetId}`;
	totals.set(key, (totals.get(key) ?? 0n) + amount);
}

function addFill(totals: Totals, trade: Traded, isMaker: boolean, shard: number): void {
	const userId = isMaker ? trade.makerUserId : trade.takerUserId;
	if (shardOfUser(userId, SHARDS) !== shard) return;
	const spec = trade.symbolId === 1 ? BTCUSDT : ETHBTC;
	const base = baseAmount(spec, trade.qtyLots);
	const quote = quoteAmount(spec, trade.priceTicks, trade.qtyLots);
	const buys = (trade.takerSide === 0) !== isMaker;
	const fee = feeOfSide(spec, trade, isMaker);
	add(totals, userId, spec.base.assetId, buys ? base - fee : -base);
	add(totals, userId, spec.quote.assetId, buys ? -quote : quote - fee);
}

function addTransfer(totals: Totals, row: TransferRow): void {
	add(totals, row.accountId, row.debitAssetId, -row.debitAmount);
	add(totals, row.accountId, row.creditAssetId, row.creditAmount);
}

async function tradesBetween(
	venue: LossyVenue,
	log: Log<EventRecord>,
	partition: number,
	from: number,
	to: number,
): Promise<Traded[]> {
	const entries = await venue.finish(log.read(partition, 0, 1_000_000));
	const records = new Map(entries.map(({ record }) => [record.evSeq, record]));
	return [...records.values()]
		.filter(({ evSeq }) => evSeq > from && evSeq <= to)
		.flatMap(({ events }) => events.filter((event) => event.kind === EventKind.Traded));
}

/** What comes back of a shard that is known to an event is what was open then, but for what is listed. */
async function knownOrders(
	venue: LossyVenue,
	plan: RecoveryPlan,
	before: readonly ShardState[],
	orderLogEvSeqs: readonly number[],
	lostOrders: Log<OrdersRecord>,
): Promise<void> {
	for (let partition = 0; partition < PARTITIONS; partition += 1) {
		const restored = restoredOrders(plan, partition);
		expect(restored.map((o) => o.orderId)).toEqual(
			restored.map((o) => o.orderId).sort((a, b) => a - b),
		);
		for (const [i, state] of before.entries()) {
			const ledgerEvSeq = state.positions.find((row) => row.partition === partition)?.evSeq ?? 0;
			const evSeq = Math.max(ledgerEvSeq, orderLogEvSeqs[partition] as number);
			const shard = i + 1;
			const listed = plan.shards[shard]?.changes.ended ?? [];
			const ended = listed.map(({ order }) => order).filter((o) => o.partition === partition);
			const ours = restored.filter((order) => order.shard === shard);
			const told = [...ours, ...ended].map((o) => `${o.symbolId}/${o.orderId}`).sort();
			const book = await openAt(venue, lostOrders, partition, evSeq);
			if (book === null) continue;
			const open = book.filter((order) => shardOfUser(order.userId, SHARDS) === shard);
			expect(told).toEqual(open.map((o) => `${o.symbolId}/${o.orderId}`).sort());
		}
	}
}

/** The orders of a book at an event; null when that stands within an answer. */
async function openAt(
	venue: LossyVenue,
	orders: Log<OrdersRecord>,
	partition: number,
	evSeq: number,
) {
	const state = PartitionState.empty(partition, "naive");
	state.eventsPerRecord = 3;
	for (const { record } of await venue.finish(orders.read(partition, 0, 1_000_000))) {
		const { evSeq: at } = state.marks();
		if (at >= evSeq) break;
		state.apply(record);
	}
	return state.marks().evSeq === evSeq ? [...state.engine.openOrders()] : null;
}
