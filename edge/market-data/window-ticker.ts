import { windowTickerParams } from "../../schemas/api/market-data-params.ts";
import { windowTickerResult } from "../../schemas/api/market-data-results.ts";
import { mandatory } from "../http/errors.ts";
import { operation } from "../operation.ts";
import { rowPerSymbol } from "./symbol-choice.ts";
import { miniTicker, windowTicker as windowTickerView } from "./ticker-view.ts";

const MINUTE_MS = 60_000;

/** Statistics of a window that the client chooses; it begins at a whole minute. */
export const windowTicker = operation({
	group: "Market data",
	summary: "Statistics of a rolling window",
	http: [{ method: "GET", path: "/api/v3/ticker" }],
	ws: ["ticker"],
	security: "none",
	weight: (params) => Math.min(200, 4 * (params.symbols?.length ?? 1)),
	freeOnSuccess: false,
	params: windowTickerParams,
	result: windowTickerResult,
	async run({ services }, params) {
		if (params.symbol === undefined && params.symbols === undefined) throw mandatory("symbol");
		return rowPerSymbol(services, params, async (symbol) => {
			const { marketData } = services;
			const ticker = await marketData.ticker(symbol.symbolId, params.windowSize, MINUTE_MS);
			const view = params.type === "MINI" ? miniTicker : windowTickerView;
			return view(symbol, ticker);
		});
	},
});
