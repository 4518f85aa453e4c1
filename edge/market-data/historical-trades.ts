import { historicalTradesParams } from "../../schemas/api/market-data-params.ts";
import { tradesResult } from "../../schemas/api/market-data-results.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { tradeView } from "./trade-view.ts";

/** Trades from an id on; without one, the newest. */
export const historicalTrades = operation({
	group: "Market data",
	summary: "Older trades",
	http: [{ method: "GET", path: "/api/v3/historicalTrades" }],
	ws: ["trades.historical"],
	security: "none",
	weight: () => 25,
	freeOnSuccess: false,
	params: historicalTradesParams,
	result: tradesResult,
	async run({ services }, params) {
		const symbol = symbolNamed(services, params.symbol);
		const trades = await services.marketData.trades(symbol.symbolId, {
			fromId: params.fromId ?? null,
			startMs: null,
			endMs: null,
			limit: params.limit,
		});
		return trades.map((trade) => tradeView(symbol, trade));
	},
});
