import { invariant } from "../../schemas/invariant.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { LedgerBatch, PositionRow, TransferRow } from "../../schemas/ports/ledger.ts";
import { VenueConfig, type VenueConfigState } from "../../schemas/venue-config.ts";
import type { LostLog, LostPartition } from "./lost-log.ts";
import { numberBeyond } from "./numbers.ts";
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
	const seqs = lost.shards.map((shard) => numberBeyond(greatestSeq(lost, shard.shard)));
	const changes = [NO_CHANGES, ...shards.map((shard) => shard.changes())];
	const partitions = lost.partitions.map((partition): PartitionPlan => {
		const p = partition.partition;
		const orders = changes.flatMap((of) => [...of.openOrders, ...of.ended.map((e) => e.order)]);
		return {
			partition: p,
			knownEvSeq: knownUpTo(partition, shards),
			orderLogEvSeq: partition.orderLogEvSeq,
			evSeq: moment.evSeqs[p] as number,
			lastTicks: lastPrices(partition, lost.shards, moment),
			history: missingHistory(partition, lost.shards, orders, moment),
			unknownTrades: missing[p] as readonly UnknownTrade[],
		};
	});
	const plans = lost.shards.map(
		({ shard, state, evSeqs }): ShardPlan => ({
			...{ shard, evSeqs, baseBatch: state.batch, changes: changes[shard] as ShardChanges },
			positions: moment.evSeqs.map((evSeq, partition) => ({
				...{ partition, ordersOffset: 0, tradesOffset: 0, evSeq, hash: "", lastTs: madeAtMs },
				// The venue's own lines begin with the first.
				ordersEpoch: shard === 0 ? 0 : (epochs[shard] as number),
				ordersSeq: shard === 0 ? 0 : (seqs[shard] as number),
				heldSeq: shard === 0 ? 0 : (seqs[shard] as number),
			})),
		}),
	);
	return { logId, madeAtMs, config: lost.config, shards: plans, partitions };
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
export function knownBy(partition: LostPartition, shard: RecoveredShard): number {
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

function greatestSeq({ partitions, shards }: LostLog, shard: number): number {
	const state = shards[shard]?.state;
	const orders = [...(state?.openOrders ?? []), ...partitions.flatMap((p) => p.changes.orders)];
	return Math.max(
		0,
		...(state?.positions ?? []).flatMap((row) => [row.ordersSeq, row.heldSeq]),
		...orders.filter((order) => order.shard === shard).map((order) => order.seq),
		...(state?.externalIds ?? []).map((row) => row.seq),
	);
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
