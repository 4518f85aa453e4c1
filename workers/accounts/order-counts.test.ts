import { expect, test } from "bun:test";
import { OrderCounts } from "./order-counts.ts";

const SECOND = { intervalMs: 1_000, limit: 2 };
const MINUTE = { intervalMs: 60_000, limit: 3 };
/** The beginning of a minute. */
const T = 120_000;

function counts(): OrderCounts {
	return new OrderCounts([SECOND, MINUTE]);
}

function countsAt(orderCounts: OrderCounts, nowMs: number): number[] {
	return orderCounts.of(1, nowMs).map(({ count }) => count);
}

test("a user who has placed nothing is within every limit", () => {
	const orderCounts = counts();
	expect(orderCounts.exceeded(1, T)).toBeNull();
	orderCounts.giveBack(1, T, 1);
	expect(orderCounts.of(1, T)).toEqual([
		{ ...SECOND, count: 0 },
		{ ...MINUTE, count: 0 },
	]);
});

test("the order that a window has no room for waits for its end", () => {
	const orderCounts = counts();
	orderCounts.add(1, T);
	expect(orderCounts.exceeded(1, T)).toBeNull();
	orderCounts.add(1, T + 10);
	expect(orderCounts.exceeded(1, T + 400)).toEqual({ limit: SECOND, retryAfterMs: 600 });
	expect(orderCounts.exceeded(2, T + 400)).toBeNull();
	expect(countsAt(orderCounts, T + 400)).toEqual([2, 2]);
	// The next second has room, the minute has room for one more.
	expect(orderCounts.exceeded(1, T + 1_000)).toBeNull();
	orderCounts.add(1, T + 1_000);
	expect(countsAt(orderCounts, T + 1_000)).toEqual([1, 3]);
	expect(orderCounts.exceeded(1, T + 1_000)).toEqual({ limit: MINUTE, retryAfterMs: 59_000 });
	expect(orderCounts.exceeded(1, T + 60_000)).toBeNull();
	expect(countsAt(orderCounts, T + 60_000)).toEqual([0, 0]);
});

test("of two limits that are reached the first is told", () => {
	const orderCounts = new OrderCounts([MINUTE, { intervalMs: 3_600_000, limit: 3 }]);
	for (let i = 0; i < 3; i += 1) orderCounts.add(1, T);
	expect(orderCounts.exceeded(1, T)).toEqual({ limit: MINUTE, retryAfterMs: 60_000 });
});

test("what a fill gives back counts in the windows of now, and never below nothing", () => {
	const orderCounts = counts();
	for (let i = 0; i < 2; i += 1) orderCounts.add(1, T);
	orderCounts.giveBack(1, T, 1);
	expect(countsAt(orderCounts, T)).toEqual([1, 1]);
	// The second is over: its count is nobody's any more.
	orderCounts.add(1, T + 1_000);
	orderCounts.giveBack(1, T + 2_000, 1);
	expect(countsAt(orderCounts, T + 1_000)).toEqual([1, 1]);
	orderCounts.giveBack(1, T + 2_000, 5);
	orderCounts.add(1, T + 2_000);
	expect(countsAt(orderCounts, T + 2_000)).toEqual([1, 1]);
});
