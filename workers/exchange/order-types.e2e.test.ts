/** Every type of order and every mode of self-trade prevention, through HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RunningExchange } from "./testing/running-exchange.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import { trade } from "./testing/trader.ts";

const exchange = new RunningExchange();
const markets = new TestMarkets(exchange);

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

describe("limit and market", () => {
	test("LIMIT GTC: fills what it can and rests", async () => {
		const { user, maker, symbol } = await markets.scene();
		await maker.limit("SELL", "1", "99");
		await maker.limit("SELL", "1", "100");
		await maker.limit("SELL", "1", "100.01");
		const order = await user.limit("BUY", "5", "100", { newClientOrderId: "my-own" });
		expect(order).toEqual({
			symbol,
			orderId: order.orderId,
			orderListId: -1,
			clientOrderId: "my-own",
			transactTime: order.transactTime,
			price: "100.00000000",
			origQty: "5.00000000",
			executedQty: "2.00000000",
			origQuoteOrderQty: "0.00000000",
			cummulativeQuoteQty: "199.00000000",
			status: "PARTIALLY_FILLED",
			timeInForce: "GTC",
			type: "LIMIT",
			side: "BUY",
			workingTime: order.transactTime,
			fills: [
				{ ...fill("99", "1"), commissionAsset: user.base },
				{ ...fill("100", "1"), commissionAsset: user.base, tradeId: 2 },
			],
			selfTradePreventionMode: "EXPIRE_MAKER",
		});
		const depth = await user.send("GET", "/api/v3/depth", `symbol=${symbol}`);
		expect(depth.body.bids).toEqual([["100.00000000", "3.00000000"]]);
		expect(depth.body.asks).toEqual([["100.01000000", "1.00000000"]]);
		expect(await user.find(order.orderId)).toMatchObject({
			...{ status: "PARTIALLY_FILLED", executedQty: "2.00000000", isWorking: true },
		});
	});

	function fill(price: string, qty: string) {
		const trades = { price: `${price}.00000000`, qty: `${qty}.00000000`, tradeId: 1 };
		return { ...trades, commission: "0.00100000" };
	}

	test("LIMIT IOC: what does not fill expires", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "1", "100");
		const order = await user.limit("BUY", "5", "100", { timeInForce: "IOC" });
		expect(order).toMatchObject({
			status: "EXPIRED",
			executedQty: "1.00000000",
			timeInForce: "IOC",
			expiryReason: "UNFILLED_IOC_QUANTITY_EXPIRED",
		});
		expect(await user.open()).toEqual([]);
		expect(await user.money()).toBe("USDT 9900/0, BASE 100.999/0");
	});

	test("LIMIT FOK: whole or not at all", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "1", "100");
		await maker.limit("SELL", "4", "101");
		const short = await user.limit("BUY", "5", "100.99", { timeInForce: "FOK" });
		expect(short).toMatchObject({
			status: "EXPIRED",
			executedQty: "0.00000000",
			expiryReason: "UNFILLED_FOK_ORDER_EXPIRED",
			fills: [],
		});
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
		const whole = await user.limit("BUY", "5", "101", { timeInForce: "FOK" });
		expect(whole).toMatchObject({ status: "FILLED", cummulativeQuoteQty: "504.00000000" });
	});

	test("MARKET by quantity, both sides", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "3", "101");
		await maker.limit("BUY", "3", "99");
		const bought = await user.placed({ side: "BUY", type: "MARKET", quantity: "2" });
		expect(bought).toMatchObject({
			...{ status: "FILLED", price: "0.00000000", timeInForce: "GTC" },
			...{ executedQty: "2.00000000", cummulativeQuoteQty: "202.00000000" },
		});
		const sold = await user.placed({ side: "SELL", type: "MARKET", quantity: "4" });
		expect(sold).toMatchObject({
			...{ status: "EXPIRED", executedQty: "3.00000000", cummulativeQuoteQty: "297.00000000" },
			expiryReason: "INSUFFICIENT_LIQUIDITY",
		});
		// 10,000 - 202 + 297 × 0.999; 100 + 2 × 0.999 - 3.
		expect(await user.money()).toBe("USDT 10094.703/0, BASE 98.998/0");
	});

	test("MARKET by quote amount, both sides", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "9", "101");
		await maker.limit("BUY", "9", "99");
		const bought = await user.placed({ side: "BUY", type: "MARKET", quoteOrderQty: "500" });
		// 500 ÷ 101 = 4.95049…; in whole lots 499.99949.
		expect(bought).toMatchObject({
			...{ status: "FILLED", executedQty: "4.95049000", origQuoteOrderQty: "500.00000000" },
			cummulativeQuoteQty: "499.99949000",
		});
		const sold = await user.placed({ side: "SELL", type: "MARKET", quoteOrderQty: "500" });
		// 500 ÷ 99 = 5.0505…; in whole lots 499.99950.
		expect(sold).toMatchObject({ executedQty: "5.05050000", cummulativeQuoteQty: "499.99950000" });
		expect(await user.open()).toEqual([]);
	});

	test("LIMIT_MAKER: rests, and is refused when it would take", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "1", "100");
		const maybe = { side: "BUY", type: "LIMIT_MAKER", quantity: "1" } as const;
		const takes = await user.order({ ...maybe, price: "100" });
		expect([takes.status, takes.body]).toEqual([
			400,
			{ code: -2010, msg: "Order would immediately match and take." },
		]);
		const rests = await user.placed({ ...maybe, price: "99.99" });
		expect(rests).toMatchObject({ status: "NEW", type: "LIMIT_MAKER", timeInForce: "GTC" });
		expect(await user.money()).toBe("USDT 9900.01/99.99, BASE 100/0");
	});

	test("iceberg: the book shows a part at a time, each at the end of the queue", async () => {
		const { user, maker, taker, symbol } = await markets.scene();
		const iceberg = await user.limit("SELL", "5", "100", { icebergQty: "2" });
		const other = await maker.limit("SELL", "1", "100");
		const shown = async () =>
			(await user.send("GET", "/api/v3/depth", `symbol=${symbol}`)).body.asks;
		expect(iceberg.icebergQty).toBe("2.00000000");
		expect(await shown()).toEqual([["100.00000000", "3.00000000"]]);
		// Two of the iceberg; its next part queues behind the other's one.
		await taker.limit("BUY", "2", "100");
		expect(await shown()).toEqual([["100.00000000", "3.00000000"]]);
		await taker.limit("BUY", "1", "100");
		expect(await maker.find(other.orderId)).toMatchObject({ status: "FILLED" });
		await taker.limit("BUY", "2.5", "100");
		expect(await shown()).toEqual([["100.00000000", "0.50000000"]]);
		expect(await user.find(iceberg.orderId)).toMatchObject({ executedQty: "4.50000000" });
	});
});

describe("stop and take-profit", () => {
	test.each([
		["STOP_LOSS", "BUY", "101"],
		["STOP_LOSS", "SELL", "99"],
		["TAKE_PROFIT", "BUY", "99"],
		["TAKE_PROFIT", "SELL", "101"],
	] as const)("%s %s waits, triggers a market order", async (type, side, stopPrice) => {
		const { user, maker, taker } = await markets.scene();
		await trade(maker, taker, "100");
		const order = await user.placed({ side, type, quantity: "2", stopPrice });
		expect(order).toMatchObject({ status: "NEW", type, stopPrice: `${stopPrice}.00000000` });
		expect(await user.find(order.orderId)).toMatchObject({ isWorking: false, status: "NEW" });
		// Someone to take from, then the price that triggers.
		await maker.limit(side === "BUY" ? "SELL" : "BUY", "3", stopPrice);
		await taker.limit(side, "1", stopPrice);
		expect(await user.find(order.orderId)).toMatchObject({
			...{ status: "FILLED", isWorking: true, executedQty: "2.00000000" },
			cummulativeQuoteQty: `${2 * Number(stopPrice)}.00000000`,
		});
	});

	test.each([
		["STOP_LOSS_LIMIT", "BUY", "101"],
		["STOP_LOSS_LIMIT", "SELL", "99"],
		["TAKE_PROFIT_LIMIT", "BUY", "99"],
		["TAKE_PROFIT_LIMIT", "SELL", "101"],
	] as const)("%s %s triggers a limit order that rests", async (type, side, stopPrice) => {
		const { user, maker, taker, symbol } = await markets.scene();
		await trade(maker, taker, "100");
		const price = side === "BUY" ? "90" : "110";
		const stop = { side, type, stopPrice, timeInForce: "GTC", quantity: "2", price } as const;
		const order = await user.placed(stop);
		const book = async () => (await user.send("GET", "/api/v3/depth", `symbol=${symbol}`)).body;
		expect(await book()).toMatchObject({ bids: [], asks: [] });
		await trade(maker, taker, stopPrice);
		const level = [[`${price}.00000000`, "2.00000000"]];
		const rests = side === "BUY" ? { bids: level, asks: [] } : { bids: [], asks: level };
		expect(await book()).toMatchObject(rests);
		expect(await user.find(order.orderId)).toMatchObject({ status: "NEW", isWorking: true });
	});

	test.each([
		["STOP_LOSS", "BUY", "100"],
		["STOP_LOSS", "SELL", "100"],
		["TAKE_PROFIT", "BUY", "101"],
		["TAKE_PROFIT", "SELL", "99"],
	] as const)("%s %s already reached is refused", async (type, side, stopPrice) => {
		const { user, maker, taker } = await markets.scene();
		await trade(maker, taker, "100");
		const reply = await user.order({ side, type, quantity: "2", stopPrice });
		expect([reply.status, reply.body]).toEqual([
			400,
			{ code: -2010, msg: "Order would trigger immediately." },
		]);
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
	});
});

describe("self-trade prevention", () => {
	/** The user rests 2 at 100, 1 of a stranger behind it, and takes 3 with the mode. */
	async function taken(mode: string, makerMode = mode) {
		const { user, maker, symbol } = await markets.scene();
		const modeOf = (selfTradePreventionMode: string) => ({ selfTradePreventionMode });
		const resting = await user.limit("SELL", "2", "100", modeOf(makerMode));
		await maker.limit("SELL", "2", "101");
		const order = await user.limit("BUY", "3", "101", modeOf(mode));
		expect(order.selfTradePreventionMode).toBe(mode);
		const rested = await user.find(resting.orderId);
		const trades = await user.send("GET", "/api/v3/trades", `symbol=${symbol}`);
		return {
			taker: `${order.status} ${order.executedQty} ${order.preventedQuantity ?? "-"}`,
			maker: `${rested.status} ${rested.executedQty} ${rested.preventedQuantity ?? "-"}`,
			prints: trades.body.length,
			money: await user.money(),
			matchIds: [order.preventedMatchId, rested.preventedMatchId],
		};
	}

	test("NONE: trades with itself, fees on both sides", async () => {
		expect(await taken("NONE")).toEqual({
			taker: "FILLED 3.00000000 -",
			maker: "FILLED 2.00000000 -",
			prints: 2,
			// -2 and +2 of base at 200, less 0.2 of quote and 0.002 of base; one more at 101.
			money: "USDT 9898.8/0, BASE 100.997/0",
			matchIds: [undefined, undefined],
		});
	});

	test("EXPIRE_MAKER: the resting order ends, the other goes on", async () => {
		expect(await taken("EXPIRE_MAKER")).toEqual({
			taker: "PARTIALLY_FILLED 2.00000000 -",
			maker: "EXPIRED_IN_MATCH 0.00000000 2.00000000",
			prints: 1,
			money: "USDT 9697/101, BASE 101.998/0",
			matchIds: [undefined, 1],
		});
	});

	test("EXPIRE_TAKER: the incoming order ends", async () => {
		expect(await taken("EXPIRE_TAKER")).toEqual({
			taker: "EXPIRED_IN_MATCH 0.00000000 3.00000000",
			maker: "NEW 0.00000000 -",
			prints: 0,
			money: "USDT 10000/0, BASE 98/2",
			matchIds: [1, undefined],
		});
	});

	test("EXPIRE_BOTH: both end", async () => {
		expect(await taken("EXPIRE_BOTH")).toEqual({
			taker: "EXPIRED_IN_MATCH 0.00000000 3.00000000",
			maker: "EXPIRED_IN_MATCH 0.00000000 2.00000000",
			prints: 0,
			money: "USDT 10000/0, BASE 100/0",
			matchIds: [1, 1],
		});
	});

	test.each(["DECREMENT", "TRANSFER"])(
		"%s: both lose the smaller, the smaller ends",
		async (mode) => {
			expect(await taken(mode)).toEqual({
				taker: "FILLED 1.00000000 2.00000000",
				maker: "EXPIRED_IN_MATCH 0.00000000 2.00000000",
				prints: 1,
				money: "USDT 9899/0, BASE 100.999/0",
				matchIds: [1, 1],
			});
		},
	);

	test("TRANSFER against another mode is DECREMENT; the taker's mode rules", async () => {
		expect((await taken("TRANSFER", "NONE")).taker).toBe("FILLED 1.00000000 2.00000000");
		expect((await taken("EXPIRE_TAKER", "EXPIRE_MAKER")).maker).toBe("NEW 0.00000000 -");
	});
});

test("after all of it, the invariants hold", async () => {
	expect((await markets.operator("audit", {}))["sound"]).toBe(true);
});
