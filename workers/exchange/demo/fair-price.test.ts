import { expect, test } from "bun:test";
import { fairPrice } from "./fair-price.ts";

const MARKETS = [
	["BTC", "USDT", 65_000],
	["ETH", "USDT", 3_500],
	["ETH", "BTC", 3_500 / 65_000],
] as const;
const START = 1_700_000_000_000;

test("a price hovers near its base, and moves", () => {
	for (const [base, quote, level] of MARKETS) {
		const prices = Array.from({ length: 3_000 }, (_, i) =>
			fairPrice(base, quote, START + i * 60_000),
		);
		expect(Math.min(...prices)).toBeGreaterThan(level * 0.9);
		expect(Math.max(...prices)).toBeLessThan(level * 1.1);
		expect(Math.max(...prices) / Math.min(...prices)).toBeGreaterThan(1.01);
	}
});

test("it is smooth: when a bot is back in a market, its ladder of 720 ppm is not left behind", () => {
	for (const [base, quote] of MARKETS) {
		for (let i = 0; i < 1_000; i += 1) {
			const at = START + i * 977;
			const change = fairPrice(base, quote, at + 1_350) / fairPrice(base, quote, at) - 1;
			expect(Math.abs(change)).toBeLessThan(0.00072);
		}
	}
});

test("the three markets agree: there is nothing to gain by going around", () => {
	const around =
		(fairPrice("ETH", "BTC", START) * fairPrice("BTC", "USDT", START)) /
		fairPrice("ETH", "USDT", START);
	expect(around).toBeCloseTo(1, 9);
});
