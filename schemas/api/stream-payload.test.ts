import { expect, test } from "bun:test";
import type { Kline, TickerView } from "../market.ts";
import { btcUsdt } from "../testing/symbols.ts";
import * as payload from "./stream-payload.ts";

const E = 1_700_000_000_123;
const T = 1_700_000_000_000;

const ticker: TickerView = {
	symbolId: 1,
	openTicks: 6_000_000,
	highTicks: 6_600_000,
	lowTicks: 5_900_000,
	lastTicks: 5_970_000,
	lastQtyLots: 1_000,
	prevCloseTicks: 5_999_999,
	volumeLots: 300_000n,
	quoteTickLots: 1_800_000_000_000n,
	openTimeMs: T - 86_400_000,
	closeTimeMs: T,
	firstTradeId: 5,
	lastTradeId: 9,
	trades: 5,
};
const book = {
	symbolId: 1,
	updateId: 77,
	bidTicks: 5_969_999,
	bidLots: 12,
	askTicks: 0,
	askLots: 0,
};
const kline: Kline = {
	symbolId: 1,
	interval: "1m",
	openTimeMs: T,
	closeTimeMs: T + 59_999,
	openTicks: 100,
	highTicks: 300,
	lowTicks: 50,
	closeTicks: 200,
	volumeLots: 7n,
	quoteTickLots: 1_234n,
	takerBuyLots: 3n,
	takerBuyTickLots: 600n,
	trades: 2,
	firstTradeId: 11,
	lastTradeId: 12,
	closed: true,
};

/** The keys in the order sent, and what they hold. */
function entries(text: string): unknown[] {
	return Object.entries(JSON.parse(text) as object).map(([key, value]) => `${key}=${value}`);
}

test("trade and aggTrade", () => {
	const match = { symbolId: 1, priceTicks: 6_512_345, qtyLots: 150, ts: T, buyerIsMaker: true };
	expect(payload.tradePayload(btcUsdt, { ...match, tradeId: 42 }, E)).toBe(
		`{"e":"trade","E":${E},"s":"BTCUSDT","t":42,"p":"65123.45000000","q":"0.00150000","T":${T},"m":true,"M":true}`,
	);
	const agg = { ...match, buyerIsMaker: false, aggTradeId: 3, firstTradeId: 42, lastTradeId: 44 };
	expect(payload.aggTradePayload(btcUsdt, agg, E)).toBe(
		`{"e":"aggTrade","E":${E},"s":"BTCUSDT","a":3,"p":"65123.45000000","q":"0.00150000","f":42,"l":44,"T":${T},"m":false,"M":true}`,
	);
});

test("kline", () => {
	const { k, ...outer } = JSON.parse(payload.klinePayload(btcUsdt, kline, E));
	expect(outer).toEqual({ e: "kline", E, s: "BTCUSDT" });
	expect(entries(JSON.stringify(k))).toEqual([
		`t=${T}`,
		`T=${T + 59_999}`,
		"s=BTCUSDT",
		"i=1m",
		"f=11",
		"L=12",
		"o=1.00000000",
		"c=2.00000000",
		"h=3.00000000",
		"l=0.50000000",
		"v=0.00007000",
		"n=2",
		"x=true",
		"q=0.00012340",
		"V=0.00003000",
		"Q=0.00006000",
		"B=0",
	]);
	const empty = { ...kline, trades: 0, firstTradeId: 0, lastTradeId: 0, closed: false };
	const bar = JSON.parse(payload.klinePayload(btcUsdt, empty, E)).k;
	expect([bar.f, bar.L, bar.n, bar.x]).toEqual([-1, -1, 0, false]);
});

test("tickers", () => {
	const common = { s: "BTCUSDT", E, o: "60000.00000000", c: "59700.00000000" };
	const range = { h: "66000.00000000", l: "59000.00000000", v: "3.00000000", q: "180000.00000000" };
	expect(JSON.parse(payload.miniTickerPayload(btcUsdt, ticker, E))).toEqual({
		e: "24hrMiniTicker",
		...common,
		...range,
	});
	const window = {
		...common,
		...range,
		p: "-300.00000000",
		P: "-0.500",
		w: "60000.00000000",
		O: T - 86_400_000,
		C: T,
		F: 5,
		L: 9,
		n: 5,
	};
	expect(JSON.parse(payload.windowTickerPayload(btcUsdt, ticker, "4h", E))).toEqual({
		e: "4hTicker",
		...window,
	});
	const full = payload.tickerPayload(btcUsdt, ticker, book, E);
	expect(JSON.parse(full)).toEqual({
		e: "24hrTicker",
		...window,
		x: "59999.99000000",
		Q: "0.01000000",
		b: "59699.99000000",
		B: "0.00012000",
		a: "0.00000000",
		A: "0.00000000",
	});
	expect(Object.keys(JSON.parse(full)).join("")).toBe("eEspPwxcQbBaAohlvqOCFLn");
});

test("a symbol that never traded has zeros, not nulls or NaN", () => {
	const never: TickerView = {
		...ticker,
		openTicks: 0,
		highTicks: 0,
		lowTicks: 0,
		lastTicks: 0,
		prevCloseTicks: 0,
		lastQtyLots: 0,
		volumeLots: 0n,
		quoteTickLots: 0n,
		firstTradeId: -1,
		lastTradeId: -1,
		trades: 0,
	};
	const sent = JSON.parse(payload.tickerPayload(btcUsdt, never, book, E));
	expect([sent.p, sent.P, sent.w, sent.F, sent.n]).toEqual([
		"0.00000000",
		"0.000",
		"0.00000000",
		-1,
		0,
	]);
});

test("book ticker and average price", () => {
	expect(payload.bookTickerPayload(btcUsdt, book)).toBe(
		'{"u":77,"s":"BTCUSDT","b":"59699.99000000","B":"0.00012000","a":"0.00000000","A":"0.00000000"}',
	);
	const average = { mins: 5, volumeLots: 3n, quoteTickLots: 20n, lastTicks: 5, closeTimeMs: T };
	expect(payload.averagePricePayload(btcUsdt, average, "5m", E)).toBe(
		`{"e":"avgPrice","E":${E},"s":"BTCUSDT","i":"5m","w":"0.06666667","T":${T}}`,
	);
});

test("depth, whole and by differences", () => {
	const bids = [
		[200, 1],
		[199, 0],
	] as const;
	expect(payload.partialDepthPayload(btcUsdt, { lastUpdateId: 9, bids, asks: [] })).toBe(
		'{"lastUpdateId":9,"bids":[["2.00000000","0.00001000"],["1.99000000","0.00000000"]],"asks":[]}',
	);
	expect(payload.depthUpdatePayload(btcUsdt, 8, 9, [], bids, E)).toBe(
		`{"e":"depthUpdate","E":${E},"s":"BTCUSDT","U":8,"u":9,"b":[],"a":[["2.00000000","0.00001000"],["1.99000000","0.00000000"]]}`,
	);
});
