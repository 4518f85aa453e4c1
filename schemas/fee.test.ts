import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { feeOf } from "./fee.ts";

test.each([
	[1_000_000n, 1_000, 1_000n],
	[1_000_001n, 1_000, 1_001n],
	[1n, 1, 1n],
	[1n, 1_000_000, 1n],
	[10n, 2_000_000, 10n],
	[0n, 1_000, 0n],
	[1_000n, 0, 0n],
	[-5n, 1_000, 0n],
] as const)("of %p at %p millionths: %p", (received, feePpm, fee) => {
	expect(feeOf(received, feePpm)).toBe(fee);
});

test("it is the exact part, rounded up by less than a unit, never more than received", () => {
	fc.assert(
		fc.property(fc.bigInt(1n, 10n ** 30n), fc.integer({ min: 1, max: 1_000_000 }), (got, ppm) => {
			const millionths = feeOf(got, ppm) * 1_000_000n - got * BigInt(ppm);
			expect(millionths >= 0n && millionths < 1_000_000n).toBe(true);
			expect(feeOf(got, ppm) <= got).toBe(true);
		}),
	);
});
