/**
 * The hold table through HTTP: what GET account shows free and locked when an order is placed, after
 * a partial fill, and at its end, to the last digit. Fees are 0.1 % of what is received.
 */
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

describe("limit and sell", () => {
	test("limit buy as maker: price × quantity, less price × filled, the rest", async () => {
		const { user, taker } = await markets.scene();
		const order = await user.limit("BUY", "10", "100");
		expect(await user.money()).toBe("USDT 9000/1000, BASE 100/0");
		await taker.limit("SELL", "4", "90");
		expect(await user.money()).toBe("USDT 9000/600, BASE 103.996/0");
		await user.cancel(order.orderId);
		expect(await user.money()).toBe("USDT 9600/0, BASE 103.996/0");
	});

	test("limit buy as taker: what a better price saved is free at once", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "4", "90");
		const order = await user.limit("BUY", "10", "100");
		expect(await user.money()).toBe("USDT 9040/600, BASE 103.996/0");
		await user.cancel(order.orderId);
		expect(await user.money()).toBe("USDT 9640/0, BASE 103.996/0");
	});

	test("sell: quantity, less filled, the rest", async () => {
		const { user, taker } = await markets.scene();
		const order = await user.limit("SELL", "10", "100");
		expect(await user.money()).toBe("USDT 10000/0, BASE 90/10");
		await taker.limit("BUY", "3", "100");
		expect(await user.money()).toBe("USDT 10299.7/0, BASE 90/7");
		await user.cancel(order.orderId);
		expect(await user.money()).toBe("USDT 10299.7/0, BASE 97/0");
	});

	test("fees are rounded up to the smallest unit", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "1", "77777.77");
		// 0.01234 of base: fee 0.00001234; 0.01234 × 77777.77 = 959.7776818 of quote.
		await user.limit("BUY", "0.01234", "77777.77");
		expect(await user.money()).toBe("USDT 9040.2223182/0, BASE 100.01232766/0");
		await maker.call("DELETE", "/api/v3/openOrders", { symbol: user.symbol });
		await maker.limit("BUY", "0.01233", "77777.77");
		// 0.01233 × 77777.77 = 958.9999041; the fee 0.9589999041 is rounded up to 0.95899991.
		await user.limit("SELL", "0.01233", "77777.77");
		expect(await user.money()).toBe("USDT 9998.26322239/0, BASE 99.99999766/0");
	});
});

