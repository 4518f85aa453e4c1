import {
	averagePriceText,
	percentText,
	priceText,
	qtyText,
	quoteText,
} from "../../schemas/api/number-text.ts";
import type { BookTickerView, TickerView } from "../../schemas/market.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";

/** What any window has; the last 24 hours say more. */
export type WindowStatistics = Omit<TickerView, "lastQtyLots" | "prevCloseTicks">;

/** `type=MINI` of every ticker with statistics. */
export function miniTicker(symbol: SymbolSpec, ticker: WindowStatistics): object {
	return {
		symbol: symbol.symbol,
		openPrice: priceText(symbol, ticker.openTicks),
		highPrice: priceText(symbol, ticker.highTicks),
		lowPrice: priceText(symbol, ticker.lowTicks),
		lastPrice: priceText(symbol, ticker.lastTicks),
		...volumeFields(symbol, ticker),
	};
}

/** A window of any length. */
export function windowTicker(symbol: SymbolSpec, ticker: WindowStatistics): object {
	return {
		symbol: symbol.symbol,
		...changeFields(symbol, ticker),
		openPrice: priceText(symbol, ticker.openTicks),
		highPrice: priceText(symbol, ticker.highTicks),
		lowPrice: priceText(symbol, ticker.lowTicks),
		lastPrice: priceText(symbol, ticker.lastTicks),
		...volumeFields(symbol, ticker),
	};
}

/** The last 24 hours, with what was before and what is on the book. */
export function dayTicker(symbol: SymbolSpec, ticker: TickerView, book: BookTickerView): object {
	return {
		symbol: symbol.symbol,
		...changeFields(symbol, ticker),
		prevClosePrice: priceText(symbol, ticker.prevCloseTicks),
		lastPrice: priceText(symbol, ticker.lastTicks),
		lastQty: qtyText(symbol, ticker.lastQtyLots),
		...bookFields(symbol, book),
		openPrice: priceText(symbol, ticker.openTicks),
		highPrice: priceText(symbol, ticker.highTicks),
		lowPrice: priceText(symbol, ticker.lowTicks),
		...volumeFields(symbol, ticker),
	};
}

/** Best prices and what stands there. */
export function bookFields(symbol: SymbolSpec, book: BookTickerView): object {
	return {
		bidPrice: priceText(symbol, book.bidTicks),
		bidQty: qtyText(symbol, book.bidLots),
		askPrice: priceText(symbol, book.askTicks),
		askQty: qtyText(symbol, book.askLots),
	};
}

function changeFields(symbol: SymbolSpec, ticker: WindowStatistics): object {
	const { openTicks, lastTicks, quoteTickLots, volumeLots } = ticker;
	return {
		priceChange: priceText(symbol, lastTicks - openTicks),
		priceChangePercent: percentText(openTicks, lastTicks),
		weightedAvgPrice: averagePriceText(symbol, quoteTickLots, volumeLots, 0),
	};
}

function volumeFields(symbol: SymbolSpec, ticker: WindowStatistics): object {
	return {
		volume: qtyText(symbol, ticker.volumeLots),
		quoteVolume: quoteText(symbol, ticker.quoteTickLots),
		openTime: ticker.openTimeMs,
		closeTime: ticker.closeTimeMs,
		firstId: ticker.firstTradeId,
		lastId: ticker.lastTradeId,
		count: ticker.trades,
	};
}
