import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { AveragePriceView } from "../../schemas/market.ts";
import { OrderType, Side, StpMode, TimeInForce } from "../../schemas/order.ts";
import type { PlaceRequest } from "../../schemas/ports/account-service.ts";
import type { SymbolFilters } from "../../schemas/symbol.ts";
import { btcUsdt } from "../../schemas/testing/symbols.ts";
import { AVERAGE } from "../testing/ops-fakes.ts";
import { failedFilter } from "./order-filters.ts";

const LIMIT: PlaceRequest = {
	symbolId: 1,
	side: Side.Buy,
	type: OrderType.Limit,
	timeInForce: TimeInForce.Gtc,
	byQuote: false,
	priceTicks: 6_000_000,
	qtyLots: 50_000,
	quoteTickLots: 0,
	stopPriceTicks: 0,
	displayLots: 0,
	stpMode: StpMode.None,
	clientOrderId: "a",
	clientIdGiven: false,
	strategyId: 0,
	strategyType: 0,
};
const MARKET: PlaceRequest = { ...LIMIT, type: OrderType.Market, priceTicks: 0 };

function failed(
	order: PlaceRequest,
	filters: Partial<SymbolFilters> = {},
	average: AveragePriceView = AVERAGE,
) {
	const symbol = { ...btcUsdt, filters: { ...btcUsdt.filters, ...filters } };
	return failedFilter(symbol, order, async () => average);
}

/** The average of AVERAGE is 60000.00: 6,000,000 ticks. Each row is one step to either side of a bound. */
describe("bounds, to the last tick and lot", () => {
	test.each([
		["lowest price", { priceTicks: 1_200_000 }, null],
		["below the band", { priceTicks: 1_199_999 }, "PERCENT_PRICE_BY_SIDE"],
		["highest price of a buy", { priceTicks: 30_000_000 }, null],
		["above the band", { priceTicks: 30_000_001 }, "PERCENT_PRICE_BY_SIDE"],
		["smallest quantity", { qtyLots: 1, priceTicks: 6_000_000 }, "NOTIONAL"],
		["smallest notional", { qtyLots: 10, priceTicks: 5_000_000 }, null],
		["one lot less", { qtyLots: 9, priceTicks: 5_000_000 }, "NOTIONAL"],
		["largest quantity", { qtyLots: 90_000_000 }, null],
		["one lot more", { qtyLots: 90_000_001 }, "LOT_SIZE"],
		["an iceberg of ten parts", { qtyLots: 50_000, displayLots: 5_000 }, null],
		["of eleven", { qtyLots: 50_001, displayLots: 5_000 }, "ICEBERG_PARTS"],
	] as const)("limit: %s", async (_name, change, expected) => {
		expect(await failed({ ...LIMIT, ...change })).toBe(expected);
	});

	test.each([
		["largest quantity", { qtyLots: 10_000_000 }, null],
		["one lot more", { qtyLots: 10_000_001 }, "MARKET_LOT_SIZE"],
		["smallest at the average price", { qtyLots: 9 }, null],
		["one lot less", { qtyLots: 8 }, "NOTIONAL"],
		["smallest amount", { byQuote: true, qtyLots: 0, quoteTickLots: 50_000_000 }, null],
		["one less", { byQuote: true, qtyLots: 0, quoteTickLots: 49_999_999 }, "NOTIONAL"],
	] as const)("market: %s", async (_name, change, expected) => {
		expect(await failed({ ...MARKET, ...change })).toBe(expected);
	});

	test("multiples of the filters' steps, not only of the engine's", async () => {
		expect(await failed(LIMIT, { tickTicks: 10 })).toBeNull();
		expect(await failed({ ...LIMIT, priceTicks: 6_000_001 }, { tickTicks: 10 })).toBe(
			"PRICE_FILTER",
		);
		expect(await failed({ ...LIMIT, qtyLots: 50_001 }, { stepLots: 10 })).toBe("LOT_SIZE");
		expect(await failed({ ...MARKET, qtyLots: 50_001 }, { marketStepLots: 10 })).toBe(
			"MARKET_LOT_SIZE",
		);
	});

	test("minPrice and maxPrice, 0 for none", async () => {
		expect(await failed(LIMIT, { minPriceTicks: 6_000_000, maxPriceTicks: 6_000_000 })).toBeNull();
		expect(await failed(LIMIT, { minPriceTicks: 6_000_001 })).toBe("PRICE_FILTER");
		expect(await failed(LIMIT, { maxPriceTicks: 5_999_999 })).toBe("PRICE_FILTER");
		expect(await failed(LIMIT, { minPriceTicks: 0, maxPriceTicks: 0 })).toBeNull();
	});

	test("a largest notional, for all but market orders", async () => {
		const largest = { maxNotionalTickLots: 50_000 * 6_000_000 };
		expect(await failed(LIMIT, largest)).toBeNull();
		expect(await failed({ ...LIMIT, qtyLots: 50_001 }, largest)).toBe("NOTIONAL");
		expect(await failed({ ...MARKET, qtyLots: 50_001 }, largest)).toBeNull();
	});

	test("each side has a band of its own", async () => {
		const bands = { bidUpPermille: 1_100, askUpPermille: 2_000 };
		const at = { ...LIMIT, priceTicks: 6_600_001 };
		expect(await failed(at, bands)).toBe("PERCENT_PRICE_BY_SIDE");
		expect(await failed({ ...at, side: Side.Sell }, bands)).toBeNull();
	});

	test("a stop price is a price", async () => {
		const stop = { ...LIMIT, type: OrderType.StopLossLimit, stopPriceTicks: 6_000_001 };
		expect(await failed(stop, { tickTicks: 10 })).toBe("PRICE_FILTER");
	});

	test("a stop without a limit has its notional at the stop price", async () => {
		const stop = { ...MARKET, type: OrderType.StopLoss, stopPriceTicks: 5_000_000 };
		expect(await failed({ ...stop, qtyLots: 10 })).toBeNull();
		expect(await failed({ ...stop, qtyLots: 9 })).toBe("NOTIONAL");
	});
});

test("without trades in the window the last price counts; without any, nothing is measured", async () => {
	const quiet = { ...AVERAGE, volumeLots: 0n, quoteTickLots: 0n };
	const far = { ...LIMIT, priceTicks: 30_050_001 };
	expect(await failed(far, {}, quiet)).toBe("PERCENT_PRICE_BY_SIDE");
	expect(await failed({ ...far, priceTicks: 30_050_000 }, {}, quiet)).toBeNull();
	expect(await failed(far, {}, { ...quiet, lastTicks: 0 })).toBeNull();
	expect(await failed({ ...MARKET, qtyLots: 1 }, {}, { ...quiet, lastTicks: 0 })).toBeNull();
});

test("the band is measured without rounding, however uneven the average", () => {
	return fc.assert(
		fc.asyncProperty(
			fc.bigInt(1n, 10n ** 12n),
			fc.bigInt(1n, 10n ** 6n),
			fc.integer({ min: 1, max: 100_000_000 }),
			async (lots, meanTicks, priceTicks) => {
				const quoteTickLots = lots * meanTicks + lots / 3n;
				const order = { ...LIMIT, priceTicks, qtyLots: 50_000_000 };
				const average = { ...AVERAGE, volumeLots: lots, quoteTickLots };
				const price = BigInt(priceTicks) * lots;
				const outside = price > quoteTickLots * 5n || price * 5n < quoteTickLots;
				const result = await failed(order, { maxNotionalTickLots: 0 }, average);
				expect(result === "PERCENT_PRICE_BY_SIDE").toBe(outside);
			},
		),
	);
});
