import {
	type AggTrade,
	KLINE_INTERVALS,
	type Kline,
	type KlineInterval,
	type PublicTrade,
} from "../../schemas/market.ts";

/**
 * Trades and bars as rows of plain values: the columns of the SQLite file, and what a segment in the
 * archive holds. Their order never changes.
 */

/** Intervals are stored by number; the list only ever grows at its end. */
export function intervalNumber(interval: KlineInterval): number {
	return KLINE_INTERVALS.indexOf(interval);
}

export function tradeRow(t: PublicTrade): number[] {
	return [t.symbolId, t.tradeId, t.priceTicks, t.qtyLots, t.ts, t.buyerIsMaker ? 1 : 0];
}

export function tradeOf(row: readonly number[]): PublicTrade {
	return {
		symbolId: row[0]!,
		tradeId: row[1]!,
		priceTicks: row[2]!,
		qtyLots: row[3]!,
		ts: row[4]!,
		buyerIsMaker: row[5] === 1,
	};
}

export function aggTradeRow(t: AggTrade): number[] {
	const ids = [t.firstTradeId, t.lastTradeId];
	const head = [t.symbolId, t.aggTradeId, t.priceTicks, t.qtyLots];
	return [...head, ...ids, t.ts, t.buyerIsMaker ? 1 : 0];
}

export function aggTradeOf(row: readonly number[]): AggTrade {
	return {
		symbolId: row[0]!,
		aggTradeId: row[1]!,
		priceTicks: row[2]!,
		qtyLots: row[3]!,
		firstTradeId: row[4]!,
		lastTradeId: row[5]!,
		ts: row[6]!,
		buyerIsMaker: row[7] === 1,
	};
}

/** Sums as text: a month of tick-lots may pass 2^63. */
export function klineRow(k: Kline): (number | string)[] {
	return [
		k.symbolId,
		intervalNumber(k.interval),
		k.openTimeMs,
		k.closeTimeMs,
		k.openTicks,
		k.highTicks,
		k.lowTicks,
		k.closeTicks,
		k.volumeLots.toString(),
		k.quoteTickLots.toString(),
		k.takerBuyLots.toString(),
		k.takerBuyTickLots.toString(),
		k.trades,
		k.firstTradeId,
		k.lastTradeId,
	];
}

/** The bar of a row that `klineRow` made: closed, as all are that are stored. */
export function klineOf(row: readonly unknown[]): Kline {
	const r = row as number[];
	return {
		symbolId: r[0]!,
		interval: KLINE_INTERVALS[r[1]!]!,
		openTimeMs: r[2]!,
		closeTimeMs: r[3]!,
		openTicks: r[4]!,
		highTicks: r[5]!,
		lowTicks: r[6]!,
		closeTicks: r[7]!,
		volumeLots: BigInt(row[8] as string),
		quoteTickLots: BigInt(row[9] as string),
		takerBuyLots: BigInt(row[10] as string),
		takerBuyTickLots: BigInt(row[11] as string),
		trades: r[12]!,
		firstTradeId: r[13]!,
		lastTradeId: r[14]!,
		closed: true,
	};
}
