/** What bots ask beside orders and books: the same over HTTP and over /ws-api/v3. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ApiParameters } from "./testing/api-client.ts";
import { type PrintedKey, RunningExchange } from "./testing/running-exchange.ts";
import type { StreamClient } from "./testing/stream-client.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import { Trader, taken, trade } from "./testing/trader.ts";
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

test("what no symbol has: execution rules, a reference price, block trades", async () => {
	const symbol = "BTCUSDT";
	const rules = await asked("/api/v3/executionRules", "executionRules", { symbol });
	expect(rules).toEqual({ symbolRules: [{ symbol, rules: [] }] });
	const none = { code: -2043, msg: "This symbol doesn't have a reference price." };
	const price = "/api/v3/referencePrice";
	expect(await asked(price, "referencePrice", { symbol })).toEqual(none);
	const how = `${price}/calculation`;
	expect(await asked(how, "referencePrice.calculation", { symbol })).toEqual(none);
	const blocks = ["/api/v3/historicalBlockTrades", "blockTrades.historical"] as const;
	expect(await asked(...blocks, { symbol, fromId: 1 })).toEqual([]);
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
	const oco = await user.call("POST", "/api/v3/orderList/oco", { symbol, side: "SELL" });
	const refusal = { code: -2010, msg: "OCO orders are not supported for this symbol" };
	expect([oco.status, oco.body]).toEqual([400, refusal]);
	const same = await ws.ask("orderList.place.oco", signedParams(user.key, { symbol }));
	expect(same.error).toEqual(refusal);
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

test("order/amendments: each amend of an order, by the execution id it was answered with", async () => {
	const { user, symbol } = await markets.scene();
	const { orderId } = await user.limit("BUY", "5", "100", { newClientOrderId: "first" });
	const amended = async (newQty: string, newClientOrderId: string) => {
		const parameters = { symbol, orderId, newQty, newClientOrderId };
		return taken(await user.call("PUT", "/api/v3/order/amend/keepPriority", parameters));
	};
	const amendments = (params: ApiParameters) =>
		askedBy(user, "/api/v3/order/amendments", "order.amendments", { symbol, ...params });
	expect(await amendments({ orderId })).toEqual([]);
	const answers = [await amended("4", "second"), await amended("3", "second")];
	const rows = await amendments({ orderId });
	expect(rows).toEqual([
		{
			...{ symbol, orderId, origClientOrderId: "first", newClientOrderId: "second" },
			...{ origQty: "5.00000000", newQty: "4.00000000" },
			...{ executionId: answers[0].executionId, time: answers[0].transactTime },
		},
		{
			...{ symbol, orderId, origClientOrderId: "second", newClientOrderId: "second" },
			...{ origQty: "4.00000000", newQty: "3.00000000" },
			...{ executionId: answers[1].executionId, time: answers[1].transactTime },
		},
	]);
	const later = { orderId, fromExecutionId: answers[0].executionId + 1 };
	expect(await amendments(later)).toEqual(rows.slice(1));
	expect(await amendments({ orderId, limit: 1 })).toEqual(rows.slice(0, 1));
	await user.cancel(orderId);
	expect(await amendments({ orderId })).toEqual(rows);
	expect(await amendments({})).toMatchObject({ code: -1102 });
	const { user: other } = await markets.scene();
	const theirs = await other.call("GET", "/api/v3/order/amendments", { symbol, orderId });
	expect(theirs.body).toEqual([]);
});

test("myPreventedMatches: by match and by order", async () => {
	const { user, symbol } = await markets.scene();
	const maker = await user.limit("SELL", "3", "100");
	const take = (selfTradePreventionMode: string) =>
		user.limit("BUY", "1", "100", { selfTradePreventionMode });
	const takers = [await take("EXPIRE_TAKER"), await take("DECREMENT"), await take("EXPIRE_MAKER")];
	const matches = (params: ApiParameters) =>
		askedBy(user, "/api/v3/myPreventedMatches", "myPreventedMatches", { symbol, ...params });
	const rows = await matches({ orderId: maker.orderId });
	const row = { symbol, makerSymbol: symbol, makerOrderId: maker.orderId, tradeGroupId: -1 };
	const one = "1.00000000";
	expect(rows).toEqual(
		[
			{ selfTradePreventionMode: "EXPIRE_TAKER", takerPreventedQuantity: one },
			{
				...{ selfTradePreventionMode: "DECREMENT" },
				...{ takerPreventedQuantity: one, makerPreventedQuantity: one },
			},
			{ selfTradePreventionMode: "EXPIRE_MAKER", makerPreventedQuantity: "2.00000000" },
		].map((said, i) => ({
			...{ ...row, ...said, price: "100.00000000", preventedMatchId: i + 1 },
			...{ takerOrderId: takers[i].orderId, transactTime: takers[i].transactTime },
		})),
	);
	const { preventedMatchId } = takers[1];
	expect(await matches({ preventedMatchId })).toEqual([rows[1]]);
	expect(await matches({ orderId: takers[2].orderId })).toEqual([rows[2]]);
	const page = { orderId: maker.orderId, fromPreventedMatchId: 2, limit: 1 };
	expect(await matches(page)).toEqual([rows[1]]);
	expect(await matches({})).toMatchObject({ code: -1128 });
	const { user: other } = await markets.scene();
	const theirs = { symbol, preventedMatchId };
	expect((await other.call("GET", "/api/v3/myPreventedMatches", theirs)).body).toEqual([]);
});

test("apiRestrictions: what the key may do", async () => {
	const { user } = await markets.scene();
	const may = async (one: Trader) => {
		const { body } = await one.call("GET", "/sapi/v1/account/apiRestrictions");
		return [body.enableReading, body.enableSpotAndMarginTrading, body.ipRestrict];
	};
	expect(await may(user)).toEqual([true, true, false]);
	const flags = { user: String(user.userId), type: "hmac", scopes: "read" };
	const key = await markets.operator<PrintedKey>("key create", { ...flags, ips: "127.0.0.1" });
	const reader = new Trader(exchange.url, { ...key, userId: user.userId }, user.base);
	expect(await may(reader)).toEqual([true, false, true]);
});
