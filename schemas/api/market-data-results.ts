import * as v from "valibot";
import { amount, id, timeMs } from "./result-types.ts";

/** What the market data calls answer. */

const level = v.strictTuple([amount, amount]);

export const depthResult = v.strictObject({
	lastUpdateId: id,
	bids: v.array(level),
	asks: v.array(level),
});

export const tradesResult = v.array(
	v.strictObject({
		id,
		price: amount,
		qty: amount,
		quoteQty: amount,
		time: timeMs,
		isBuyerMaker: v.boolean(),
		isBestMatch: v.boolean(),
	}),
);

export const aggTradesResult = v.array(
	v.strictObject({
		a: id,
		p: amount,
		q: amount,
		f: id,
		l: id,
		T: timeMs,
		m: v.boolean(),
		M: v.boolean(),
	}),
);

export const klinesResult = v.array(
	v.strictTuple([
		timeMs,
		amount,
		amount,
		amount,
		amount,
		amount,
		timeMs,
		amount,
		id,
		amount,
		amount,
		v.literal("0"),
	]),
);

export const averagePriceResult = v.strictObject({
	mins: v.number(),
	price: amount,
	closeTime: timeMs,
});

function oneOrMany<const Row extends v.GenericSchema>(row: Row) {
	return v.union([row, v.array(row)]);
}

const miniEntries = {
	symbol: v.string(),
	openPrice: amount,
	highPrice: amount,
	lowPrice: amount,
	lastPrice: amount,
	volume: amount,
	quoteVolume: amount,
	openTime: timeMs,
	closeTime: timeMs,
	firstId: id,
	lastId: id,
	count: id,
};

const changeEntries = {
	...miniEntries,
	priceChange: amount,
	priceChangePercent: v.pipe(v.string(), v.regex(/^-?\d+\.\d{3}$/)),
	weightedAvgPrice: amount,
};

const mini = v.strictObject(miniEntries);

export const tickerResult = oneOrMany(
	v.union([
		v.strictObject({
			...changeEntries,
			prevClosePrice: amount,
			lastQty: amount,
			bidPrice: amount,
			bidQty: amount,
			askPrice: amount,
			askQty: amount,
		}),
		mini,
	]),
);

export const windowTickerResult = oneOrMany(v.union([v.strictObject(changeEntries), mini]));

export const priceTickerResult = oneOrMany(v.strictObject({ symbol: v.string(), price: amount }));

export const bookTickerResult = oneOrMany(
	v.strictObject({
		symbol: v.string(),
		bidPrice: amount,
		bidQty: amount,
		askPrice: amount,
		askQty: amount,
	}),
);
