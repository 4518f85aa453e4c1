import { describe, expect, test } from "bun:test";
import { OrderType, Side, TimeInForce } from "../../schemas/order.ts";
import type { PlaceRequest } from "../../schemas/ports/account-service.ts";
import { type HoldFault, type HoldNeed, holdNeed, isWellFormed, newOrderOf } from "./holds.ts";
import { BTCUSDT } from "./testing/symbols.ts";
import { order } from "./testing/world.ts";

/*
 * The numbers of the hold table at their edges; hold-table.test.ts shows what becomes of them.
 * A tick-lot is 10 units of USDT (asset 2), a lot 1,000 units of BTC (asset 1), the band is 5 %.
 */
const NONE = { bidTicks: 0, askTicks: 0, lastTicks: 0 };
const market = { type: OrderType.Market, priceTicks: 0 };
const stopMarket = { type: OrderType.StopLoss, priceTicks: 0 };
const byQuote = { ...market, byQuote: true, qtyLots: 0 };
const sells = { side: Side.Sell };

function need(
	request: Partial<PlaceRequest>,
	spendable: bigint,
	prices: Partial<typeof NONE> = {},
	spec = BTCUSDT,
): HoldNeed | HoldFault {
	return holdNeed(spec, order(request), { ...NONE, ...prices }, spendable);
}

const usdt = (amount: bigint, qtyLots: number, capTickLots: number): HoldNeed => ({
	...{ assetId: 2, amount, qtyLots, capTickLots },
});
const btc = (amount: bigint, qtyLots: number, capTickLots: number): HoldNeed => ({
	...{ assetId: 1, amount, qtyLots, capTickLots },
});

describe("a hold is all of what there is at most", () => {
	test("limit buy: price × quantity", () => {
		expect(need({}, 10_000n)).toEqual(usdt(10_000n, 10, 0));
		expect(need({}, 9_999n)).toBe("insufficientBalance");
	});

	test("sell: quantity, whatever its type", () => {
		expect(need(sells, 10_000n)).toEqual(btc(10_000n, 10, 0));
		expect(need({ ...sells, ...market }, 10_000n)).toEqual(btc(10_000n, 10, 0));
		expect(need(sells, 9_999n)).toBe("insufficientBalance");
	});

	test("market buy by quote amount: the amount", () => {
		expect(need({ ...byQuote, quoteTickLots: 55 }, 550n)).toEqual(usdt(550n, 0, 55));
		expect(need({ ...byQuote, quoteTickLots: 55 }, 549n)).toBe("insufficientBalance");
	});

	test("stop-market buy: quantity × stop price × band, rounded down to a tick-lot", () => {
		const stop = { ...stopMarket, stopPriceTicks: 111, qtyLots: 3 };
		// 333 × 1.05 is 349.65.
		expect(need(stop, 3_490n)).toEqual(usdt(3_490n, 3, 349));
		expect(need(stop, 3_489n)).toBe("insufficientBalance");
	});

	test("a budget beyond what a number can say stops at the greatest safe one", () => {
		const stop = { ...stopMarket, stopPriceTicks: 94_906_265, qtyLots: 94_906_265 };
		const most = usdt(90_071_992_547_409_910n, 94_906_265, Number.MAX_SAFE_INTEGER);
		expect(need(stop, 10n ** 20n)).toEqual(most);
	});
});

describe("market buy by quantity", () => {
	const buy = { ...market, qtyLots: 10 };

	test("quantity × best ask × band where there is enough, else what there is", () => {
		expect(need(buy, 99_999n, { askTicks: 100 })).toEqual(usdt(10_500n, 10, 1_050));
		expect(need(buy, 10_500n, { askTicks: 100 })).toEqual(usdt(10_500n, 10, 1_050));
		expect(need(buy, 10_499n, { askTicks: 100 })).toEqual(usdt(10_490n, 10, 1_049));
		expect(need(buy, 10_000n, { askTicks: 100 })).toEqual(usdt(10_000n, 10, 1_000));
		expect(need(buy, 9_999n, { askTicks: 100 })).toBe("insufficientBalance");
	});

	test("the last price stands for an ask that is not there", () => {
		expect(need(buy, 99_999n, { lastTicks: 90, bidTicks: 1 })).toEqual(usdt(9_450n, 10, 945));
		expect(need(buy, 99_999n, { askTicks: 100, lastTicks: 90 })).toEqual(usdt(10_500n, 10, 1_050));
		expect(need(buy, 99_999n, { bidTicks: 90 })).toBe("noPrice");
		expect(need({ ...buy, qtyLots: 1 }, 99_999n, { askTicks: 1 })).toEqual(usdt(10n, 1, 1));
	});

	test("more money than a number can say changes nothing", () => {
		expect(need(buy, 10n ** 30n, { askTicks: 100 })).toEqual(usdt(10_500n, 10, 1_050));
	});
});

