import { tradesParams } from "../../schemas/api/market-data-params.ts";
import { tradesResult } from "../../schemas/api/market-data-results.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { tradeView } from "./trade-view.ts";

/** The newest trades. One client still asks for them under /api/v1. */
export const recentTrades = operation({
	group: "Market data",
	summary: "Recent trades",
	http: [
		{ method: "GET", path: "/api/v3/trades" },
		{ method: "GET", path: "/api/v1/trades" },
	],
	ws: ["trades.recent"],
	security: "none",
	weight: () => 25,
	freeOnSuccess: false,
	params: tradesParams,
	result: tradesResult,
	async run({ services }, params) {
		const symbol = symbolNamed(services, params.symbol);
		const range = { fromId: null, startMs: null, endMs: null, limit: params.limit };
		const trades = await services.marketData.trades(symbol.symbolId, range);
		return trades.map((trade) => tradeView(symbol, trade));
	},
});
