import { expect, test } from "bun:test";
import ccxt from "ccxt";
import { account } from "./account/account.ts";
import { coins } from "./account/coins.ts";
import { tradeFee } from "./account/trade-fee.ts";
import { exchangeInfo } from "./general/exchange-info.ts";
import { ticker24h } from "./market-data/ticker-24h.ts";
import type { Operation } from "./operation.ts";
import { myTrades } from "./orders/my-trades.ts";
import { placeOrder } from "./orders/place-order.ts";
import { queryOrder } from "./orders/query-order.ts";
import { call, fakeServices, type Given, NOW_MS, ok } from "./testing/ops-fakes.ts";
import { FILL, LIMIT_ORDER, STOP_ORDER } from "./testing/ops-orders.ts";

/** What ccxt makes of our answers, without a network: its own parsers on our bodies. */

const GIVEN: Given = {
	account: {
		account: () =>
			ok({
				userId: 7,
				balances: [{ assetId: 3, available: 123_456_789n, held: 5_000_000_000n }],
				updatedAtMs: NOW_MS,
				frozen: false,
				withdrawalsStopped: false,
			}),
		placeOrder: () =>
			ok({ order: LIMIT_ORDER, fills: [FILL], transactMs: NOW_MS, orderCounts: [] }),
		findOrder: () => ok({ found: true, order: STOP_ORDER, fills: [] }),
		recentOrders: () => ok({ orders: [], fills: [FILL], partition: 0, floorEvSeq: 0 }),
	},
	orderLog: {
		position: async () => ({ evSeq: 0, tradesOffset: 0, logId: null }),
		fills: async () => [],
	},
};

async function body(operation: Operation, params: Record<string, string> = {}) {
	const answer = await call(fakeServices(GIVEN), operation, params);
	return JSON.parse(JSON.stringify(answer.body));
}

async function client() {
	const exchange = new ccxt.binance({ options: { fetchMarkets: { types: ["spot"] } } });
	Object.assign(exchange, { publicGetExchangeInfo: () => body(exchangeInfo) });
	await exchange.loadMarkets();
	return exchange;
}

const BTC = { symbol: "BTCUSDT" };
const LIMIT = { side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.5", price: "60000" };

test("markets", async () => {
	const market = (await client()).market("BTC/USDT");
	expect(market).toMatchObject({
		id: "BTCUSDT",
		spot: true,
		active: true,
		precision: { amount: 0.00001, price: 0.01 },
	});
	expect(market.limits.amount).toMatchObject({ min: 0.00001, max: 900 });
	expect(market.limits.price).toMatchObject({ min: 0.01, max: 1_000_000 });
	expect(market.limits.cost).toMatchObject({ min: 5 });
	expect(market.limits["market" as keyof typeof market.limits]).toMatchObject({ max: 100 });
});

test("currencies", async () => {
	const currencies = (await client()).parseCurrenciesCustom(await body(coins), undefined);
	expect(Object.keys(currencies)).toEqual(["BTC", "ETH", "USDT"]);
	expect(currencies["USDT"]).toMatchObject({ active: expect.anything(), name: "Tether" });
});

test("balance", async () => {
	const balance = (await client()).parseBalanceCustom(await body(account), "spot");
	expect(balance["USDT"]).toEqual({ free: 1.23456789, used: 50, total: 51.23456789 });
});

test("orders", async () => {
	const exchange = await client();
	const placed = exchange.parseOrder(await body(placeOrder, { ...BTC, ...LIMIT }));
	expect(placed).toMatchObject({
		id: "28",
		symbol: "BTC/USDT",
		status: "open",
		price: 60_000,
		amount: 0.5,
		filled: 0.2,
		cost: 12_000,
		timeInForce: "GTC",
		fees: [{ cost: 0.0002, currency: "BTC" }],
	});
	expect(exchange.parseOrder(await body(queryOrder, { ...BTC, orderId: "29" }))).toMatchObject({
		type: "limit",
		status: "expired",
		triggerPrice: 59_000.5,
		timestamp: NOW_MS - 1_000,
	});
});

test("fills, ticker and fees", async () => {
	const exchange = await client();
	const [row] = await body(myTrades, BTC);
	expect(exchange.parseTrade(row, exchange.market("BTC/USDT"))).toMatchObject({
		id: "56",
		order: "28",
		side: "buy",
		takerOrMaker: "taker",
		price: 60_000,
		fee: { cost: 0.0002, currency: "BTC" },
	});
	expect(exchange.parseTicker(await body(ticker24h, BTC))).toMatchObject({
		symbol: "BTC/USDT",
		last: 59_700,
		bid: 59_699,
		percentage: -0.5,
		vwap: 60_000.5,
		quoteVolume: 120_001,
	});
	const [fee] = await body(tradeFee, BTC);
	expect(exchange.parseTradingFee(fee)).toMatchObject({ symbol: "BTC/USDT", maker: 0.001 });
});
