/** Every "no" to an order that can be provoked from outside: status, code and text; nothing moves. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ApiParameters } from "./testing/api-client.ts";
import { RunningExchange } from "./testing/running-exchange.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import { type Trader, trade } from "./testing/trader.ts";

const exchange = new RunningExchange();
const markets = new TestMarkets(exchange);

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

type Order = ApiParameters & { readonly side: "BUY" | "SELL" };
const LIMIT = {
	side: "BUY",
	type: "LIMIT",
	timeInForce: "GTC",
	quantity: "1",
	price: "100",
} as const;
const MARKET = { side: "BUY", type: "MARKET" } as const;
const STOP = { side: "BUY", type: "STOP_LOSS", quantity: "1", stopPrice: "110" } as const;
const STOP_LIMIT = { ...LIMIT, type: "STOP_LOSS_LIMIT", stopPrice: "110" } as const;

const filter = (name: string) => [400, { code: -1013, msg: `Filter failure: ${name}` }];
const missing = (name: string) => [
	400,
	{
		code: -1102,
		msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
	},
];
const needless = (name: string) => [
	400,
	{ code: -1106, msg: `Parameter '${name}' sent when not required.` },
];
const insufficient = [
	400,
	{ code: -2010, msg: "Account has insufficient balance for requested action." },
];

async function refused(user: Trader, order: Order) {
	const before = [await user.money(), await user.open()];
	const reply = await user.order(order);
	expect([await user.money(), await user.open()]).toEqual(before);
	return [reply.status, reply.body];
}

/** A market whose last price, and average, is 100. */
async function traded() {
	const scene = await markets.scene();
	await trade(scene.maker, scene.taker, "100");
	return scene;
}

describe("the shape of an order", () => {
	const cases: readonly (readonly [string, Order, unknown])[] = [
		["limit without quantity", { ...LIMIT, quantity: "" }, missing("quantity")],
		["limit without price", { ...LIMIT, price: "" }, missing("price")],
		["limit without time in force", { ...LIMIT, timeInForce: "" }, missing("timeInForce")],
		["post-only without price", { ...LIMIT, type: "LIMIT_MAKER", price: "" }, missing("price")],
		["stop without stop price", { ...STOP, stopPrice: "" }, missing("stopPrice")],
		["stop-limit without stop price", { ...STOP_LIMIT, stopPrice: "" }, missing("stopPrice")],
		["stop-limit without price", { ...STOP_LIMIT, price: "" }, missing("price")],
		["market with price", { ...MARKET, quantity: "1", price: "1" }, needless("price")],
		[
			"market with time in force",
			{ ...MARKET, quantity: "1", timeInForce: "GTC" },
			needless("timeInForce"),
		],
		["limit with stop price", { ...LIMIT, stopPrice: "110" }, needless("stopPrice")],
		["limit by quote amount", { ...LIMIT, quoteOrderQty: "10" }, needless("quoteOrderQty")],
		["stop-market with price", { ...STOP, price: "110" }, needless("price")],
		["post-only with IOC", { ...LIMIT, type: "LIMIT_MAKER" }, needless("timeInForce")],
		["iceberg IOC", { ...LIMIT, timeInForce: "IOC", icebergQty: "0.5" }, needless("icebergQty")],
		[
			"market without any quantity",
			MARKET,
			[
				400,
				{
					code: -1102,
					msg: "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!",
				},
			],
		],
		[
			"iceberg larger than the order",
			{ ...LIMIT, icebergQty: "1.1" },
			[400, { code: -2010, msg: "IcebergQty exceeds QTY." }],
		],
		[
			"trailing stop",
			{ ...STOP, trailingDelta: "100" },
			[400, { code: -2010, msg: "Trailing stop orders are not supported for this symbol." }],
		],
		[
			"pegged",
			{ ...LIMIT, pegPriceType: "PRIMARY_PEG" },
			[400, { code: -2010, msg: "Pegged orders are not supported for this symbol." }],
		],
		[
			"strategy type below a million",
			{ ...LIMIT, strategyType: 999_999 },
			[400, { code: -1134, msg: "strategyType was less than 1000000." }],
		],
		[
			"nine decimals",
			{ ...LIMIT, quantity: "1.000000001" },
			[400, { code: -1111, msg: "Parameter 'quantity' has too much precision." }],
		],
	];

	test.each(cases)("%s", async (_name, order, answer) => {
		const { user } = await markets.scene();
		expect(await refused(user, order)).toEqual(answer as never);
	});

	test("market with both quantities", async () => {
		const { user } = await traded();
		const both = { ...MARKET, quantity: "1", quoteOrderQty: "100" };
		expect(await refused(user, both)).toMatchObject([400, { code: -1128 }]);
	});

	test("a mode of self-trade prevention that is none", async () => {
		const { user } = await traded();
		const order = { ...LIMIT, selfTradePreventionMode: "SOMETIMES" };
		expect(await refused(user, order)).toMatchObject([400, { code: -1130 }]);
	});
});

