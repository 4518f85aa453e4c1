import type {
	AggTrade,
	AveragePriceView,
	BookTickerView,
	DepthView,
	Kline,
	Levels,
	PublicTrade,
	TickerView,
} from "../market.ts";
import type { SymbolSpec } from "../symbol.ts";
import { averagePriceText, percentText, priceText, qtyText, quoteText } from "./number-text.ts";

/**
 * Payloads of the market streams as JSON text, with every documented field in the documented order.
 * Texts are put together by hand: these run for every change of every book, and all that goes in is
 * numbers and symbol names, which need no escaping. `eventMs` is the event time `E`, in ms.
 */

/** `<symbol>@trade` */
export function tradePayload(symbol: SymbolSpec, trade: PublicTrade, eventMs: number): string {
	return (
		`${head("trade", symbol, eventMs)},"t":${trade.tradeId}` +
		`,"p":"${priceText(symbol, trade.priceTicks)}","q":"${qtyText(symbol, trade.qtyLots)}"` +
		`,"T":${trade.ts},"m":${trade.buyerIsMaker},"M":true}`
	);
}

/** `<symbol>@aggTrade` */
export function aggTradePayload(symbol: SymbolSpec, agg: AggTrade, eventMs: number): string {
	return (
		`${head("aggTrade", symbol, eventMs)},"a":${agg.aggTradeId}` +
		`,"p":"${priceText(symbol, agg.priceTicks)}","q":"${qtyText(symbol, agg.qtyLots)}"` +
		`,"f":${agg.firstTradeId},"l":${agg.lastTradeId}` +
		`,"T":${agg.ts},"m":${agg.buyerIsMaker},"M":true}`
	);
}

/** `<symbol>@kline_<interval>`, with or without a time zone; a bar without trades has ids -1. */
export function klinePayload(symbol: SymbolSpec, kline: Kline, eventMs: number): string {
	const none = kline.trades === 0;
	return (
		`${head("kline", symbol, eventMs)},"k":{"t":${kline.openTimeMs},"T":${kline.closeTimeMs}` +
		`,"s":"${symbol.symbol}","i":"${kline.interval}"` +
		`,"f":${none ? -1 : kline.firstTradeId},"L":${none ? -1 : kline.lastTradeId}` +
		`,"o":"${priceText(symbol, kline.openTicks)}","c":"${priceText(symbol, kline.closeTicks)}"` +
		`,"h":"${priceText(symbol, kline.highTicks)}","l":"${priceText(symbol, kline.lowTicks)}"` +
		`,"v":"${qtyText(symbol, kline.volumeLots)}","n":${kline.trades},"x":${kline.closed}` +
		`,"q":"${quoteText(symbol, kline.quoteTickLots)}"` +
		`,"V":"${qtyText(symbol, kline.takerBuyLots)}"` +
		`,"Q":"${quoteText(symbol, kline.takerBuyTickLots)}","B":"0"}}`
	);
}

/** `<symbol>@miniTicker` */
export function miniTickerPayload(symbol: SymbolSpec, ticker: TickerView, eventMs: number): string {
	return (
		`${head("24hrMiniTicker", symbol, eventMs)},"c":"${priceText(symbol, ticker.lastTicks)}"` +
		`,"o":"${priceText(symbol, ticker.openTicks)}","h":"${priceText(symbol, ticker.highTicks)}"` +
		`,"l":"${priceText(symbol, ticker.lowTicks)}","v":"${qtyText(symbol, ticker.volumeLots)}"` +
		`,"q":"${quoteText(symbol, ticker.quoteTickLots)}"}`
	);
}

/** `<symbol>@ticker` */
export function tickerPayload(
	symbol: SymbolSpec,
	ticker: TickerView,
	book: BookTickerView,
	eventMs: number,
): string {
	return (
		`${head("24hrTicker", symbol, eventMs)}${changes(symbol, ticker)}` +
		`,"w":"${weightedAverage(symbol, ticker)}","x":"${priceText(symbol, ticker.prevCloseTicks)}"` +
		`,"c":"${priceText(symbol, ticker.lastTicks)}","Q":"${qtyText(symbol, ticker.lastQtyLots)}"` +
		`,"b":"${priceText(symbol, book.bidTicks)}","B":"${qtyText(symbol, book.bidLots)}"` +
		`,"a":"${priceText(symbol, book.askTicks)}","A":"${qtyText(symbol, book.askLots)}"` +
		`${extremes(symbol, ticker)}${sums(symbol, ticker)}`
	);
}

