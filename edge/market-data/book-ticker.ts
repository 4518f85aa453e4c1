import { priceTickerParams } from "../../schemas/api/market-data-params.ts";
import { bookTickerResult } from "../../schemas/api/market-data-results.ts";
import { operation } from "../operation.ts";
import { priceWeight, rowPerSymbol } from "./symbol-choice.ts";
import { bookFields } from "./ticker-view.ts";

/** The best prices and what stands there. */
export const bookTicker = operation({
	group: "Market data",
	summary: "Best prices",
	http: [{ method: "GET", path: "/api/v3/ticker/bookTicker" }],
	ws: ["ticker.book"],
	security: "none",
	weight: priceWeight,
	freeOnSuccess: false,
	params: priceTickerParams,
	result: bookTickerResult,
	run({ services }, params) {
		return rowPerSymbol(services, params, async (symbol) => {
			const book = await services.marketData.bookTicker(symbol.symbolId);
			return { symbol: symbol.symbol, ...bookFields(symbol, book) };
		});
	},
});
