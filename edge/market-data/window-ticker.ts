import { windowTickerParams } from "../../schemas/api/market-data-params.ts";
import { windowTickerResult } from "../../schemas/api/market-data-results.ts";
import { operation } from "../operation.ts";
import { checkChosen, rowPerSymbol, windowWeight } from "./symbol-choice.ts";
import { miniTicker, windowTicker as windowTickerView } from "./ticker-view.ts";

const MINUTE_MS = 60_000;

/** Statistics of a window that the client chooses; it begins at a whole minute. */
export const windowTicker = operation({
	group: "Market data",
	summary: "Statistics of a rolling window",
	http: [{ method: "GET", path: "/api/v3/ticker" }],
	ws: ["ticker"],
	security: "none",
	weight: (params) => windowWeight(params),
	freeOnSuccess: false,
	params: windowTickerParams,
	result: windowTickerResult,
	async run({ services }, params) {
		checkChosen(params);
		return rowPerSymbol(services, params, async (symbol) => {
			const { marketData } = services;
			const ticker = await marketData.ticker(symbol.symbolId, params.windowSize, MINUTE_MS);
			const view = params.type === "MINI" ? miniTicker : windowTickerView;
			return view(symbol, ticker);
		});
	},
});