/** `<symbol>@ticker_<window>` */
export function windowTickerPayload(
	symbol: SymbolSpec,
	ticker: TickerView,
	window: "1h" | "4h" | "1d",
	eventMs: number,
): string {
	return (
		`${head(`${window}Ticker`, symbol, eventMs)}${changes(symbol, ticker)}` +
		`${extremes(symbol, ticker)},"c":"${priceText(symbol, ticker.lastTicks)}"` +
		`,"w":"${weightedAverage(symbol, ticker)}"${sums(symbol, ticker)}`
	);
}

/** `<symbol>@bookTicker` */
export function bookTickerPayload(symbol: SymbolSpec, book: BookTickerView): string {
	return (
		`{"u":${book.updateId},"s":"${symbol.symbol}"` +
		`,"b":"${priceText(symbol, book.bidTicks)}","B":"${qtyText(symbol, book.bidLots)}"` +
		`,"a":"${priceText(symbol, book.askTicks)}","A":"${qtyText(symbol, book.askLots)}"}`
	);
}

/** `<symbol>@avgPrice` */
export function averagePricePayload(
	symbol: SymbolSpec,
	avg: AveragePriceView,
	interval: "5m",
	eventMs: number,
): string {
	const price = averagePriceText(symbol, avg.quoteTickLots, avg.volumeLots, avg.lastTicks);
	return `${head("avgPrice", symbol, eventMs)},"i":"${interval}","w":"${price}","T":${avg.closeTimeMs}}`;
}

/** `<symbol>@depth<levels>[@100ms]` */
export function partialDepthPayload(symbol: SymbolSpec, depth: DepthView): string {
	return (
		`{"lastUpdateId":${depth.lastUpdateId}` +
		`,"bids":${levelsText(symbol, depth.bids)},"asks":${levelsText(symbol, depth.asks)}}`
	);
}

/** `<symbol>@depth[@100ms]`: absolute quantities; 0 says that the level is gone. */
export function depthUpdatePayload(
	symbol: SymbolSpec,
	firstUpdateId: number,
	lastUpdateId: number,
	bids: Levels,
	asks: Levels,
	eventMs: number,
): string {
	return (
		`${head("depthUpdate", symbol, eventMs)},"U":${firstUpdateId},"u":${lastUpdateId}` +
		`,"b":${levelsText(symbol, bids)},"a":${levelsText(symbol, asks)}}`
	);
}

function head(event: string, symbol: SymbolSpec, eventMs: number): string {
	return `{"e":"${event}","E":${eventMs},"s":"${symbol.symbol}"`;
}

function changes(symbol: SymbolSpec, ticker: TickerView): string {
	return (
		`,"p":"${priceText(symbol, ticker.lastTicks - ticker.openTicks)}"` +
		`,"P":"${percentText(ticker.openTicks, ticker.lastTicks)}"`
	);
}

function weightedAverage(symbol: SymbolSpec, ticker: TickerView): string {
	return averagePriceText(symbol, ticker.quoteTickLots, ticker.volumeLots, ticker.lastTicks);
}

function extremes(symbol: SymbolSpec, ticker: TickerView): string {
	return (
		`,"o":"${priceText(symbol, ticker.openTicks)}","h":"${priceText(symbol, ticker.highTicks)}"` +
		`,"l":"${priceText(symbol, ticker.lowTicks)}"`
	);
}

function sums(symbol: SymbolSpec, ticker: TickerView): string {
	return (
		`,"v":"${qtyText(symbol, ticker.volumeLots)}","q":"${quoteText(symbol, ticker.quoteTickLots)}"` +
		`,"O":${ticker.openTimeMs},"C":${ticker.closeTimeMs}` +
		`,"F":${ticker.firstTradeId},"L":${ticker.lastTradeId},"n":${ticker.trades}}`
	);
}

function levelsText(symbol: SymbolSpec, levels: Levels): string {
	let text = "[";
	for (const [ticks, lots] of levels) {
		text += `${text === "[" ? "" : ","}["${priceText(symbol, ticks)}","${qtyText(symbol, lots)}"]`;
	}
	return `${text}]`;
}
