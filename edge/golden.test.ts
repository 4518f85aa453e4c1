import { describe, expect, test } from "bun:test";
import { is } from "valibot";
import type { Kline } from "../schemas/market.ts";
import type { ApiKey, Users } from "../schemas/ports/users.ts";
import { account } from "./account/account.ts";
import { accountStatus } from "./account/account-status.ts";
import { apiRestrictions } from "./account/api-restrictions.ts";
import { assetDetail } from "./account/asset-detail.ts";
import { coins } from "./account/coins.ts";
import { commission } from "./account/commission.ts";
import { depositHistory } from "./account/deposit-history.ts";
import { startListenKey } from "./account/listen-keys.ts";
import { myFilters } from "./account/my-filters.ts";
import { orderRateLimits } from "./account/order-rate-limits.ts";
import { tradeFee } from "./account/trade-fee.ts";
import { withdrawHistory } from "./account/withdraw-history.ts";
import { exchangeInfo } from "./general/exchange-info.ts";
import { executionRules } from "./general/execution-rules.ts";
import { serverTime } from "./general/server-time.ts";
import { systemStatus } from "./general/system-status.ts";
import { aggTrades } from "./market-data/agg-trades.ts";
import { averagePrice } from "./market-data/average-price.ts";
import { bookTicker } from "./market-data/book-ticker.ts";
import { depth } from "./market-data/depth.ts";
import { klines } from "./market-data/klines.ts";
import { priceTicker } from "./market-data/price-ticker.ts";
import { recentTrades } from "./market-data/recent-trades.ts";
import { ticker24h } from "./market-data/ticker-24h.ts";
import { tradingDayTicker } from "./market-data/trading-day-ticker.ts";
import { windowTicker } from "./market-data/window-ticker.ts";
import type { Operation } from "./operation.ts";
import { allOrders } from "./orders/all-orders.ts";
import { amendOrder } from "./orders/amend-order.ts";
import { cancelOpenOrders } from "./orders/cancel-open-orders.ts";
import { cancelOrder } from "./orders/cancel-order.ts";
import { cancelReplace } from "./orders/cancel-replace.ts";
import { myPreventedMatches } from "./orders/my-prevented-matches.ts";
import { myTrades } from "./orders/my-trades.ts";
import { openOrders } from "./orders/open-orders.ts";
import { orderAmendments } from "./orders/order-amendments.ts";
import { placeOrder } from "./orders/place-order.ts";
import { queryOrder } from "./orders/query-order.ts";
import { testOrder } from "./orders/test-order.ts";
import { call, fakeServices, type Given, NOW_MS, ok } from "./testing/ops-fakes.ts";
import {
	AMENDMENT,
	FILL,
	LIMIT_ORDER,
	PREVENTED_MATCH,
	QUOTE_ORDER,
	STOP_ORDER,
} from "./testing/ops-orders.ts";

/**
 * What the API answers, to the letter: `edge/golden/<name>.json`. With GOLDEN=write they are written
 * anew, for a person to read the difference.
 */

const SYMBOL = { symbol: "BTCUSDT" };
const LIMIT = {
	...SYMBOL,
	side: "BUY",
	type: "LIMIT",
	timeInForce: "GTC",
	quantity: "0.5",
	price: "60000",
};
const MARKET = { ...SYMBOL, side: "BUY", type: "MARKET", quoteOrderQty: "1000" };
const STOP = { ...LIMIT, type: "STOP_LOSS_LIMIT", side: "SELL", stopPrice: "59000.5" };
const ORDER_COUNTS = [
	{ intervalMs: 10_000, limit: 50, count: 1 },
	{ intervalMs: 86_400_000, limit: 160_000, count: 12 },
];

function placed(order = LIMIT_ORDER, fills = [FILL]): Given {
	const answer = { order, fills, transactMs: NOW_MS, orderCounts: ORDER_COUNTS };
	return { account: { placeOrder: () => ok(answer) } };
}

