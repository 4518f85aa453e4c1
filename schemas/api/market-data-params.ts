import * as v from "valibot";
import {
	endTime,
	interval,
	limit,
	params,
	startTime,
	symbol,
	symbolStatus,
	symbols,
	tickerType,
	timeZone,
	whole,
	windowSize,
} from "./param-types.ts";

/** Parameters of the market data calls. */

export const depthParams = params({
	symbol,
	limit: limit(5000, 100),
	symbolStatus: v.optional(symbolStatus),
});

export const tradesParams = params({ symbol, limit: limit(1000, 500) });

export const historicalTradesParams = params({
	symbol,
	limit: limit(1000, 500),
	fromId: v.optional(whole),
});

export const blockTradesParams = params({ symbol, fromId: whole, limit: limit(1000, 500) });

export const referencePriceParams = params({ symbol, symbolStatus: v.optional(symbolStatus) });

export const aggTradesParams = params({
	symbol,
	fromId: v.optional(whole),
	startTime: v.optional(startTime),
	endTime: v.optional(endTime),
	limit: limit(1000, 500),
});

export const klinesParams = params({
	symbol,
	interval,
	startTime: v.optional(startTime),
	endTime: v.optional(endTime),
	timeZone: v.optional(timeZone, "0"),
	limit: limit(1000, 500),
});
export type KlinesParams = v.InferOutput<typeof klinesParams>;

export const averagePriceParams = params({ symbol });

/** One symbol gives an object, several or none a list. */
const symbolChoiceEntries = {
	symbol: v.optional(symbol),
	symbols: v.optional(symbols),
	symbolStatus: v.optional(symbolStatus),
};

export const priceTickerParams = params(symbolChoiceEntries);

export const tickerParams = params({
	...symbolChoiceEntries,
	type: v.optional(tickerType, "FULL"),
});

export const tradingDayTickerParams = params({
	...symbolChoiceEntries,
	timeZone: v.optional(timeZone, "0"),
	type: v.optional(tickerType, "FULL"),
});

export const windowTickerParams = params({
	...symbolChoiceEntries,
	windowSize: v.optional(windowSize, "1d"),
	type: v.optional(tickerType, "FULL"),
});
