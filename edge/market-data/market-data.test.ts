import { describe, expect, test } from "bun:test";
import { safeParse } from "valibot";
import type { KlineInterval } from "../../schemas/market.ts";
import { SymbolState } from "../../schemas/order.ts";
import type { TradeRange } from "../../schemas/ports/market-data.ts";
import { btc, btcUsdt, eth, ethBtc, usdt } from "../../schemas/testing/symbols.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { executionRules } from "../general/execution-rules.ts";
import type { Operation } from "../operation.ts";
import { BOOK, call, errorOf, fakeServices, NOW_MS, TICKER } from "../testing/ops-fakes.ts";
import { aggTrades } from "./agg-trades.ts";
import { bookTicker } from "./book-ticker.ts";
import { depth } from "./depth.ts";
import { historicalBlockTrades } from "./historical-block-trades.ts";
import { historicalTrades } from "./historical-trades.ts";
import { klines } from "./klines.ts";
import { referencePrice } from "./reference-price.ts";
import { ticker24h } from "./ticker-24h.ts";
import { tradingDayTicker } from "./trading-day-ticker.ts";
import { windowTicker } from "./window-ticker.ts";

const SYMBOL = { symbol: "BTCUSDT" };
const DAY_MS = 86_400_000;

function weightOf(operation: Operation, params: Record<string, string>): number {
	const parsed = safeParse(operation.params, params);
	if (!parsed.success) throw new Error(parsed.issues[0].message);
	return operation.weight(parsed.output);
}

function manySymbols(count: number): string {
	return JSON.stringify(Array.from({ length: count }, (_, i) => `S${i}`));
}

test.each([
	[ticker24h, {}, 86_400_000, 1_000],
	[windowTicker, {}, 86_400_000, 60_000],
	[windowTicker, { windowSize: "1d" }, 86_400_000, 60_000],
	[windowTicker, { windowSize: "7d" }, 604_800_000, 60_000],
] as const)("%#: where a ticker's window begins", async (operation, params, windowMs, stepMs) => {
	const asked: unknown[] = [];
	const services = fakeServices({
		marketData: {
			ticker: async (...args) => {
				asked.push(args);
				return TICKER;
			},
		},
	});
	await call(services, operation, { ...SYMBOL, ...params });
	expect(asked).toEqual([[btcUsdt.symbolId, windowMs, stepMs]]);
});

test.each([
	[depth, {}, 5],
	[depth, { limit: "100" }, 5],
	[depth, { limit: "101" }, 25],
	[depth, { limit: "500" }, 25],
	[depth, { limit: "1000" }, 50],
	[depth, { limit: "1001" }, 250],
	[depth, { limit: "999999" }, 250],
] as const)("depth weighs by its levels", (operation, params, weight) => {
	expect(weightOf(operation, { ...SYMBOL, ...params })).toBe(weight);
});

test.each([
	[ticker24h, SYMBOL, 2],
	[ticker24h, { symbols: manySymbols(20) }, 2],
	[ticker24h, { symbols: manySymbols(21) }, 40],
	[ticker24h, { symbols: manySymbols(101) }, 80],
	[ticker24h, {}, 80],
	[windowTicker, SYMBOL, 4],
	[windowTicker, { symbols: manySymbols(3) }, 12],
	[windowTicker, { symbols: manySymbols(70) }, 200],
	[tradingDayTicker, SYMBOL, 4],
	[tradingDayTicker, { symbols: manySymbols(50) }, 200],
	[tradingDayTicker, { symbols: manySymbols(51) }, 200],
	[bookTicker, SYMBOL, 2],
	[bookTicker, {}, 4],
	[executionRules, SYMBOL, 2],
	[executionRules, { symbols: manySymbols(3) }, 6],
	[executionRules, { symbols: manySymbols(21) }, 40],
	[executionRules, { symbolStatus: "TRADING" }, 40],
	[executionRules, {}, 40],
] as const)("tickers weigh by their symbols", (operation, params, weight) => {
	expect(weightOf(operation, params)).toBe(weight);
});

describe("refused", () => {
	test.each([
		[klines, { ...SYMBOL, interval: "7m" }, -1120],
		[klines, { ...SYMBOL, interval: "1D" }, -1120],
		[klines, SYMBOL, -1102],
		[klines, { ...SYMBOL, interval: "1m", timeZone: "15" }, -1130],
		[klines, { ...SYMBOL, interval: "1m", timeZone: "UTC" }, -1130],
		[klines, { ...SYMBOL, interval: "1m", limit: "0" }, -1130],
		[aggTrades, { ...SYMBOL, fromId: "1", startTime: "1" }, -1128],
		[historicalTrades, { ...SYMBOL, fromId: "x" }, -1100],
		[windowTicker, {}, -1102],
		[tradingDayTicker, {}, -1102],
		[tradingDayTicker, { ...SYMBOL, symbols: '["BTCUSDT"]' }, -1128],
		[tradingDayTicker, { ...SYMBOL, timeZone: "15:00" }, -1130],
		[tradingDayTicker, { ...SYMBOL, type: "BIG" }, -1139],
		[windowTicker, { ...SYMBOL, windowSize: "0m" }, -1130],
		[windowTicker, { ...SYMBOL, windowSize: "60m" }, -1130],
		[windowTicker, { ...SYMBOL, windowSize: "8d" }, -1130],
		[ticker24h, { ...SYMBOL, symbols: '["BTCUSDT"]' }, -1128],
		[ticker24h, { ...SYMBOL, type: "BIG" }, -1139],
		[bookTicker, { symbols: '["BTCUSDT","BTCUSDT"]' }, -1151],
		[bookTicker, { symbols: "[]" }, -1100],
		[depth, { symbol: "NOPE" }, -1121],
		[executionRules, { ...SYMBOL, symbolStatus: "TRADING" }, -1128],
		[executionRules, { symbol: "NOPE" }, -1121],
		[referencePrice, SYMBOL, -2043],
		[referencePrice, { symbol: "NOPE" }, -1121],
		[referencePrice, { ...SYMBOL, symbolStatus: "HALT" }, -1220],
		[historicalBlockTrades, SYMBOL, -1102],
		[historicalBlockTrades, { symbol: "NOPE", fromId: "1" }, -1121],
	] as const)("%#", async (operation, params, code) => {
		const attempt = call(fakeServices(), operation, params);
		expect(await errorOf(attempt)).toMatchObject({ code, status: 400 });
	});
});

