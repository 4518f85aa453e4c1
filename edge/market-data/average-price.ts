import { averagePriceParams } from "../../schemas/api/market-data-params.ts";
import { averagePriceResult } from "../../schemas/api/market-data-results.ts";
import { averagePriceText } from "../../schemas/api/number-text.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";

/** The average price that filters measure against. */
export const averagePrice = operation({
	group: "Market data",
	summary: "Average price",
	http: [{ method: "GET", path: "/api/v3/avgPrice" }],
	ws: ["avgPrice"],
	security: "none",
	weight: () => 2,
	freeOnSuccess: false,
	params: averagePriceParams,
	result: averagePriceResult,
	async run({ services }, params) {
		const symbol = symbolNamed(services, params.symbol);
		const view = await services.marketData.averagePrice(symbol.symbolId);
		return {
			mins: view.mins,
			price: averagePriceText(symbol, view.quoteTickLots, view.volumeLots, view.lastTicks),
			closeTime: view.closeTimeMs,
		};
	},
});
