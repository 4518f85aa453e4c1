import { VENUE_SHARD } from "../../schemas/command.ts";
import { invariant } from "../../schemas/invariant.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { LedgerBatch, PositionRow, TransferRow } from "../../schemas/ports/ledger.ts";
import { VenueConfig, type VenueConfigState } from "../../schemas/venue-config.ts";
import type { LostLog, LostPartition } from "./lost-log.ts";
import { FIRST_EPOCH, numberBeyond } from "./numbers.ts";
import { restartedBook } from "./open-books.ts";
import { lastPrices, type MissingHistory, missingHistory } from "./order-history.ts";
import { RecoveredShard, type RecoveryMoment } from "./recovered-shard.ts";
import { unknownTrades } from "./unknown-trades.ts";

/** What is left of the log does not add up: nothing is done. */
export class RecoveryImpossible extends Error {
	override readonly name = "RecoveryImpossible";
}

/** An order that was open and cannot be put back. */
export interface EndedOrder {
	readonly order: OrderState;
	readonly why:
		| "it would take"
		| "it was being matched"
		| "its symbol is not known"
		| "its hold is not covered";
}

/** A trade of which one half was settled and the other is nowhere. */
export interface UnknownTrade {
	readonly shard: number;
	/** The half that was settled. */
	readonly half: TransferRow;
}

/** What the venue pays in for a user who spent what nobody knows he had. */
export interface Shortage {
	readonly userId: number;
	readonly assetId: number;
	readonly amount: bigint;
}

/** What changes in one shard, and what is to be told of it. */
export interface ShardChanges
	extends Pick<
		LedgerBatch,
		"balances" | "openOrders" | "closedOrders" | "transfers" | "externalIds" | "recentClientIds"
	> {
	/** By partition: what came from the order log. */
	readonly broughtOrders: readonly number[];
	readonly broughtFills: readonly number[];
	readonly ended: readonly EndedOrder[];
	/** Orders whose answer nobody knows. */
	readonly unanswered: readonly OrderState[];
	readonly shortages: readonly Shortage[];
}

export interface ShardPlan {
	readonly shard: number;
	/** The ledger's last batch when the plan was made. */
	readonly baseBatch: number;
	/** By partition: where it stood. */
	readonly evSeqs: readonly number[];
	readonly changes: ShardChanges;
	readonly positions: readonly PositionRow[];
}

export interface PartitionPlan {
	readonly partition: number;
	/** How far it was known, by any shard or the order log. */
	readonly knownEvSeq: number;
	/** How far the order log had it. */
	readonly orderLogEvSeq: number;
	/** The evSeq before the new log's first. */
	readonly evSeq: number;
	/** By symbol: the price of the last trade. */
	readonly lastTicks: readonly (readonly [symbolId: number, ticks: number])[];
	readonly history: MissingHistory;
	readonly unknownTrades: readonly UnknownTrade[];
}

/** Everything that a recovery does, worked out before any of it is done. */
export interface RecoveryPlan {
	/** The log that the plan is for. */
	readonly logId: string;
	readonly madeAtMs: number;
	readonly config: VenueConfigState;
	/** By shard; the first is the venue's. */
	readonly shards: readonly ShardPlan[];
	readonly partitions: readonly PartitionPlan[];
}

/**
 * Works out the way from what is left of a lost log to the beginning of a new one. A function of what it
 * is given.
 *
 * @param epochs by shard: the epoch that nobody before the new log has
 * @throws RecoveryImpossible when clearing cannot be brought to zero
 */
export function planRecovery(
	lost: LostLog,
	epochs: readonly number[],
	logId: string,
	clockMs: number,
): RecoveryPlan {
	const venue = new VenueConfig(lost.config);
	const states = lost.shards.map(({ state }) => state);
	const lastTs = states.flatMap(({ positions }) => positions.map((row) => row.lastTs));
	const madeAtMs = Math.max(clockMs, ...lastTs);
	const moment: RecoveryMoment = {
		nowMs: madeAtMs,
		evSeqs: lost.partitions.map(({ usedEvSeq }) => numberBeyond(usedEvSeq)),
		accountShards: lost.shards.length - 1,
		specOf: (symbolId) => venue.symbolById(symbolId),
	};
	const shards = lost.shards.slice(1).map((shard) => new RecoveredShard(shard, moment));
	const missing = bringTogether(lost, shards, moment);
	const changes = [NO_CHANGES, ...shards.map((shard) => shard.changes())];
	const orders = changes.flatMap((of) => [...of.openOrders, ...of.ended.map((e) => e.order)]);
	const partitions = lost.partitions.map(
		(partition, p): PartitionPlan => ({
			partition: p,
			knownEvSeq: knownUpTo(partition, shards),
			orderLogEvSeq: partition.orderLogEvSeq,
			evSeq: moment.evSeqs[p] as number,
			lastTicks: lastPrices(partition, lost.shards, moment),
			history: missingHistory(partition, lost.shards, orders, moment),
			unknownTrades: missing[p] as readonly UnknownTrade[],
		}),
	);
	const plans = lost.shards.map(
		({ shard, state, evSeqs }): ShardPlan => ({
			...{ shard, evSeqs, baseBatch: state.batch, changes: changes[shard] as ShardChanges },
			positions: positionsOf(lost, shard, epochs[shard] as number, moment),
		}),
	);
	return { logId, madeAtMs, config: lost.config, shards: plans, partitions };
}

