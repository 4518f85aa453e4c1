import { expect, test } from "bun:test";
import { ClientOrderIds } from "./client-order-ids.ts";

test("an id that finishes twice before a copy is copied once, with its last end", () => {
	const ids = new ClientOrderIds(1_000, 10);
	ids.finish(7, "a", 5_000);
	ids.finish(7, "b", 5_500);
	ids.finish(8, "a", 5_600);
	ids.finish(7, "a", 9_000);
	expect(ids.takeDirty()).toEqual([
		{ userId: 7, clientOrderId: "a", finishedAtMs: 9_000 },
		{ userId: 7, clientOrderId: "b", finishedAtMs: 5_500 },
		{ userId: 8, clientOrderId: "a", finishedAtMs: 5_600 },
	]);
	expect(ids.isDirty()).toBe(false);
	expect(ids.takeDirty()).toEqual([]);
});

test("an id that was finished and is taken again stays taken however late it is", () => {
	const ids = new ClientOrderIds(1_000, 10);
	ids.finish(7, "a", 5_000);
	expect(ids.clashes(7, "a", 5_999)).toBe(true);
	expect(ids.clashes(7, "a", 6_000)).toBe(false);
	ids.take(7, "a");
	expect(ids.clashes(7, "a", 60_000)).toBe(true);
	ids.forget(60_000);
	expect(ids.clashes(7, "a", 60_000)).toBe(true);
});