describe("filters", () => {
	const cases: readonly (readonly [string, Order, unknown])[] = [
		["price between ticks", { ...LIMIT, price: "100.001" }, filter("PRICE_FILTER")],
		["price above the highest", { ...LIMIT, price: "1000000.01" }, filter("PRICE_FILTER")],
		["stop price between ticks", { ...STOP, stopPrice: "110.001" }, filter("PRICE_FILTER")],
		["quantity between lots", { ...LIMIT, quantity: "1.000001" }, filter("LOT_SIZE")],
		["quantity above the largest", { ...LIMIT, quantity: "900.00001" }, filter("LOT_SIZE")],
		["iceberg between lots", { ...LIMIT, icebergQty: "0.000001" }, filter("LOT_SIZE")],
		["a hundred and one parts", { ...LIMIT, icebergQty: "0.0099" }, filter("ICEBERG_PARTS")],
		["five times the average", { ...LIMIT, price: "500.01" }, filter("PERCENT_PRICE_BY_SIDE")],
		["a fifth of the average", { ...LIMIT, price: "19.99" }, filter("PERCENT_PRICE_BY_SIDE")],
		[
			"a fifth of the average, sell",
			{ ...LIMIT, side: "SELL", price: "19.99" },
			filter("PERCENT_PRICE_BY_SIDE"),
		],
		["notional a tick-lot too small", { ...LIMIT, quantity: "0.04999" }, filter("NOTIONAL")],
		["stop's notional", { ...STOP, quantity: "0.04545" }, filter("NOTIONAL")],
		["market's notional", { ...MARKET, quantity: "0.04999" }, filter("NOTIONAL")],
		["quote amount's notional", { ...MARKET, quoteOrderQty: "4.99999" }, filter("NOTIONAL")],
	];

	test.each(cases)("%s", async (_name, order, answer) => {
		const { user } = await traded();
		expect(await refused(user, order)).toEqual(answer as never);
	});

	test("at the edge of each they pass", async () => {
		const { base } = await traded();
		const user = await markets.trader(base, { USDT: "1000000", [base]: "900" });
		for (const order of [
			{ price: "500" },
			{ price: "20" },
			{ quantity: "0.05" },
			{ icebergQty: "0.01" },
			{ quantity: "900" },
		]) {
			const placed = await user.placed({ ...LIMIT, ...order });
			expect(placed.status).toBe("NEW");
		}
	});

	test("MARKET_LOT_SIZE and the largest notional", async () => {
		const user = await markets.trader("BTC", { USDT: "100000000" });
		const market = { ...MARKET, quantity: "100.00001" };
		expect(await refused(user, market)).toEqual(filter("MARKET_LOT_SIZE"));
		const large = { ...LIMIT, quantity: "90", price: "100000.01" };
		expect(await refused(user, large)).toEqual(filter("NOTIONAL"));
	});

	test("MAX_NUM_ORDERS: 200 on a symbol, and one more when one has gone", async () => {
		const { user } = await markets.scene();
		const order = { ...LIMIT, quantity: "0.1" };
		const placed = await Promise.all(
			Array.from({ length: 200 }, (_, i) => user.placed({ ...order, newClientOrderId: `n${i}` })),
		);
		expect(await refused(user, order)).toEqual(filter("MAX_NUM_ORDERS"));
		// Elsewhere they do not count, and a market order never rests.
		const btc = await user.order({ ...order, symbol: "BTCUSDT" });
		expect(btc.status).toBe(200);
		await user.cancel(placed[0].orderId);
		expect((await user.placed(order)).status).toBe("NEW");
	});

	test("MAX_NUM_ALGO_ORDERS: 5 on a symbol", async () => {
		const { user } = await traded();
		const stops = await Promise.all(
			Array.from({ length: 5 }, (_, i) => user.placed({ ...STOP, newClientOrderId: `n${i}` })),
		);
		expect(await refused(user, STOP)).toEqual(filter("MAX_NUM_ALGO_ORDERS"));
		expect(await refused(user, STOP_LIMIT)).toEqual(filter("MAX_NUM_ALGO_ORDERS"));
		expect((await user.placed(LIMIT)).status).toBe("NEW");
		await user.cancel(stops[0].orderId);
		expect((await user.placed(STOP)).status).toBe("NEW");
	});
});