const canceled = {
	order: { ...LIMIT_ORDER, status: 4 as const },
	origClientOrderId: "mine",
	clientOrderId: "cancel-1",
	transactMs: NOW_MS,
};

const balances: Given = {
	account: {
		account: () =>
			ok({
				userId: 7,
				balances: [
					{ assetId: 3, available: 123_456_789n, held: 5_000_000_000n },
					{ assetId: 2, available: 0n, held: 0n },
				],
				updatedAtMs: NOW_MS - 3,
				frozen: false,
				withdrawalsStopped: false,
			}),
	},
};

const movements: Given = {
	account: {
		fundsHistory: () =>
			ok([
				{ assetId: 3, amount: 150_000_000_000n, externalId: "wire-78", doneAtMs: NOW_MS - 5 },
				{ assetId: 1, amount: 1n, externalId: "wire-77", doneAtMs: NOW_MS - 60_000 },
			]),
	},
};

const recent: Given = {
	account: {
		openOrders: () => ok([LIMIT_ORDER, { ...STOP_ORDER, status: 1 }]),
		findOrder: () => ok({ found: true, order: STOP_ORDER, fills: [] }),
		recentOrders: () => ok({ orders: [LIMIT_ORDER], fills: [FILL], partition: 0, floorEvSeq: 40 }),
	},
	orderLog: {
		position: async () => ({ evSeq: 40, tradesOffset: 0, logId: null }),
		orders: async () => [QUOTE_ORDER],
		fills: async () => [{ ...FILL, tradeId: 50, side: 1, isMaker: true, feeAssetId: 3 }],
		amendments: async () => [AMENDMENT],
		preventedMatches: async () => [
			PREVENTED_MATCH,
			{ ...PREVENTED_MATCH, preventedMatchId: 5, makerPreventedLots: 0, takerPreventedLots: 7 },
		],
	},
};

const KLINE: Kline = {
	symbolId: 1,
	interval: "1m",
	openTimeMs: NOW_MS - 60_000,
	closeTimeMs: NOW_MS - 1,
	openTicks: 6_000_000,
	highTicks: 6_100_000,
	lowTicks: 5_900_000,
	closeTicks: 5_970_000,
	volumeLots: 250_000n,
	quoteTickLots: 1_500_000_000_000n,
	takerBuyLots: 100_000n,
	takerBuyTickLots: 600_000_000_000n,
	trades: 10,
	firstTradeId: 5,
	lastTradeId: 14,
	closed: true,
};

const TRADE = {
	symbolId: 1,
	tradeId: 28_457,
	priceTicks: 6_000_000,
	qtyLots: 12,
	ts: NOW_MS,
	buyerIsMaker: true,
};

const market: Given = {
	marketData: {
		depth: async () => ({
			lastUpdateId: 1_027_024,
			bids: [[5_999_999, 43_100_000]],
			asks: [
				[6_000_001, 12],
				[6_000_002, 1],
			],
		}),
		trades: async () => [TRADE],
		aggTrades: async () => [
			{ ...TRADE, aggTradeId: 26_129, firstTradeId: 27_781, lastTradeId: 27_783 },
		],
		klines: async () => [KLINE],
	},
};

const key: ApiKey = {
	...{ keyId: 3, userId: 7, apiKey: "k", type: "hmac", material: "", label: "bot" },
	...{ scopes: ["read"], ips: ["10.0.0.1"], generation: 1, revoked: false },
	createdAtMs: NOW_MS - 60_000,
};
const keys: Given = {
	services: {
		users: {
			keyByText: async (text: string) => (text === "k" ? key : null),
		} as Partial<Users> as Users,
	},
};

