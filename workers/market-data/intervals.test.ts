import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { KLINE_INTERVALS, type KlineInterval } from "../../schemas/market.ts";
import { barAfter, barOpen, baseInterval, DAY_MS, HOUR_MS, MINUTE_MS } from "./intervals.ts";

const moment = fc.integer({ min: 0, max: 4_102_444_800_000 });
const offset = fc.integer({ min: -12 * 60, max: 14 * 60 }).map((minutes) => minutes * MINUTE_MS);

test("months begin where the calendar says", () => {
	fc.assert(
		fc.property(moment, fc.integer({ min: -30, max: 30 }), (ms, count) => {
			const date = new Date(ms);
			const open = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
			expect(barOpen("1M", ms)).toBe(open);
			expect(barAfter("1M", open, 0, count)).toBe(
				Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count),
			);
		}),
	);
});

test("weeks begin on Monday, at midnight of their time zone", () => {
	fc.assert(
		fc.property(moment, offset, (ms, offsetMs) => {
			const open = barOpen("1w", ms, offsetMs);
			const local = new Date(open + offsetMs);
			expect(local.getUTCDay()).toBe(1);
			expect(local.getTime() % DAY_MS === 0).toBe(true);
			expect(ms - open).toBeWithin(0, 7 * DAY_MS);
		}),
	);
});

test.each([...KLINE_INTERVALS])("%s: a moment lies within its bar, and bars touch", (interval) => {
	fc.assert(
		fc.property(moment, offset, (ms, offsetMs) => {
			const open = barOpen(interval, ms, offsetMs);
			const next = barAfter(interval, open, offsetMs);
			expect(ms).toBeWithin(open, next);
			expect(barOpen(interval, open, offsetMs)).toBe(open);
			expect(barOpen(interval, next - 1, offsetMs)).toBe(open);
			expect(barOpen(interval, next, offsetMs)).toBe(next);
			expect(barAfter(interval, next, offsetMs, -1)).toBe(open);
		}),
	);
});

describe("the base of a shifted interval", () => {
	test.each([...KLINE_INTERVALS])("%s: has a boundary at each of its boundaries", (interval) => {
		fc.assert(
			fc.property(moment, offset, (ms, offsetMs) => {
				const base = baseInterval(interval, offsetMs);
				const open = barOpen(interval, ms, offsetMs);
				expect(barOpen(base, open)).toBe(open);
				expect(barAfter(base, barOpen(base, ms))).toBeLessThanOrEqual(
					barAfter(interval, open, offsetMs),
				);
			}),
		);
	});

	test.each([
		["1h", 8 * HOUR_MS, "1h"],
		["1d", 8 * HOUR_MS, "8h"],
		["1M", -5 * HOUR_MS, "1h"],
		["3d", 5.5 * HOUR_MS, "30m"],
		["6h", 8 * HOUR_MS, "2h"],
		["1w", 0, "1w"],
	] as const)("%s at %d ms is made of %s", (interval, offsetMs, base) => {
		expect(baseInterval(interval, offsetMs)).toBe(base as KlineInterval);
	});
});
