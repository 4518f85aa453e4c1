import { tradingDayTickerParams } from "../../schemas/api/market-data-params.ts";
import { windowTickerResult } from "../../schemas/api/market-data-results.ts";
import type { Kline } from "../../schemas/market.ts";
import { operation } from "../operation.ts";
import { checkChosen, rowPerSymbol, windowWeight } from "./symbol-choice.ts";
import { miniTicker, type WindowStatistics, windowTicker } from "./ticker-view.ts";

const DAY_MS = 86_400_000;

/** Statistics of the day so far, which began at midnight of the time zone. */
export const tradingDayTicker = operation({
	group: "Market data",
	summary: "Statistics of the trading day",
	http: [{ method: "GET", path: "/api/v3/ticker/tradingDay" }],
	ws: ["ticker.tradingDay"],
	security: "none",
	weight: (params) => windowWeight(params),
	freeOnSuccess: false,
	params: tradingDayTickerParams,
	result: windowTickerResult,
	async run({ services }, params) {
		checkChosen(params);
		const { marketData, clock } = services;
		const newest = { startMs: null, endMs: null, limit: 1 };
		const view = params.type === "MINI" ? miniTicker : windowTicker;
		return rowPerSymbol(services, params, async (symbol) => {
			const { symbolId } = symbol;
			const [bar] = await marketData.klines(symbolId, "1d", newest, params.timeZone);
			return view(symbol, dayOf(bar ?? dayWithout(symbolId, clock.nowMs(), params.timeZone)));
		});
	},
});

/** The bar of the running day as a ticker. */
function dayOf(bar: Day): WindowStatistics {
	const none = bar.trades === 0;
	return {
		...bar,
		lastTicks: bar.closeTicks,
		firstTradeId: none ? -1 : bar.firstTradeId,
		lastTradeId: none ? -1 : bar.lastTradeId,
	};
}

type Day = Omit<Kline, "interval" | "takerBuyLots" | "takerBuyTickLots" | "closed">;

/** The running day of a symbol in which nothing ever traded. */
function dayWithout(symbolId: number, nowMs: number, offsetMs: number): Day {
	const openTimeMs = Math.floor((nowMs + offsetMs) / DAY_MS) * DAY_MS - offsetMs;
	return {
		symbolId,
		openTimeMs,
		closeTimeMs: openTimeMs + DAY_MS - 1,
		openTicks: 0,
		highTicks: 0,
		lowTicks: 0,
		closeTicks: 0,
		volumeLots: 0n,
		quoteTickLots: 0n,
		trades: 0,
		firstTradeId: 0,
		lastTradeId: 0,
	};
}
