/** What bots ask beside orders and books: the same over HTTP and over /ws-api/v3. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ApiParameters } from "./testing/api-client.ts";
import { RunningExchange } from "./testing/running-exchange.ts";
import type { StreamClient } from "./testing/stream-client.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import { type Trader, trade } from "./testing/trader.ts";
import { openWsApi, signedParams } from "./testing/ws-api-client.ts";

const exchange = new RunningExchange();
const markets = new TestMarkets(exchange);
let ws: StreamClient;

beforeAll(async () => {
	await exchange.start();
	ws = await openWsApi(exchange.url);
});
afterAll(async () => {
	await ws?.close();
	await exchange.dispose();
});

/** What anyone may ask: the body over HTTP, once it is known that /ws-api/v3 says the same. */
async function asked(path: string, method: string, params: ApiParameters) {
	const query = new URLSearchParams(params as Record<string, string>);
	const response = await fetch(`${exchange.url}${path}?${query}`);
	// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
	const body = (await response.json()) as any;
	const reply = await ws.ask(method, params);
	expect([reply.status, reply.result ?? reply.error]).toEqual([response.status, body]);
	return body;
}

/** What an account may ask: the body over HTTP, once it is known that /ws-api/v3 says the same. */
async function askedBy(user: Trader, path: string, method: string, params: ApiParameters = {}) {
	const { status, body } = await user.call("GET", path, params);
	const reply = await ws.ask(method, signedParams(user.key, params));
	expect([reply.status, reply.result ?? reply.error]).toEqual([status, body]);
	return body;
}

test("ticker/tradingDay: the day so far", async () => {
	const { symbol, maker, taker } = await markets.scene();
	const day = (params: ApiParameters) =>
		asked("/api/v3/ticker/tradingDay", "ticker.tradingDay", { symbol, ...params });
	expect(await day({})).toMatchObject({ lastPrice: "0.00000000", firstId: -1, count: 0 });
	await trade(maker, taker, "100");
	await trade(maker, taker, "90");
	const seen = await day({});
	expect(seen).toMatchObject({
		...{ openPrice: "100.00000000", highPrice: "100.00000000", lowPrice: "90.00000000" },
		...{ lastPrice: "90.00000000", priceChange: "-10.00000000", priceChangePercent: "-10.000" },
		...{ volume: "2.00000000", quoteVolume: "190.00000000", firstId: 1, lastId: 2, count: 2 },
	});
	expect([seen.openTime % 86_400_000, seen.closeTime - seen.openTime]).toEqual([0, 86_399_999]);
	const elsewhere = await day({ timeZone: "-03:30", type: "MINI" });
	expect(elsewhere).toMatchObject({ lastPrice: "90.00000000", count: 2 });
	expect(elsewhere.openTime % 86_400_000).toBe(12_600_000);
});

test("order lists and allocations: none", async () => {
	const { user, symbol } = await markets.scene();
	const lists = "/api/v3/allOrderList";
	expect(await askedBy(user, "/api/v3/openOrderList", "openOrderLists.status")).toEqual([]);
	expect(await askedBy(user, lists, "allOrderLists")).toEqual([]);
	expect(await askedBy(user, lists, "allOrderLists", { fromId: 1, endTime: 1 })).toMatchObject({
		code: -1128,
	});
	const named = { origClientOrderId: "mine" };
	const one = await askedBy(user, "/api/v3/orderList", "orderList.status", named);
	expect(one).toEqual({ code: -2013, msg: "Order does not exist." });
	expect(await askedBy(user, "/api/v3/myAllocations", "myAllocations", { symbol })).toEqual([]);
});

test("myFilters: those of exchangeInfo", async () => {
	const { user, symbol } = await markets.scene();
	const info = await user.send("GET", "/api/v3/exchangeInfo", `symbol=${symbol}`);
	const own = await askedBy(user, "/api/v3/myFilters", "myFilters", { symbol });
	expect(own).toEqual({
		...{ exchangeFilters: [], assetFilters: [], symbolFilters: info.body.symbols[0].filters },
	});
	const unknown = await askedBy(user, "/api/v3/myFilters", "myFilters", { symbol: "NOPE" });
	expect(unknown).toEqual({ code: -1121, msg: "Invalid symbol." });
});
