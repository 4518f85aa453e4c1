import {
	type AggTrade,
	KLINE_INTERVALS,
	type Kline,
	type KlineInterval,
	type PublicTrade,
} from "../../schemas/market.ts";

/** Rows of one partition that came in one or more consecutive batches; kept whole, never changed. */
export interface SegmentRows {
	readonly trades: readonly PublicTrade[];
	readonly aggTrades: readonly AggTrade[];
	readonly klines: readonly Kline[];
}

/** Lowest and highest, both inclusive. */
export interface Span {
	readonly low: number;
	readonly high: number;
}

/** Between what a segment's rows of one kind and symbol lie. For bars both are opening times. */
export interface RowBounds {
	readonly ids: Span;
	readonly times: Span;
}

/** By `tradesOf`, `aggTradesOf`, `klinesOf`. */
export type SegmentBounds = Readonly<Record<string, RowBounds>>;

/** What the rows of a symbol are called in a segment's bounds. */
export const tradesOf = (symbolId: number) => `trades/${symbolId}`;
export const aggTradesOf = (symbolId: number) => `aggTrades/${symbolId}`;
export const klinesOf = (symbolId: number, interval: KlineInterval) =>
	`klines/${symbolId}/${interval}`;

/** First element of a stored segment: a reader refuses a version it does not know. */
const VERSION = 1;

export function rowCount({ trades, aggTrades, klines }: SegmentRows): number {
	return trades.length + aggTrades.length + klines.length;
}

export function boundsOf({ trades, aggTrades, klines }: SegmentRows): SegmentBounds {
	const bounds: Record<string, RowBounds> = {};
	const add = (name: string, id: number, ts: number) => {
		const so = bounds[name];
		bounds[name] = { ids: widened(so?.ids, id), times: widened(so?.times, ts) };
	};
	for (const t of trades) add(tradesOf(t.symbolId), t.tradeId, t.ts);
	for (const t of aggTrades) add(aggTradesOf(t.symbolId), t.aggTradeId, t.ts);
	for (const k of klines) add(klinesOf(k.symbolId, k.interval), k.openTimeMs, k.openTimeMs);
	return bounds;
}

function widened(span: Span | undefined, value: number): Span {
	if (span === undefined) return { low: value, high: value };
	return { low: Math.min(span.low, value), high: Math.max(span.high, value) };
}

export function encodeSegment({ trades, aggTrades, klines }: SegmentRows): Uint8Array {
	const rows = [VERSION, trades.map(tradeRow), aggTrades.map(aggTradeRow), klines.map(klineRow)];
	return new TextEncoder().encode(JSON.stringify(rows));
}

/** @throws RangeError for a version this program does not know */
export function decodeSegment(bytes: Uint8Array): SegmentRows {
	const [version, trades, aggTrades, klines] = JSON.parse(new TextDecoder().decode(bytes)) as [
		number,
		number[][],
		number[][],
		unknown[][],
	];
	if (version !== VERSION) throw new RangeError(`not a segment of version ${VERSION}: ${version}`);
	return {
		trades: trades.map(tradeOf),
		aggTrades: aggTrades.map(aggTradeOf),
		klines: klines.map(klineOf),
	};
}

function tradeRow(t: PublicTrade): number[] {
	return [t.symbolId, t.tradeId, t.priceTicks, t.qtyLots, t.ts, t.buyerIsMaker ? 1 : 0];
}

function tradeOf(row: readonly number[]): PublicTrade {
	return {
		symbolId: row[0]!,
		tradeId: row[1]!,
		priceTicks: row[2]!,
		qtyLots: row[3]!,
		ts: row[4]!,
		buyerIsMaker: row[5] === 1,
	};
}

function aggTradeRow(t: AggTrade): number[] {
	const ids = [t.firstTradeId, t.lastTradeId];
	const head = [t.symbolId, t.aggTradeId, t.priceTicks, t.qtyLots];
	return [...head, ...ids, t.ts, t.buyerIsMaker ? 1 : 0];
}

function aggTradeOf(row: readonly number[]): AggTrade {
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

/** Sums as text: a month of tick-lots may pass 2^53. */
function klineRow(k: Kline): (number | string)[] {
	return [
		k.symbolId,
		KLINE_INTERVALS.indexOf(k.interval),
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

function klineOf(row: readonly unknown[]): Kline {
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
