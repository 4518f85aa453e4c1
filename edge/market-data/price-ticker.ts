import { priceTickerParams } from "../../schemas/api/market-data-params.ts";
import { priceTickerResult } from "../../schemas/api/market-data-results.ts";
import { priceText } from "../../schemas/api/number-text.ts";
import { operation } from "../operation.ts";
import { priceWeight, rowPerSymbol } from "./symbol-choice.ts";

/** The last price, 0 before the first trade. */
export const priceTicker = operation({
	group: "Market data",
	summary: "Last price",
	http: [{ method: "GET", path: "/api/v3/ticker/price" }],
	ws: ["ticker.price"],
	security: "none",
	weight: priceWeight,
	freeOnSuccess: false,
	params: priceTickerParams,
	result: priceTickerResult,
	run({ services }, params) {
		return rowPerSymbol(services, params, async (symbol) => {
			const { lastTicks } = await services.marketData.averagePrice(symbol.symbolId);
			return { symbol: symbol.symbol, price: priceText(symbol, lastTicks) };
		});
	},
});