describe("market", () => {
	test("buy by quote amount: the amount, less what it spent, the rest", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "5", "100");
		const some = await user.placed({ side: "BUY", type: "MARKET", quoteOrderQty: "750" });
		expect(some).toMatchObject({ status: "EXPIRED", executedQty: "5.00000000" });
		expect(await user.money()).toBe("USDT 9500/0, BASE 104.995/0");
		await maker.limit("SELL", "50", "100");
		const all = await user.placed({ side: "BUY", type: "MARKET", quoteOrderQty: "750" });
		expect(all).toMatchObject({ status: "FILLED", cummulativeQuoteQty: "750.00000000" });
		expect(await user.money()).toBe("USDT 8750/0, BASE 112.4875/0");
	});

	test("buy by quantity: a budget of quantity × best ask × band", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "1", "100");
		await maker.limit("SELL", "100", "150");
		// Budget 1,050: 100 for the first, 949.9995 buy 6.33333; 0.0005 buy no more.
		const order = await user.placed({ side: "BUY", type: "MARKET", quantity: "10" });
		expect(order).toMatchObject({ status: "EXPIRED", executedQty: "7.33333000" });
		expect(await user.money()).toBe("USDT 8950.0005/0, BASE 107.32599667/0");
	});

	test("buy by quantity: at most what is there, refused below quantity × best ask", async () => {
		const { base, maker } = await markets.scene();
		await maker.limit("SELL", "50", "100");
		const user = await markets.trader(base, { USDT: "1000", [base]: "1" });
		const tooMuch = await user.order({ side: "BUY", type: "MARKET", quantity: "10.00001" });
		expect([tooMuch.status, tooMuch.body.code]).toEqual([400, -2010]);
		expect(await user.money()).toBe("USDT 1000/0, BASE 1/0");
		const all = await user.placed({ side: "BUY", type: "MARKET", quantity: "10" });
		expect(all.status).toBe("FILLED");
		expect(await user.money()).toBe("USDT 0/0, BASE 10.99/0");
	});

	test("sell by quote amount: the lots it takes at the best bid less the band", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("BUY", "4", "100");
		await maker.limit("BUY", "100", "50");
		// 500 ÷ (100 ÷ 1.05) = 5.25: 4 at 100 and 1.25 at 50 make 462.5.
		const order = await user.placed({ side: "SELL", type: "MARKET", quoteOrderQty: "500" });
		expect(order).toMatchObject({ executedQty: "5.25000000", cummulativeQuoteQty: "462.50000000" });
		expect(await user.money()).toBe("USDT 10462.0375/0, BASE 94.75/0");
	});

	test("sell by quote amount: at most what is there", async () => {
		const { base, maker } = await markets.scene();
		await maker.limit("BUY", "100", "100");
		const user = await markets.trader(base, { USDT: "1", [base]: "2" });
		const order = await user.placed({ side: "SELL", type: "MARKET", quoteOrderQty: "500" });
		expect(order).toMatchObject({ executedQty: "2.00000000", cummulativeQuoteQty: "200.00000000" });
		expect(await user.money()).toBe("USDT 200.8/0, BASE 0/0");
	});

	test("without best price and last price there is nothing to hold: -2010", async () => {
		const { user } = await markets.scene();
		const reply = await user.order({ side: "BUY", type: "MARKET", quantity: "1" });
		expect([reply.status, reply.body]).toEqual([
			400,
			{ code: -2010, msg: "No orders on book for symbol." },
		]);
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
	});
});

describe("stop and take-profit", () => {
	test.each([
		["STOP_LOSS_LIMIT", "110", "220"],
		["TAKE_PROFIT_LIMIT", "90", "180"],
	] as const)("%s buy: limit × quantity, also once triggered", async (type, stopPrice, paid) => {
		const { user, maker, taker } = await markets.scene();
		await trade(maker, taker, "100");
		const stop = { side: "BUY", type, stopPrice, timeInForce: "GTC" } as const;
		const order = await user.placed({ ...stop, quantity: "5", price: "120" });
		expect(await user.money()).toBe("USDT 9400/600, BASE 100/0");
		await maker.limit("SELL", "3", stopPrice);
		await taker.limit("BUY", "1", stopPrice);
		// Two at the stop price, three left at the limit.
		const left = 10_000 - Number(paid);
		expect(await user.money()).toBe(`USDT ${left - 360}/360, BASE 101.998/0`);
		await user.cancel(order.orderId);
		expect(await user.money()).toBe(`USDT ${left}/0, BASE 101.998/0`);
	});

	test("STOP_LOSS buy: a budget of quantity × stop price × band", async () => {
		const { user, maker, taker } = await markets.scene();
		await trade(maker, taker, "100");
		await user.placed({ side: "BUY", type: "STOP_LOSS", quantity: "10", stopPrice: "110" });
		expect(await user.money()).toBe("USDT 8845/1155, BASE 100/0");
		await maker.limit("SELL", "5", "110");
		await maker.limit("SELL", "50", "150");
		await taker.limit("BUY", "1", "110");
		// 4 at 110, then 715 buy 4.76666 at 150.
		expect(await user.money()).toBe("USDT 8845.001/0, BASE 108.75789334/0");
	});

	test("TAKE_PROFIT buy: the same, canceled untriggered", async () => {
		const { user, maker, taker } = await markets.scene();
		await trade(maker, taker, "100");
		const wanted = { side: "BUY", type: "TAKE_PROFIT", quantity: "10", stopPrice: "90" } as const;
		const order = await user.placed(wanted);
		expect(await user.money()).toBe("USDT 9055/945, BASE 100/0");
		await user.cancel(order.orderId);
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
	});

	test.each([
		["STOP_LOSS", "90"],
		["TAKE_PROFIT", "110"],
	] as const)("%s sell: quantity", async (type, stopPrice) => {
		const { user, maker, taker } = await markets.scene();
		await trade(maker, taker, "100");
		await user.placed({ side: "SELL", type, quantity: "10", stopPrice });
		expect(await user.money()).toBe("USDT 10000/0, BASE 90/10");
		await maker.limit("BUY", "4", stopPrice);
		await taker.limit("SELL", "1", stopPrice);
		// Three of ten find a buyer; the rest ends with the book.
		const got = Number(stopPrice) * 3 * 0.999;
		expect(await user.money()).toBe(`USDT ${10_000 + got}/0, BASE 97/0`);
	});
});

