import type { LateText } from "./late-text.ts";
import type { Channel } from "./ports/pubsub.ts";

/** A public trade. */
export interface PublicTrade {
	readonly symbolId: number;
	readonly tradeId: number;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly ts: number;
	readonly buyerIsMaker: boolean;
}

/** Trades of one incoming order at one price and time, merged. */
export interface AggTrade {
	readonly symbolId: number;
	/** Gapless per symbol, from 1. */
	readonly aggTradeId: number;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly firstTradeId: number;
	readonly lastTradeId: number;
	readonly ts: number;
	readonly buyerIsMaker: boolean;
}

/** The sixteen intervals, as the API spells them. */
export const KLINE_INTERVALS = [
	"1s",
	"1m",
	"3m",
	"5m",
	"15m",
	"30m",
	"1h",
	"2h",
	"4h",
	"6h",
	"8h",
	"12h",
	"1d",
	"3d",
	"1w",
	"1M",
] as const;
export type KlineInterval = (typeof KLINE_INTERVALS)[number];

/** A bar. Sums are bigint: a day of tick-lots passes 2^53. An empty bar has the last close everywhere. */
export interface Kline {
	readonly symbolId: number;
	readonly interval: KlineInterval;
	readonly openTimeMs: number;
	/** The next bar's opening less 1. */
	readonly closeTimeMs: number;
	readonly openTicks: number;
	readonly highTicks: number;
	readonly lowTicks: number;
	readonly closeTicks: number;
	readonly volumeLots: bigint;
	readonly quoteTickLots: bigint;
	readonly takerBuyLots: bigint;
	readonly takerBuyTickLots: bigint;
	readonly trades: number;
	/** 0 when it has none. */
	readonly firstTradeId: number;
	readonly lastTradeId: number;
	readonly closed: boolean;
}

/** One side's levels: [price in ticks, quantity in lots], best first. */
export type Levels = readonly (readonly [number, number])[];

export interface DepthView {
	readonly lastUpdateId: number;
	readonly bids: Levels;
	readonly asks: Levels;
}

/** Statistics over a window; prices 0 when nothing ever traded. */
export interface TickerView {
	readonly symbolId: number;
	readonly openTicks: number;
	readonly highTicks: number;
	readonly lowTicks: number;
	readonly lastTicks: number;
	readonly lastQtyLots: number;
	/** The close before the window; 0 when there was none. */
	readonly prevCloseTicks: number;
	readonly volumeLots: bigint;
	readonly quoteTickLots: bigint;
	readonly openTimeMs: number;
	readonly closeTimeMs: number;
	/** -1 when there were no trades, as Binance has it. */
	readonly firstTradeId: number;
	readonly lastTradeId: number;
	readonly trades: number;
}

/** Best prices; 0 where the side is empty. */
export interface BookTickerView {
	readonly symbolId: number;
	readonly updateId: number;
	readonly bidTicks: number;
	readonly bidLots: number;
	readonly askTicks: number;
	readonly askLots: number;
}

/** The average is quoteTickLots ÷ volumeLots; when nothing traded in the window, lastTicks. */
export interface AveragePriceView {
	readonly mins: number;
	readonly volumeLots: bigint;
	readonly quoteTickLots: bigint;
	readonly lastTicks: number;
	/** Time of the last trade. */
	readonly closeTimeMs: number;
}

/** What a tick of the market-data worker sends: ready text per stream, all leaving together. */
export interface MarketDataMessage {
	/** Gapless per partition, from 1 at each start of the worker (a new `run`). */
	readonly partition: number;
	readonly run: string;
	readonly seq: number;
	/** Stream name ("btcusdt@depth@100ms") and the Binance payload as JSON text, in order. */
	readonly entries: readonly (readonly [stream: string, payload: string | LateText])[];
}

/** Published every tick, empty ones too, so that a gap is seen within a second. */
export const marketData: Channel<MarketDataMessage> = {
	name: "market-data",
	codec: { encode: (m) => JSON.stringify(m), decode: (t) => JSON.parse(t) },
};
