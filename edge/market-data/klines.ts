import { type KlinesParams, klinesParams } from "../../schemas/api/market-data-params.ts";
import { klinesResult } from "../../schemas/api/market-data-results.ts";
import { priceText, qtyText, quoteText } from "../../schemas/api/number-text.ts";
import type { Kline } from "../../schemas/market.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { symbolNamed } from "../symbols.ts";

/** Bars by opening time. */
export const klines = operation({
	group: "Market data",
	summary: "Klines (candlesticks)",
	http: [{ method: "GET", path: "/api/v3/klines" }],
	ws: ["klines"],
	security: "none",
	weight: () => 2,
	freeOnSuccess: false,
	params: klinesParams,
	result: klinesResult,
	run: ({ services }, params) => bars(services, params),
});

/** Bars for charts: here the same as klines. */
export const uiKlines = operation({
	group: "Market data",
	summary: "Klines for charts",
	http: [{ method: "GET", path: "/api/v3/uiKlines" }],
	ws: ["uiKlines"],
	security: "none",
	weight: () => 2,
	freeOnSuccess: false,
	params: klinesParams,
	result: klinesResult,
	run: ({ services }, params) => bars(services, params),
});

async function bars(services: EdgeServices, params: KlinesParams): Promise<unknown> {
	const symbol = symbolNamed(services, params.symbol);
	const { startTime: startMs = null, endTime: endMs = null, limit } = params;
	// Clients that page forwards may have passed the end.
	if (startMs !== null && endMs !== null && startMs > endMs) return [];
	const found = await services.marketData.klines(
		symbol.symbolId,
		params.interval,
		{ startMs, endMs, limit },
		params.timeZone,
	);
	return found.map((kline) => klineView(symbol, kline));
}

function klineView(symbol: SymbolSpec, kline: Kline): readonly unknown[] {
	return [
		kline.openTimeMs,
		priceText(symbol, kline.openTicks),
		priceText(symbol, kline.highTicks),
		priceText(symbol, kline.lowTicks),
		priceText(symbol, kline.closeTicks),
		qtyText(symbol, kline.volumeLots),
		kline.closeTimeMs,
		quoteText(symbol, kline.quoteTickLots),
		kline.trades,
		qtyText(symbol, kline.takerBuyLots),
		quoteText(symbol, kline.takerBuyTickLots),
		"0",
	];
}
