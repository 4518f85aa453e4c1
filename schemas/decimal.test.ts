import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatUnits, parseSafeUnits, parseUnits } from "./decimal.ts";

test.each([
	["12.5", 8, 1_250_000_000n],
	["0", 8, 0n],
	["0.00000001", 8, 1n],
	["1.", 2, 100n],
	["007", 0, 7n],
	["1.10000000000", 1, 11n],
	["999999999999999999999999999999", 0, 999999999999999999999999999999n],
] as const)("%p at %p decimals", (text, decimals, units) => {
	expect(parseUnits(text, decimals)).toBe(units);
});

test.each([
	["1.23", 1, "precision"],
	["0.000000001", 8, "precision"],
	["1.0", 0, 1n],
	["1.5", 0, "precision"],
	["1".repeat(31), 8, "overflow"],
	[`${"1".repeat(31)}.5`, 8, "overflow"],
	...["", ".5", "-1", "+1", "1e3", " 1", "1 ", "1,0", "0x1", "1.2.3", "NaN", "١", "1\n"].map(
		(text) => [text, 8, "malformed"] as const,
	),
] as const)("%p at %p decimals is %p", (text, decimals, outcome) => {
	expect(parseUnits(text, decimals)).toBe(outcome);
});

test("what is formatted parses to the same units", () => {
	fc.assert(
		fc.property(fc.bigInt(0n, 10n ** 29n), fc.nat(18), fc.nat(10), (units, decimals, more) => {
			const text = formatUnits(units, decimals, decimals + more);
			expect(parseUnits(text, decimals)).toBe(units);
			expect(text.split(".")[1]?.length ?? 0).toBe(decimals + more);
		}),
	);
});

const plainText = fc.oneof(
	fc.stringMatching(/^[0-9]{0,12}\.?[0-9]{0,12}$/),
	fc.stringMatching(/^[0-9.+\-e x]{0,8}$/),
);

test("the quick way gives the same units, or leaves it to the other", () => {
	let quick = 0;
	fc.assert(
		fc.property(plainText, fc.nat(15), (text, decimals) => {
			const units = parseSafeUnits(text, decimals);
			quick += units < 0 ? 0 : 1;
			if (units >= 0) expect(parseUnits(text, decimals)).toBe(BigInt(units));
		}),
		{ numRuns: 2_000 },
	);
	expect(quick).toBeGreaterThan(200);
});

test.each([
	["60000.12", 8, 6_000_012_000_000],
	["0.00123", 8, 123_000],
	["5", 8, 500_000_000],
	["9999999.99999999", 8, 999_999_999_999_999],
	["10000000.00000000", 8, -1],
	["1.000000000", 8, -1],
	["1.", 8, -1],
	["", 8, -1],
] as const)("the quick way of %p at %p decimals is %p", (text, decimals, units) => {
	expect(parseSafeUnits(text, decimals)).toBe(units);
});

test.each([
	[1_250_000_000n, 8, 8, "12.50000000"],
	[5n, 3, 3, "0.005"],
	[5n, 0, 0, "5"],
	[0n, 2, 2, "0.00"],
	[5n, 0, 2, "5.00"],
	[-5n, 3, 4, "-0.0050"],
	[-1_234n, 2, 2, "-12.34"],
] as const)("%p of %p decimals with %p shown is %p", (units, decimals, shown, text) => {
	expect(formatUnits(units, decimals, shown)).toBe(text);
});
