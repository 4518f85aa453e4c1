import { expect, test } from "bun:test";
import { type SymbolDraft, SymbolDraftError, symbolOf } from "./symbol-draft.ts";

const BTC = { assetId: 1, asset: "BTC", name: "Bitcoin", decimals: 8 };
const USDT = { assetId: 2, asset: "USDT", name: "Tether", decimals: 8 };
const DRAFT: SymbolDraft = {
	base: BTC,
	quote: USDT,
	tickSize: "0.01",
	lotSize: "0.00001",
	minPrice: "0.01",
	maxPrice: "1000000",
	minQty: "0.00001",
	maxQty: "900",
	marketMaxQty: "100",
	minNotional: "5",
	maxNotional: "9000000",
	makerFeePpm: 1000,
	takerFeePpm: 1000,
};

test("decimal text becomes ticks, lots and tick-lots", () => {
	const spec = symbolOf(DRAFT, 7, 0);
	expect(spec).toMatchObject({
		symbolId: 7,
		symbol: "BTCUSDT",
		quoteUnitsPerTickLot: 10,
		baseUnitsPerLot: 1000,
		maxPriceTicks: 100_000_000,
		maxQtyLots: 90_000_000,
	});
	// 5 USDT is 5e8 units, at 10 units per tick-lot.
	expect(spec.filters.minNotionalTickLots).toBe(50_000_000);
});

test("the smallest order may be as large as the largest", () => {
	const largest = { maxPrice: "0.01", minNotional: "9", minPrice: "0.01" };
	expect(symbolOf({ ...DRAFT, ...largest }, 1, 0).filters.minNotionalTickLots).toBe(90_000_000);
	expect(symbolOf({ ...DRAFT, minNotional: "9000000" }, 1, 0).filters).toMatchObject({
		...{ minNotionalTickLots: 9e13, maxNotionalTickLots: 9e13 },
	});
});

test.each([
	[{ tickSize: "0.001", lotSize: "0.000001" }, "whole multiple of USDT's smallest unit"],
	[{ base: { ...BTC, decimals: 4 } }, "whole multiple of BTC's smallest unit"],
	[{ maxQty: "901" }, "below 2^53"],
	[{ maxPrice: "1000000.005" }, "maxPrice=1000000.005 must be a positive multiple of tickSize"],
	[
		{ maxPrice: "90071992547409.92" },
		"maxPrice=90071992547409.92 must stay below 2^53 of tickSize",
	],
	[{ quote: BTC }, "a market is of two assets, and BTC is one"],
	// Markets stay as they are: nobody could ever trade in these.
	[{ minNotional: "9000000.00000010" }, "minNotional=9000000.00000010 must not be above 9000000"],
	[
		{ maxNotional: "900719925.4740993" },
		"maxNotional=900719925.4740993 must stay below 2^53 of tickSize × lotSize",
	],
	[{ maxPrice: "0.01", minNotional: "9.0000001" }, "is above any order of maxPrice × maxQty"],
	[{ minQty: "0" }, "minQty=0 must be a positive multiple"],
	[{ tickSize: "1e-2" }, "tickSize=1e-2: malformed"],
	[{ tickSize: "0" }, "tickSize=0 must be above 0"],
	[{ lotSize: "0.0" }, "lotSize=0.0 must be above 0"],
	// What no client can write, and the edge cannot count in, would end it at the first order.
	[{ tickSize: "0.000000001", lotSize: "10" }, "tickSize=0.000000001: precision"],
	[{ tickSize: "90071993" }, "tickSize=90071993 must be above 0, and below 90071992"],
	[{ lotSize: "100000000" }, "lotSize=100000000 must be above 0, and below 90071992"],
])("refuses %p", (change, says) => {
	expect(() => symbolOf({ ...DRAFT, ...change }, 1, 0)).toThrow(SymbolDraftError);
	expect(() => symbolOf({ ...DRAFT, ...change }, 1, 0)).toThrow(says);
});
