import { tickerParams } from "../../schemas/api/market-data-params.ts";
import { tickerResult } from "../../schemas/api/market-data-results.ts";
import { operation } from "../operation.ts";
import { rowPerSymbol, statisticsWeight } from "./symbol-choice.ts";
import { dayTicker, miniTicker } from "./ticker-view.ts";

const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;

/** Statistics of the last 24 hours. */
export const ticker24h = operation({
	group: "Market data",
	summary: "24 h statistics",
	http: [{ method: "GET", path: "/api/v3/ticker/24hr" }],
	ws: ["ticker.24hr"],
	security: "none",
	weight: (params) => statisticsWeight(params),
	freeOnSuccess: false,
	params: tickerParams,
	result: tickerResult,
	run({ services }, params) {
		const { marketData } = services;
		return rowPerSymbol(services, params, async (symbol) => {
			const ticker = await marketData.ticker(symbol.symbolId, DAY_MS, SECOND_MS);
			if (params.type === "MINI") return miniTicker(symbol, ticker);
			return dayTicker(symbol, ticker, await marketData.bookTicker(symbol.symbolId));
		});
	},
});
