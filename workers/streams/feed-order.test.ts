import { expect, test } from "bun:test";
import { FeedOrder, type FeedStep } from "./feed-order.ts";
import { WindowLimit } from "./window-limit.ts";

test("messages follow one another per partition; a gap or a new run is a break, once", () => {
	const feed = new FeedOrder();
	const step = (partition: number, run: string, seq: number) =>
		feed.step({ partition, run, seq, entries: [] });
	expect([
		step(0, "a", 7),
		step(0, "a", 8),
		step(1, "b", 1),
		step(0, "a", 8),
		step(0, "a", 10),
		step(0, "a", 11),
		step(0, "c", 1),
		step(1, "b", 2),
		step(0, "c", 2),
	]).toEqual(["first", "next", "first", "repeated", "broken", "next", "broken", "next", "next"]);
});

test("a run that goes on beside the one that has followed it is not heard, unless that falls silent", () => {
	const feed = new FeedOrder();
	const step = (run: string, seq: number, partition = 0) =>
		feed.step({ partition, run, seq, entries: [] });
	expect([step("a", 7), step("b", 1), step("a", 8), step("b", 2), step("a", 9)]).toEqual([
		...["first", "broken", "repeated", "next", "repeated"],
	] as FeedStep[]);
	expect(step("a", 1, 1)).toBe("first");
	expect([step("c", 1), step("a", 10), step("b", 3), step("c", 2)]).toEqual([
		...["broken", "repeated", "repeated", "next"],
	] as FeedStep[]);
	const silent = Array.from({ length: 4 }, () => {
		step("a", 11);
		return feed.fallenSilent();
	});
	expect(silent).toEqual([[], [], [], [0, 1]]);
	expect([step("a", 12), step("a", 13), step("c", 3)]).toEqual(["broken", "next", "repeated"]);
});

test("a partition without a message for four checks has fallen silent, once", () => {
	const feed = new FeedOrder();
	const heard = (partition: number, seq: number) =>
		feed.step({ partition, run: "a", seq, entries: [] });
	heard(0, 1);
	heard(1, 1);
	const checks = (count: number) => Array.from({ length: count }, () => feed.fallenSilent());
	expect(checks(3)).toEqual([[], [], []]);
	expect(heard(1, 2)).toBe("next");
	expect(checks(4)).toEqual([[0], [], [], [1]]);
	expect(heard(0, 2)).toBe("next");
	expect(checks(5)).toEqual([[], [], [], [0], []]);
});

test("a window takes so many, then none until it is over", () => {
	const limit = new WindowLimit(2, 1_000);
	expect([5, 500, 1_004].map((at) => limit.take(at))).toEqual([true, true, false]);
	expect(limit.endsInMs(1_004)).toBe(1);
	expect([1_005, 1_006, 1_007].map((at) => limit.take(at))).toEqual([true, true, false]);
});
