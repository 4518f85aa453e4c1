import { expect, test } from "bun:test";
import { BTCUSDT } from "../accounts/testing/symbols.ts";
import { baseAmount, budgetAmount, product, quoteAmount } from "./amounts.ts";

/** Its square is odd and just beyond 2^53: no float has it. */
const ROOT = 94_906_267;
const SQUARE = 9_007_199_515_875_289n;

test("a product of whole numbers is exact, beyond 2^53 too", () => {
	expect(product(3, 4)).toBe(12n);
	expect(product(0, 7)).toBe(0n);
	expect(product(Number.MAX_SAFE_INTEGER, 1)).toBe(9_007_199_254_740_991n);
	expect(product(ROOT, ROOT)).toBe(SQUARE);
});

test("amounts in smallest units: price × quantity, a budget, a quantity", () => {
	// A tick-lot is 10 units of the quote, a lot 1,000 of the base.
	expect(quoteAmount(BTCUSDT, 100, 7)).toBe(7_000n);
	expect(budgetAmount(BTCUSDT, 55)).toBe(550n);
	expect(baseAmount(BTCUSDT, 7)).toBe(7_000n);
});

test("no unit is lost where price × quantity, or what it is worth, is beyond 2^53", () => {
	expect(quoteAmount(BTCUSDT, ROOT, ROOT)).toBe(SQUARE * 10n);
	expect(quoteAmount(BTCUSDT, Number.MAX_SAFE_INTEGER, 1)).toBe(90_071_992_547_409_910n);
	expect(budgetAmount({ ...BTCUSDT, quoteUnitsPerTickLot: ROOT }, ROOT)).toBe(SQUARE);
	expect(baseAmount({ ...BTCUSDT, baseUnitsPerLot: ROOT }, ROOT)).toBe(SQUARE);
});