describe("amend, replace, withdraw", () => {
	test("amend: the cut is free with its event", async () => {
		const { user, taker, symbol } = await markets.scene();
		const { orderId } = await user.limit("BUY", "10", "100");
		await taker.limit("SELL", "1", "100");
		expect(await user.money()).toBe("USDT 9000/900, BASE 100.999/0");
		await user.call("PUT", "/api/v3/order/amend/keepPriority", { symbol, orderId, newQty: "3" });
		expect(await user.money()).toBe("USDT 9700/200, BASE 100.999/0");
		await user.cancel(orderId);
		expect(await user.money()).toBe("USDT 9900/0, BASE 100.999/0");
	});

	test("cancel-replace: what the old order frees pays for the new one", async () => {
		const { base, symbol, taker } = await markets.scene();
		const user = await markets.trader(base, { USDT: "1000", [base]: "5" });
		const old = await user.limit("BUY", "10", "100");
		expect(await user.money()).toBe("USDT 0/1000, BASE 5/0");
		const replace = (orderId: number, more: Record<string, string>) =>
			user.call("POST", "/api/v3/order/cancelReplace", {
				...{ symbol, cancelReplaceMode: "STOP_ON_FAILURE", cancelOrderId: orderId },
				...{ side: "BUY", type: "LIMIT", timeInForce: "GTC", ...more },
			});
		const same = await replace(old.orderId, { quantity: "9", price: "110" });
		expect(same.status).toBe(200);
		expect(await user.money()).toBe("USDT 10/990, BASE 5/0");
		const { orderId } = same.body.newOrderResponse;
		await taker.limit("SELL", "1", "110");
		expect(await user.money()).toBe("USDT 10/880, BASE 5.999/0");
		const tooMuch = await replace(orderId, { quantity: "8.9001", price: "100" });
		expect(tooMuch.status).toBeGreaterThanOrEqual(400);
		expect(await user.money()).toBe("USDT 10/880, BASE 5.999/0");
		const other = await replace(orderId, { side: "SELL", quantity: "5", price: "120" });
		expect(other.status).toBe(200);
		expect(await user.money()).toBe("USDT 890/0, BASE 0.999/5");
		await user.cancel(other.body.newOrderResponse.orderId);
		expect(await user.money()).toBe("USDT 890/0, BASE 5.999/0");
	});

	test("withdrawal: once per id, never what is locked", async () => {
		const { user } = await markets.scene();
		await user.limit("BUY", "40", "100");
		const withdraw = (amount: string, id: string) =>
			markets.operator("withdraw", { user: String(user.userId), asset: "USDT", amount, id });
		expect(await withdraw("1000", "w1")).toMatchObject({ available: "5000.00000000" });
		expect(await withdraw("1000", "w1")).toMatchObject({ repeated: true });
		expect(await user.money()).toBe("USDT 5000/4000, BASE 100/0");
		await expect(withdraw("999", "w1")).rejects.toThrow("externalIdClash");
		await expect(withdraw("5000.00000001", "w2")).rejects.toThrow("insufficientBalance");
		expect(await user.money()).toBe("USDT 5000/4000, BASE 100/0");
	});
});

test("after all of it, the invariants hold", async () => {
	expect((await markets.operator("audit", {}))["sound"]).toBe(true);
});
