import { OrderStatus, Side } from "../../schemas/order.ts";
import type { Fill, OrderState } from "../../schemas/order-state.ts";
import type { TransferRow } from "../../schemas/ports/ledger.ts";
import type { LostPartition, LostShard } from "./lost-log.ts";
import type { RecoveryMoment } from "./recovered-shard.ts";

/** What the order log of a partition lacks, to say what the ledger says. */
export interface MissingHistory {
	/** Fills that the ledger had settled. */
	readonly fills: readonly Fill[];
	/** Orders that it still had open and the ledger no longer, with their end. */
	readonly gone: readonly OrderState[];
}

/** @param orders those that are open now, or that the recovery ends */
export function missingHistory(
	partition: LostPartition,
	shards: readonly LostShard[],
	orders: readonly OrderState[],
	moment: RecoveryMoment,
): MissingHistory {
	const fills = settledFills(partition, shards, moment);
	const evSeq = moment.evSeqs[partition.partition] as number;
	const known = new Set(orders.map(nameOf));
	const byOrder = Map.groupBy(fills, nameOf);
	const gone = partition.openOrders
		.filter((order) => !known.has(nameOf(order)))
		.map((order) => ({ ...endOf(order, byOrder.get(nameOf(order)) ?? []), evSeq }));
	return { fills, gone };
}

function nameOf({ symbolId, orderId }: { symbolId: number; orderId: number }): string {
	return `${symbolId}/${orderId}`;
}

/** By symbol: the price of the last trade that anything knows of. */
export function lastPrices(
	partition: LostPartition,
	shards: readonly LostShard[],
	moment: RecoveryMoment,
): (readonly [symbolId: number, ticks: number])[] {
	const newest = new Map<number, { readonly tradeId: number; readonly priceTicks: number }>();
	const trades = [
		...partition.lastTrades,
		...partition.changes.fills,
		...settledFills(partition, shards, moment),
	];
	for (const { symbolId, tradeId, priceTicks } of trades) {
		if (tradeId >= (newest.get(symbolId)?.tradeId ?? 0)) {
			newest.set(symbolId, { tradeId, priceTicks });
		}
	}
	return [...newest].map(([symbolId, { priceTicks }]) => [symbolId, priceTicks]);
}

/** The fills behind the transfers that the order log does not have. */
function settledFills(
	{ partition }: LostPartition,
	shards: readonly LostShard[],
	{ specOf }: RecoveryMoment,
): Fill[] {
	const rows = shards
		.flatMap(({ transfers }) => transfers[partition] ?? [])
		.filter((row) => row.kind === "fill");
	const lowest = new Map<string, number>();
	for (const row of rows) {
		const key = `${row.symbolId}/${row.tradeId}`;
		lowest.set(key, Math.min(lowest.get(key) ?? row.orderId, row.orderId));
	}
	return rows.flatMap((row) => {
		const spec = specOf(row.symbolId);
		if (spec === undefined) return [];
		const buys = row.debitAssetId === spec.quote.assetId;
		const [base, quote] = buys
			? [row.creditAmount, row.debitAmount]
			: [row.debitAmount, row.creditAmount];
		const qtyLots = Number(base / BigInt(spec.baseUnitsPerLot));
		const tickLots = Number(quote / BigInt(spec.quoteUnitsPerTickLot));
		return [fillOf(row, buys, tickLots / qtyLots, qtyLots, lowest)];
	});
}

/** A transfer does not say who made: the older of two orders did, but for a stop that triggered. */
function fillOf(
	row: TransferRow,
	buys: boolean,
	priceTicks: number,
	qtyLots: number,
	lowest: ReadonlyMap<string, number>,
): Fill {
	const { partition, symbolId, tradeId, orderId, ts, evSeq } = row;
	return {
		...{ partition, symbolId, tradeId, orderId, userId: row.accountId },
		side: buys ? Side.Buy : Side.Sell,
		isMaker: lowest.get(`${symbolId}/${tradeId}`) === orderId,
		...{ priceTicks, qtyLots, feeAmount: row.feeAmount, feeAssetId: row.creditAssetId, ts, evSeq },
	};
}

/** An order that ended after the order log saw it last: filled, if its fills say so. */
function endOf(order: OrderState, ours: readonly Fill[]): OrderState {
	const cumQtyLots = ours.reduce((sum, fill) => sum + fill.qtyLots, order.cumQtyLots);
	const isFilled = order.qtyLots > 0 && cumQtyLots + order.preventedLots >= order.qtyLots;
	return {
		...order,
		status: isFilled ? OrderStatus.Filled : OrderStatus.Canceled,
		cumQtyLots,
		cumTickLots: ours.reduce((sum, f) => sum + f.priceTicks * f.qtyLots, order.cumTickLots),
		updatedAtMs: ours.at(-1)?.ts ?? order.updatedAtMs,
		heldAmount: 0n,
	};
}