describe("market sell by quote amount", () => {
	const sell = { ...byQuote, ...sells };

	test("the lots it needs at the best bid less the band, rounded up", () => {
		// 1,000 × 1.05 ÷ 100 is 10.5; 2,000 × 1.05 ÷ 100 is 21 exactly.
		expect(need({ ...sell, quoteTickLots: 1_000 }, 10n ** 9n, { bidTicks: 100 })).toEqual(
			btc(11_000n, 11, 1_000),
		);
		expect(need({ ...sell, quoteTickLots: 2_000 }, 10n ** 9n, { bidTicks: 100 })).toEqual(
			btc(21_000n, 21, 2_000),
		);
	});

	test("at most the whole lots that there are, and never none", () => {
		const prices = { bidTicks: 100 };
		expect(need({ ...sell, quoteTickLots: 2_000 }, 21_000n, prices)).toEqual(
			btc(21_000n, 21, 2_000),
		);
		expect(need({ ...sell, quoteTickLots: 2_000 }, 20_999n, prices)).toEqual(
			btc(20_000n, 20, 2_000),
		);
		expect(need({ ...sell, quoteTickLots: 2_000 }, 999n, prices)).toBe("insufficientBalance");
	});

	test("at most what the symbol takes in one order", () => {
		const spec = { ...BTCUSDT, maxQtyLots: 20 };
		const prices = { bidTicks: 100 };
		expect(need({ ...sell, quoteTickLots: 2_000 }, 10n ** 9n, prices, spec)).toEqual(
			btc(20_000n, 20, 2_000),
		);
		const most = { ...sell, quoteTickLots: Number.MAX_SAFE_INTEGER };
		expect(need(most, 10n ** 30n, { bidTicks: 1 })).toEqual(
			btc(90_000_000_000n, 90_000_000, Number.MAX_SAFE_INTEGER),
		);
	});

	test("the last price stands for a bid that is not there", () => {
		expect(need({ ...sell, quoteTickLots: 900 }, 10n ** 9n, { lastTicks: 90 })).toEqual(
			btc(11_000n, 11, 900),
		);
		expect(need({ ...sell, quoteTickLots: 900 }, 10n ** 9n, { askTicks: 90 })).toBe("noPrice");
		expect(need({ ...sell, quoteTickLots: 1 }, 10n ** 9n, { bidTicks: 1 })).toEqual(
			btc(2_000n, 2, 1),
		);
	});
});

const stopLimit = { type: OrderType.StopLossLimit, stopPriceTicks: 90 };
test.each([
	["limit", {}, true],
	["the least of everything", { qtyLots: 1, priceTicks: 1 }, true],
	["limit without quantity", { qtyLots: 0 }, false],
	["limit without price", { priceTicks: 0 }, false],
	["limit with half a lot", { qtyLots: 1.5 }, false],
	["limit with a quantity beyond all numbers", { qtyLots: 2 ** 53 }, false],
	["market", market, true],
	["market without quantity", { ...market, qtyLots: 0 }, false],
	["by quote amount", { ...byQuote, quoteTickLots: 1 }, true],
	["by quote amount, without one", byQuote, false],
	["a limit by quote amount", { byQuote: true, quoteTickLots: 5 }, false],
	["a stop by quote amount", { ...stopLimit, byQuote: true, quoteTickLots: 5 }, false],
	["stop-limit", stopLimit, true],
	["stop-limit without stop price", { ...stopLimit, stopPriceTicks: 0 }, false],
	["stop-limit without price", { ...stopLimit, priceTicks: 0 }, false],
	["stop-market", { ...stopMarket, stopPriceTicks: 1 }, true],
	["stop-market with a negative stop price", { ...stopMarket, stopPriceTicks: -1 }, false],
] as const)("well-formed or not: %s", (_, changes, isGood) => {
	expect(isWellFormed(order(changes))).toBe(isGood);
});

test("what goes into the log has the prices of its type only, and the symbol's fees", () => {
	const request = { priceTicks: 100, stopPriceTicks: 90, timeInForce: TimeInForce.Ioc };
	const logged = (type: OrderType) =>
		newOrderOf(order({ ...request, type }), usdt(1n, 5, 7), BTCUSDT);
	expect(logged(OrderType.Limit)).toMatchObject({ priceTicks: 100, stopPriceTicks: 0 });
	expect(logged(OrderType.Market)).toMatchObject({ priceTicks: 0, stopPriceTicks: 0 });
	expect(logged(OrderType.TakeProfit)).toMatchObject({ priceTicks: 0, stopPriceTicks: 90 });
	expect(logged(OrderType.TakeProfitLimit)).toMatchObject({
		...{ priceTicks: 100, stopPriceTicks: 90, qtyLots: 5, capTickLots: 7 },
		...{ makerFeePpm: 1_000, takerFeePpm: 2_000, timeInForce: TimeInForce.Ioc },
	});
});
