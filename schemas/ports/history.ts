import type { AggTrade, Kline, KlineInterval, PublicTrade } from "../market.ts";
import type { TradeRange } from "./market-data.ts";

/** What a stretch of `trades` added for good: closed bars and trades. */
export interface HistoryBatch {
	readonly partition: number;
	readonly evSeq: number;
	readonly trades: readonly PublicTrade[];
	readonly aggTrades: readonly AggTrade[];
	/** Closed bars that had trades; empty ones are derived when read. */
	readonly klines: readonly Kline[];
}

/** Closed bars and trades of the past. Writes are idempotent by id (trade, agg trade, opening time). */
export interface History {
	write(batch: HistoryBatch): Promise<void>;
	/** The last evSeq written of a partition; 0 at first. */
	position(partition: number): Promise<number>;
	/** Ascending; without bounds the newest `limit`. */
	trades(symbolId: number, range: TradeRange): Promise<readonly PublicTrade[]>;
	aggTrades(symbolId: number, range: TradeRange): Promise<readonly AggTrade[]>;
	/** Bars with trades by opening time, ascending; without a start the newest `limit`. */
	klines(
		symbolId: number,
		interval: KlineInterval,
		range: Omit<TradeRange, "fromId">,
	): Promise<readonly Kline[]>;
	/** The last bar with trades that opened before `beforeMs`; null when there is none. */
	klineBefore(symbolId: number, interval: KlineInterval, beforeMs: number): Promise<Kline | null>;
	/** What was written before outlives a power cut once this resolves. */
	sync(): Promise<void>;
	close(): Promise<void>;
}