const ROWS: readonly [string, Operation, Record<string, string>, Given][] = [
	["server-time", serverTime, {}, {}],
	["exchange-info", exchangeInfo, {}, {}],
	["execution-rules", executionRules, {}, {}],
	["depth", depth, SYMBOL, market],
	["trades", recentTrades, SYMBOL, market],
	["agg-trades", aggTrades, SYMBOL, market],
	["klines", klines, { ...SYMBOL, interval: "1m" }, market],
	["avg-price", averagePrice, SYMBOL, {}],
	["ticker-24h", ticker24h, SYMBOL, {}],
	["ticker-24h-mini", ticker24h, { symbols: '["BTCUSDT"]', type: "MINI" }, {}],
	["ticker", windowTicker, { ...SYMBOL, windowSize: "4h" }, {}],
	["ticker-trading-day", tradingDayTicker, SYMBOL, market],
	["ticker-trading-day-mini", tradingDayTicker, { symbols: '["BTCUSDT"]', type: "MINI" }, market],
	["ticker-price", priceTicker, {}, {}],
	["ticker-book", bookTicker, SYMBOL, {}],
	["order-full", placeOrder, LIMIT, placed()],
	["order-result", placeOrder, { ...LIMIT, newOrderRespType: "RESULT" }, placed()],
	["order-ack", placeOrder, { ...LIMIT, newOrderRespType: "ACK" }, placed()],
	["order-market-quote", placeOrder, MARKET, placed(QUOTE_ORDER)],
	["order-stop", placeOrder, STOP, placed(STOP_ORDER)],
	["order-stop-full", placeOrder, { ...STOP, newOrderRespType: "FULL" }, placed(STOP_ORDER, [])],
	["order-test", testOrder, { ...LIMIT, computeCommissionRates: "true" }, {}],
	["order-test-plain", testOrder, LIMIT, {}],
	[
		"cancel",
		cancelOrder,
		{ ...SYMBOL, orderId: "28" },
		{ account: { cancelOrder: () => ok(canceled) } },
	],
	[
		"cancel-all",
		cancelOpenOrders,
		SYMBOL,
		{ account: { cancelAll: () => ok({ canceled: [canceled] }) } },
	],
	[
		"cancel-replace",
		cancelReplace,
		{ ...LIMIT, cancelReplaceMode: "STOP_ON_FAILURE", cancelOrderId: "27" },
		{
			account: {
				cancelReplace: () =>
					ok({
						cancel: { result: "success", answer: canceled },
						place: {
							result: "success",
							answer: {
								order: { ...LIMIT_ORDER, status: 1, cumQtyLots: 0, cumTickLots: 0 },
								fills: [],
								transactMs: NOW_MS,
								orderCounts: ORDER_COUNTS,
							},
						},
						orderCounts: ORDER_COUNTS,
					}),
			},
		},
	],
	[
		"amend",
		amendOrder,
		{ ...SYMBOL, orderId: "28", newQty: "0.4" },
		{
			account: {
				amendOrder: () =>
					ok({
						order: { ...LIMIT_ORDER, qtyLots: 40_000, clientOrderId: "later" },
						origClientOrderId: "mine",
						transactMs: NOW_MS,
						executionId: 77,
					}),
			},
		},
	],
	[
		"amend-stop",
		amendOrder,
		{ ...SYMBOL, orderId: "29", newQty: "0.4" },
		{
			account: {
				amendOrder: () =>
					ok({
						order: { ...STOP_ORDER, status: 1, expiryReason: 0, cumQtyLots: 0, cumTickLots: 0 },
						origClientOrderId: "mine",
						transactMs: NOW_MS,
						executionId: 78,
					}),
			},
		},
	],
	["order-query", queryOrder, { ...SYMBOL, orderId: "29" }, recent],
	["open-orders", openOrders, {}, recent],
	["all-orders", allOrders, SYMBOL, recent],
	["my-trades", myTrades, SYMBOL, recent],
	["order-amendments", orderAmendments, { ...SYMBOL, orderId: "28" }, recent],
	["my-prevented-matches", myPreventedMatches, { ...SYMBOL, orderId: "28" }, recent],
	["account", account, {}, balances],
	["account-without-zeros", account, { omitZeroBalances: "true" }, balances],
	["commission", commission, SYMBOL, {}],
	["order-rate-limits", orderRateLimits, {}, { account: { orderCounts: () => ok(ORDER_COUNTS) } }],
	["my-filters", myFilters, SYMBOL, {}],
	["system-status", systemStatus, {}, {}],
	["trade-fee", tradeFee, SYMBOL, {}],
	["coins", coins, {}, balances],
	["deposit-history", depositHistory, {}, movements],
	["withdraw-history", withdrawHistory, {}, movements],
	["account-status", accountStatus, {}, balances],
	["asset-detail", assetDetail, {}, {}],
	["api-restrictions", apiRestrictions, {}, keys],
	[
		"listen-key",
		startListenKey,
		{},
		{
			services: {
				listenKeys: {
					create: async () => "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1",
					extend: async () => true,
					close: async () => true,
					closeOf: async () => {},
					userOf: async () => 7,
				},
			},
		},
	],
];

