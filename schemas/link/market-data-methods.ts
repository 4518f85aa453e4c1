import {
	type AggTrade,
	type AveragePriceView,
	type BookTickerView,
	type DepthView,
	KLINE_INTERVALS,
	type Kline,
	type PublicTrade,
	type TickerView,
} from "../market.ts";
import type { MarketData, TradeRange } from "../ports/market-data.ts";
import type { Methods } from "./methods.ts";
import { big, flag, list, nullable, object, one, tuple, whole } from "./shape.ts";

/** What is asked over a link: all but the venue, which is pushed. */
export type AskedMarketData = Omit<MarketData, "venue">;

const levels = list(tuple<readonly [number, number]>(whole, whole));
const interval = one(KLINE_INTERVALS);
const bounds = { startMs: nullable(whole), endMs: nullable(whole), limit: whole };
const range = object<TradeRange>({ fromId: nullable(whole), ...bounds });

const publicTrade = object<PublicTrade>({
	symbolId: whole,
	tradeId: whole,
	priceTicks: whole,
	qtyLots: whole,
	ts: whole,
	buyerIsMaker: flag,
});

const aggTrade = object<AggTrade>({
	symbolId: whole,
	aggTradeId: whole,
	priceTicks: whole,
	qtyLots: whole,
	firstTradeId: whole,
	lastTradeId: whole,
	ts: whole,
	buyerIsMaker: flag,
});

const kline = object<Kline>({
	symbolId: whole,
	interval,
	openTimeMs: whole,
	closeTimeMs: whole,
	openTicks: whole,
	highTicks: whole,
	lowTicks: whole,
	closeTicks: whole,
	volumeLots: big,
	quoteTickLots: big,
	takerBuyLots: big,
	takerBuyTickLots: big,
	trades: whole,
	firstTradeId: whole,
	lastTradeId: whole,
	closed: flag,
});

const ticker = object<TickerView>({
	symbolId: whole,
	openTicks: whole,
	highTicks: whole,
	lowTicks: whole,
	lastTicks: whole,
	lastQtyLots: whole,
	prevCloseTicks: whole,
	volumeLots: big,
	quoteTickLots: big,
	openTimeMs: whole,
	closeTimeMs: whole,
	firstTradeId: whole,
	lastTradeId: whole,
	trades: whole,
});

/** The questions about a symbol, which is always the first argument. */
export const marketDataMethods: Methods<AskedMarketData> = {
	depth: {
		args: tuple(whole, whole),
		value: object<DepthView>({ lastUpdateId: whole, bids: levels, asks: levels }),
	},
	trades: { args: tuple(whole, range), value: list(publicTrade) },
	aggTrades: { args: tuple(whole, range), value: list(aggTrade) },
	klines: {
		args: tuple(whole, interval, object<Omit<TradeRange, "fromId">>(bounds), whole),
		value: list(kline),
	},
	ticker: { args: tuple(whole, whole, whole), value: ticker },
	bookTicker: {
		args: tuple(whole),
		value: object<BookTickerView>({
			symbolId: whole,
			updateId: whole,
			bidTicks: whole,
			bidLots: whole,
			askTicks: whole,
			askLots: whole,
		}),
	},
	averagePrice: {
		args: tuple(whole),
		value: object<AveragePriceView>({
			mins: whole,
			volumeLots: big,
			quoteTickLots: big,
			lastTicks: whole,
			closeTimeMs: whole,
		}),
	},
};
