import type { AggTrade, Kline, KlineInterval, PublicTrade } from "../../schemas/market.ts";
import { aggTradeOf, aggTradeRow, klineOf, klineRow, tradeOf, tradeRow } from "./row-codec.ts";

/** Rows of one partition that came in one or more consecutive batches; kept whole, never changed. */
export interface SegmentRows {
	readonly trades: readonly PublicTrade[];
	readonly aggTrades: readonly AggTrade[];
	readonly klines: readonly Kline[];
}

/** Lowest and highest, both inclusive. */
interface Span {
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