describe("money, by one smallest step", () => {
	const cases: readonly (readonly [string, Order, Order])[] = [
		["limit buy", { ...LIMIT, quantity: "100" }, { ...LIMIT, quantity: "100.00001" }],
		[
			"sell",
			{ ...LIMIT, side: "SELL", quantity: "100" },
			{ ...LIMIT, side: "SELL", quantity: "100.00001" },
		],
		[
			"market by quote",
			{ ...MARKET, quoteOrderQty: "10000" },
			{ ...MARKET, quoteOrderQty: "10000.0000001" },
		],
		[
			"market sell",
			{ ...MARKET, side: "SELL", quantity: "100" },
			{ ...MARKET, side: "SELL", quantity: "100.00001" },
		],
		// 10,000 ÷ (110 × 1.05) = 86.58008…
		["stop buy's budget", { ...STOP, quantity: "86.58008" }, { ...STOP, quantity: "86.58009" }],
		[
			"stop-limit buy",
			{ ...STOP_LIMIT, quantity: "100" },
			{ ...STOP_LIMIT, quantity: "100.00001" },
		],
	];
	test.each(cases)("%s", async (_name, fits, exceeds) => {
		const { user } = await traded();
		expect(await refused(user, exceeds)).toEqual(insufficient);
		const placed = await user.placed(fits);
		expect(["NEW", "EXPIRED"]).toContain(placed.status);
	});
});

describe("who and when", () => {
	test("a frozen account", async () => {
		const { user } = await markets.scene();
		const { orderId } = await user.limit("BUY", "1", "90");
		await markets.operator("user freeze", { user: String(user.userId) });
		expect(await refused(user, LIMIT)).toEqual([
			400,
			{ code: -2010, msg: "This action is disabled on this account." },
		]);
		const account = await user.call("GET", "/api/v3/account");
		expect(account.body).toMatchObject({ canTrade: false });
		await markets.operator("user unfreeze", { user: String(user.userId) });
		expect((await user.cancel(orderId)).status).toBe("CANCELED");
	});

	test.each([
		["HALT", 400],
		["CANCEL_ONLY", 200],
		["BREAK", 400],
	] as const)("a symbol in %s takes no orders", async (state, cancels) => {
		const { user, symbol } = await markets.scene();
		const { orderId } = await user.limit("BUY", "2", "100");
		await markets.operator("symbol state", { symbol, state });
		const closed = { code: -2010, msg: "Market is closed." };
		expect(await refused(user, LIMIT)).toEqual([400, closed]);
		const replace = await user.call("POST", "/api/v3/order/cancelReplace", {
			...LIMIT,
			...{ symbol, cancelReplaceMode: "STOP_ON_FAILURE", cancelOrderId: orderId },
		});
		expect([replace.status, replace.body]).toEqual([400, closed]);
		const info = await user.send("GET", "/api/v3/exchangeInfo", `symbol=${symbol}`);
		expect(info.body.symbols[0].status).toBe(state);
		const cancel = await user.call("DELETE", "/api/v3/order", { symbol, orderId });
		expect(cancel.status).toBe(cancels);
		if (cancels === 400) expect(cancel.body).toEqual({ ...closed, code: -2011 });
	});

	test("two amends of one order at once", async () => {
		const { user, symbol } = await markets.scene();
		const { orderId } = await user.limit("BUY", "5", "100");
		const amend = (newQty: string) =>
			user.call("PUT", "/api/v3/order/amend/keepPriority", { symbol, orderId, newQty });
		const replies = await Promise.all([amend("4"), amend("3"), amend("2")]);
		for (const { status, body } of replies) {
			if (status === 200) continue;
			expect(body.code).toBe(-2038);
		}
		const done = replies.filter((r) => r.status === 200).map((r) => r.body.amendedOrder.qty);
		const found = await user.find(orderId);
		expect(done).toContain(found.origQty);
		expect(await user.money()).toBe(
			`USDT ${10_000 - 100 * Number(found.origQty)}/${100 * Number(found.origQty)}, BASE 100/0`,
		);
	});

	test("the test call says the same and moves nothing", async () => {
		const { user, symbol } = await traded();
		const check = async (order: Order) => {
			const reply = await user.call("POST", "/api/v3/order/test", { symbol, ...order });
			return [reply.status, reply.body];
		};
		expect(await check(LIMIT)).toEqual([200, {}]);
		expect(await check({ ...LIMIT, price: "100.001" })).toEqual(filter("PRICE_FILTER"));
		expect(await check({ ...MARKET, price: "1", quantity: "1" })).toEqual(needless("price"));
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
	});
});

test("an amount nobody can have is refused", async () => {
	const { user } = await markets.scene();
	const deposit = (amount: string) =>
		markets.operator("deposit", { user: String(user.userId), asset: "USDT", amount, id: "big" });
	await expect(deposit("9".repeat(25))).rejects.toThrow(/amountOutOfRange|--amount/);
	await expect(deposit("0")).rejects.toThrow("--amount must be above 0");
	await expect(deposit("0.000000001")).rejects.toThrow(
		"--amount 0.000000001 has more decimals than the asset",
	);
});

test("after all of it, the invariants hold", async () => {
	expect((await markets.operator("audit", {}))["sound"]).toBe(true);
});