/** Brings the shards to one moment; the trades, by partition, for which the venue stood in. */
function bringTogether(
	lost: LostLog,
	shards: readonly RecoveredShard[],
	moment: RecoveryMoment,
): UnknownTrade[][] {
	for (const shard of shards) {
		for (const { partition, changes } of lost.partitions) shard.bringForward(partition, changes);
		shard.dropUnanswered();
		shard.completeFunds();
	}
	const missing = lost.partitions.map((partition) => unknownTrades(partition, shards));
	for (const trade of missing.flat()) shardOf(shards, trade.shard).standIn(trade);
	for (const partition of lost.partitions) restartBook(partition, shards, moment);
	for (const shard of shards) shard.coverShortages();
	for (const { partition } of lost.partitions) checkClearing(partition, shards);
	return missing;
}

/** Where a shard begins in the new log. The venue's own lines begin with the first. */
function positionsOf(
	lost: LostLog,
	shard: number,
	epoch: number,
	{ evSeqs, nowMs }: RecoveryMoment,
): PositionRow[] {
	const seq = shard === VENUE_SHARD ? 0 : numberBeyond(greatestSeq(lost, shard));
	const ordersEpoch = shard === VENUE_SHARD ? FIRST_EPOCH : epoch;
	return evSeqs.map((evSeq, partition) => ({
		...{ partition, ordersOffset: 0, ordersEpoch },
		...{ ordersSeq: seq, heldSeq: seq, answeredSeq: seq },
		...{ tradesOffset: 0, evSeq, hash: "", lastTs: nowMs },
	}));
}

/** The orders of a partition's new book, ascending by id. */
export function restoredOrders(plan: RecoveryPlan, partition: number): OrderState[] {
	return plan.shards
		.flatMap(({ changes }) => changes.openOrders)
		.filter((order) => order.partition === partition)
		.sort((a, b) => a.orderId - b.orderId);
}

const NO_CHANGES: ShardChanges = {
	...{ balances: [], openOrders: [], closedOrders: [], transfers: [], externalIds: [] },
	...{ recentClientIds: [], broughtOrders: [], broughtFills: [] },
	...{ ended: [], unanswered: [], shortages: [] },
};

/** How far a shard is known in a partition: by its ledger, or by the order log. */
function knownBy(partition: LostPartition, shard: RecoveredShard): number {
	return Math.max(shard.lost.evSeqs[partition.partition] ?? 0, partition.orderLogEvSeq);
}

function knownUpTo(partition: LostPartition, shards: readonly RecoveredShard[]): number {
	return Math.max(...shards.map((shard) => knownBy(partition, shard)));
}

/** Those whose shard is known up to the end come first: they are one book, and cannot be crossed. */
function restartBook(
	partition: LostPartition,
	shards: readonly RecoveredShard[],
	moment: RecoveryMoment,
): void {
	const known = knownUpTo(partition, shards);
	const isWhole = (shard: RecoveredShard) => knownBy(partition, shard) === known;
	const ordersOf = (some: readonly RecoveredShard[]) =>
		some
			.flatMap((shard) => shard.open())
			.filter((order) => order.partition === partition.partition)
			.sort((a, b) => a.orderId - b.orderId);
	const candidates = [
		...ordersOf(shards.filter(isWhole)),
		...ordersOf(shards.filter((shard) => !isWhole(shard))),
	];
	for (const { order, why } of restartedBook(candidates, moment)) {
		shardOf(shards, order.shard).end(order, why);
	}
}

function shardOf(shards: readonly RecoveredShard[], shard: number): RecoveredShard {
	const found = shards[shard - 1];
	invariant(found !== undefined, `there is no shard ${shard}`);
	return found;
}

/** Of a shard, in any partition. There may be more rows than a call takes arguments. */
function greatestSeq({ partitions, shards }: LostLog, shard: number): number {
	const state = shards[shard]?.state;
	let greatest = 0;
	for (const { ordersSeq, heldSeq } of state?.positions ?? []) {
		greatest = Math.max(greatest, ordersSeq, heldSeq);
	}
	for (const { seq } of state?.openOrders ?? []) greatest = Math.max(greatest, seq);
	for (const { seq } of state?.externalIds ?? []) greatest = Math.max(greatest, seq);
	for (const { changes } of partitions) {
		for (const order of changes.orders) {
			if (order.shard === shard) greatest = Math.max(greatest, order.seq);
		}
	}
	return greatest;
}

function checkClearing(partition: number, shards: readonly RecoveredShard[]): void {
	const sums = new Map<number, bigint>();
	for (const shard of shards) {
		for (const [assetId, amount] of shard.clearing(partition)) {
			sums.set(assetId, (sums.get(assetId) ?? 0n) + amount);
		}
	}
	const open = [...sums].filter(([, sum]) => sum !== 0n);
	if (open.length === 0) return;
	const what = open.map(([assetId, sum]) => `asset ${assetId}: ${sum}`).join(", ");
	throw new RecoveryImpossible(
		`clearing of partition ${partition} does not come to zero (${what}): ledger and order log are not of one venue, or one of them was restored to an earlier point`,
	);
}