describe("by the state of symbols", () => {
	const halted = { ...ethBtc, state: SymbolState.Halt };
	const venue = new VenueConfig({ assets: [btc, eth, usdt], symbols: [btcUsdt, halted] });
	const services = fakeServices({
		marketData: {
			venue,
			depth: async () => ({ lastUpdateId: 1, bids: [], asks: [] }),
			bookTicker: async () => BOOK,
		},
	});

	test("of one that has another, an error", async () => {
		for (const operation of [depth, bookTicker]) {
			const ask = (symbolStatus: string) =>
				call(services, operation, { symbol: "ETHBTC", symbolStatus });
			expect(await errorOf(ask("TRADING"))).toMatchObject({ code: -1220, status: 400 });
			expect(await errorOf(ask("ODD"))).toMatchObject({ code: -1122 });
			await ask("HALT");
		}
	});

	test("of many, those that have it", async () => {
		const names = async (params: Record<string, string>) => {
			const { body } = await call(services, bookTicker, params);
			return (body as { symbol: string }[]).map(({ symbol }) => symbol);
		};
		expect(await names({ symbolStatus: "HALT" })).toEqual(["ETHBTC"]);
		const symbols = '["BTCUSDT","ETHBTC"]';
		expect(await names({ symbols, symbolStatus: "TRADING" })).toEqual(["BTCUSDT"]);
		expect(await names({ symbols })).toEqual(["BTCUSDT", "ETHBTC"]);
	});
});

test("what the venue has none of", async () => {
	const services = fakeServices();
	const blocks = await call(services, historicalBlockTrades, { ...SYMBOL, fromId: "0" });
	expect(blocks.body).toEqual([]);
	const rules = await call(services, executionRules, { symbols: '["ETHBTC","BTCUSDT"]' });
	expect(rules.body).toEqual({
		symbolRules: [
			{ symbol: "ETHBTC", rules: [] },
			{ symbol: "BTCUSDT", rules: [] },
		],
	});
	const halted = await call(services, executionRules, { symbolStatus: "HALT" });
	expect(halted.body).toEqual({ symbolRules: [] });
});

describe("the trading day", () => {
	test("is the newest bar of a day in the time zone", async () => {
		const asked: unknown[] = [];
		const services = fakeServices({
			marketData: {
				async klines(...args) {
					asked.push(args);
					return [];
				},
			},
		});
		await call(services, tradingDayTicker, { ...SYMBOL, timeZone: "-03:30" });
		const newest = { startMs: null, endMs: null, limit: 1 };
		expect(asked).toEqual([[btcUsdt.symbolId, "1d", newest, -12_600_000]]);
	});

	test.each([
		["0", NOW_MS - (NOW_MS % DAY_MS)],
		["8", NOW_MS - (NOW_MS % DAY_MS) - 8 * 3_600_000],
		["-03:30", NOW_MS - (NOW_MS % DAY_MS) + 12_600_000 - DAY_MS],
	])("of a symbol without a trade, in %s", async (timeZone, openTime) => {
		const services = fakeServices({ marketData: { klines: async () => [] } });
		const { body } = await call(services, tradingDayTicker, { ...SYMBOL, timeZone });
		const closeTime = openTime + DAY_MS - 1;
		const lastPrice = "0.00000000";
		expect(body).toMatchObject({
			openTime,
			closeTime,
			lastPrice,
			firstId: -1,
			lastId: -1,
			count: 0,
		});
		expect(openTime <= NOW_MS && NOW_MS <= closeTime).toBe(true);
	});
});

test("klines reach market data as they were meant", async () => {
	const seen: [KlineInterval, Omit<TradeRange, "fromId">, number][] = [];
	const services = fakeServices({
		marketData: {
			async klines(_symbolId, interval, range, offsetMs) {
				seen.push([interval, range, offsetMs]);
				return [];
			},
		},
	});
	const params = { ...SYMBOL, interval: "1M" };
	await call(services, klines, { ...params, timeZone: "-03:30", limit: "2000" });
	await call(services, klines, { ...params, startTime: "10", endTime: "1795392000000000" });
	await call(services, klines, { ...params, startTime: "11", endTime: "10" });
	expect(seen).toEqual([
		["1M", { startMs: null, endMs: null, limit: 1000 }, -12_600_000],
		["1M", { startMs: 10, endMs: 1_795_392_000_000, limit: 500 }, 0],
	]);
});
