import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { btcUsdt, ethBtc } from "../testing/symbols.ts";
import {
	assetText,
	averagePriceText,
	percentText,
	priceText,
	qtyText,
	quoteText,
} from "./number-text.ts";

/** The slow, plain way: bigint units of 10^-8. */
function plain(units: bigint): string {
	const size = (units < 0n ? -units : units).toString().padStart(9, "0");
	return `${units < 0n ? "-" : ""}${size.slice(0, -8)}.${size.slice(-8)}`;
}

describe("examples", () => {
	test("prices, quantities and amounts have 8 decimals", () => {
		expect(priceText(btcUsdt, 6_512_345)).toBe("65123.45000000");
		expect(priceText(btcUsdt, 1)).toBe("0.01000000");
		expect(priceText(btcUsdt, -150)).toBe("-1.50000000");
		expect(qtyText(btcUsdt, 0)).toBe("0.00000000");
		expect(qtyText(btcUsdt, 100_000)).toBe("1.00000000");
		expect(qtyText(btcUsdt, 123n)).toBe("0.00123000");
		expect(quoteText(btcUsdt, 6_512_345 * 10)).toBe("6.51234500");
		expect(quoteText(ethBtc, 7)).toBe("0.00000007");
	});

	test("an asset with fewer decimals is shown with 8 all the same", () => {
		const cents = { assetId: 9, asset: "EUR", name: "Euro", decimals: 2 };
		expect(assetText(cents, 1_234n)).toBe("12.34000000");
		expect(assetText(cents, -5n)).toBe("-0.05000000");
		const euros = { ...btcUsdt, quote: cents, tickSize: "0.1", lotSize: "0.1" };
		expect(quoteText({ ...euros, quoteUnitsPerTickLot: 1 }, 12)).toBe("0.12000000");
	});

	test("the amount of a large tick and a large lot is exact", () => {
		const yen = { assetId: 8, asset: "JPY", name: "Yen", decimals: 0 };
		const large = { ...btcUsdt, quote: yen, tickSize: "90071992", lotSize: "90071991" };
		const symbol = { ...large, quoteUnitsPerTickLot: 90_071_992 * 90_071_991 };
		expect(quoteText(symbol, 0)).toBe("0.00000000");
		expect(quoteText(symbol, 9_007)).toBe("73073463620554080504.00000000");
		expect(quoteText(symbol, 9_007n)).toBe("73073463620554080504.00000000");
	});

	test("averages round half up at 8 decimals; without trades the last price", () => {
		expect(averagePriceText(btcUsdt, 2n, 3n, 0)).toBe("0.00666667");
		expect(averagePriceText(btcUsdt, 1n, 2_000_000n, 0)).toBe("0.00000001");
		expect(averagePriceText(btcUsdt, 1n, 2_000_001n, 0)).toBe("0.00000000");
		expect(averagePriceText(btcUsdt, 0n, 0n, 42)).toBe("0.42000000");
	});

	test("percent has 3 decimals", () => {
		expect(percentText(100, 101)).toBe("1.000");
		expect(percentText(3, 2)).toBe("-33.333");
		expect(percentText(200_000, 199_999)).toBe("-0.001");
		expect(percentText(200_001, 200_000)).toBe("0.000");
		expect(percentText(0, 5)).toBe("0.000");
	});

	test("a size finer than 8 decimals is refused", () => {
		expect(() => priceText({ ...btcUsdt, tickSize: "0.000000001" }, 1)).toThrow("8 decimals");
	});
});

describe("properties", () => {
	const safe = fc.maxSafeInteger();
	const size = fc.constantFrom("0.00000001", "0.00001", "0.01", "0.5", "1", "1000", "12345.678");

	test("every safe integer, at every scale, is as bigint has it", () => {
		fc.assert(
			fc.property(safe, size, (count, tickSize) => {
				const each = BigInt(Math.round(Number(tickSize) * 1e8));
				const symbol = { ...btcUsdt, tickSize, lotSize: tickSize };
				expect(priceText(symbol, count)).toBe(plain(BigInt(count) * each));
				expect(qtyText(symbol, BigInt(count))).toBe(qtyText(symbol, count));
			}),
		);
	});

	test("a text that was written before is the one of its own count and size", () => {
		const count = fc.constantFrom(1, 2, 4_097, 8_193, 4_098, -4_095, 2 ** 32 + 1, 1_000_001);
		const asked = fc.array(fc.tuple(count, size), { minLength: 20 });
		fc.assert(
			fc.property(asked, (rows) => {
				for (const [count, tickSize] of rows) {
					const each = BigInt(Math.round(Number(tickSize) * 1e8));
					const symbol = { ...btcUsdt, tickSize, lotSize: tickSize };
					expect(priceText(symbol, count)).toBe(plain(BigInt(count) * each));
					expect(qtyText(symbol, count)).toBe(plain(BigInt(count) * each));
				}
			}),
		);
	});

	test("sums beyond 2^53 stay exact", () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (tickLots) => {
				expect(quoteText(btcUsdt, tickLots)).toBe(plain(tickLots * 10n));
			}),
		);
	});

	test("an average lies within half a unit of the true one", () => {
		const positive = fc.bigInt({ min: 1n, max: 10n ** 25n });
		fc.assert(
			fc.property(positive, positive, (tickLots, lots) => {
				const shown = BigInt(averagePriceText(btcUsdt, tickLots, lots, 0).replace(".", ""));
				const error = 2n * (shown * lots - tickLots * 1_000_000n);
				expect(error <= lots && error > -lots).toBe(true);
			}),
		);
	});
});
