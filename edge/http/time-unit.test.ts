import { expect, test } from "bun:test";
import { inMicroseconds } from "./time-unit.ts";

test("times become microseconds, everything else stays", () => {
	const answer = {
		symbol: "BTCUSDT",
		orderId: 5,
		time: 1_000,
		openTime: 1_000,
		closeTime: 1_999,
		workingTime: -1,
		fills: [{ tradeId: 3, price: "1.0" }],
		nested: { serverTime: 2_000 },
		nothing: null,
	};
	expect(inMicroseconds(answer)).toEqual({
		symbol: "BTCUSDT",
		orderId: 5,
		time: 1_000_000,
		openTime: 1_000_000,
		closeTime: 1_999_999,
		workingTime: -1,
		fills: [{ tradeId: 3, price: "1.0" }],
		nested: { serverTime: 2_000_000 },
		nothing: null,
	});
});

test("of an average, the moment of its last trade", () => {
	const average = { mins: 5, price: "1.0", closeTime: 1_999 };
	expect(inMicroseconds(average)).toEqual({ ...average, closeTime: 1_999_000 });
	expect(inMicroseconds({ ...average, closeTime: 0 })).toEqual({ ...average, closeTime: 0 });
});

test("of a bar, the opening and the last microsecond; of a depth level, nothing", () => {
	const bar = [60_000, "1", "2", "3", "4", "5", 119_999, "6", 7, "8", "9", "0"];
	expect(inMicroseconds([bar])).toEqual([
		[60_000_000, "1", "2", "3", "4", "5", 119_999_999, "6", 7, "8", "9", "0"],
	]);
	const depth = { lastUpdateId: 9, bids: [["1", "2"]] };
	expect(inMicroseconds(depth)).toEqual(depth);
});