describe("answers to the letter", () => {
	test.each(ROWS)("%s", async (name, operation, params, given) => {
		const { body } = await call(fakeServices(given), operation, params);
		const text = JSON.stringify(body, null, "\t");
		const file = Bun.file(new URL(`golden/${name}.json`, import.meta.url));
		if (process.env["GOLDEN"] === "write") await Bun.write(file, `${text}\n`);
		// The order of the fields counts, the formatter's line breaks do not.
		expect(text).toBe(JSON.stringify(await file.json(), null, "\t"));
		expect(is(operation.result, body)).toBe(true);
	});
});

test("the ORDERS counts of a placed order are reported", async () => {
	const { orderCounts } = await call(fakeServices(placed()), placeOrder, LIMIT);
	expect(orderCounts).toEqual(ORDER_COUNTS);
});

test("the status of an account that an operator has frozen is not normal", async () => {
	const frozen = { balances: [], updatedAtMs: 0, frozen: true, withdrawalsStopped: false };
	const given: Given = { account: { account: (userId) => ok({ userId, ...frozen }) } };
	const { body } = await call(fakeServices(given), accountStatus, {});
	expect(body).toEqual({ data: "Frozen" });
	expect(is(accountStatus.result, body)).toBe(true);
});

test("exchangeInfo by symbol, by list, by state; not by two of them", async () => {
	const services = fakeServices();
	const names = async (params: Record<string, string>) => {
		const { body } = await call(services, exchangeInfo, params);
		return (body as { symbols: { symbol: string }[] }).symbols.map((s) => s.symbol);
	};
	expect(await names({ symbol: "ETHBTC" })).toEqual(["ETHBTC"]);
	expect(await names({ symbols: '["ETHBTC","BTCUSDT"]' })).toEqual(["ETHBTC", "BTCUSDT"]);
	expect(await names({ symbolStatus: "HALT" })).toEqual([]);
	for (const permissions of ["SPOT", '["SPOT"]', '["MARGIN","SPOT"]']) {
		expect(await names({ permissions })).toHaveLength(2);
	}
	for (const permissions of ["MARGIN", "NO_SPOT", '["SPOTTED"]']) {
		expect(await names({ permissions })).toEqual([]);
	}
	for (const permissions of ["[SPOT]", '["SPOT"', '["SPOT", 1]', "spot"]) {
		await expect(names({ permissions })).rejects.toMatchObject({ code: -1100 });
	}
	for (const named of [{ symbol: "ETHBTC" }, { symbols: '["ETHBTC"]' }]) {
		await expect(names({ ...named, symbolStatus: "HALT" })).rejects.toMatchObject({ code: -1128 });
	}
	await expect(names({ symbols: '["ETHBTC","ETHBTC"]' })).rejects.toMatchObject({ code: -1151 });
	await expect(names({ symbols: "ETHBTC" })).rejects.toMatchObject({ code: -1100 });
	await expect(names({ symbols: '["NOPE"]' })).rejects.toMatchObject({ code: -1121 });
});
