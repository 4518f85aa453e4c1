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

test("an open order's id is taken, a rejected order's is free at once", () => {
	const ids = new ClientOrderIds(1_000, 10);
	expect(ids.clashes(7, "a", 0)).toBe(false);
	ids.take(7, "a");
	expect(ids.clashes(7, "a", 60_000)).toBe(true);
	expect(ids.clashes(8, "a", 0)).toBe(false);
	ids.free(7, "a");
	expect(ids.clashes(7, "a", 0)).toBe(false);
});

test("what has finished is not freed by a late rejection: its time has begun", () => {
	const ids = new ClientOrderIds(1_000, 10);
	ids.finish(7, "a", 5_000);
	ids.free(7, "a");
	expect([ids.clashes(7, "a", 5_999), ids.clashes(7, "a", 6_000)]).toEqual([true, false]);
});

test("a user has so many ids and no more, finished ones with the open ones, until they are forgotten", () => {
	const ids = new ClientOrderIds(1_000, 2);
	ids.take(7, "a");
	expect(ids.isFull(7)).toBe(false);
	ids.finish(7, "b", 5_000);
	expect([ids.isFull(7), ids.isFull(8)]).toEqual([true, false]);
	ids.forget(5_999);
	expect(ids.isFull(7)).toBe(true);
	ids.forget(6_000);
	expect([ids.isFull(7), ids.clashes(7, "a", 6_000)]).toEqual([false, true]);
});

test("ids go in the order in which they finished, each at its own time", () => {
	const ids = new ClientOrderIds(1_000, 1);
	ids.finish(7, "a", 5_000);
	ids.finish(8, "a", 5_500);
	ids.forget(6_000);
	expect([ids.isFull(7), ids.isFull(8)]).toEqual([false, true]);
	// One that has finished again stays until its last end has passed.
	ids.finish(8, "a", 6_400);
	ids.forget(7_000);
	expect(ids.isFull(8)).toBe(true);
	ids.forget(7_400);
	expect(ids.isFull(8)).toBe(false);
});

test("what the ledger had is taken as it was, and not written back", () => {
	const ids = new ClientOrderIds(1_000, 10);
	ids.load({ userId: 7, clientOrderId: "a", finishedAtMs: 5_000 });
	expect([ids.clashes(7, "a", 5_999), ids.clashes(7, "a", 6_000)]).toEqual([true, false]);
	expect(ids.isDirty()).toBe(false);
	ids.finish(7, "b", 6_000);
	expect(ids.isDirty()).toBe(true);
	expect(ids.freeBefore(6_000)).toBe(5_000);
});

test("an earlier end that a start reads later, from another partition, frees nothing", () => {
	const ids = new ClientOrderIds(1_000, 10);
	ids.finish(7, "a", 9_000);
	ids.take(7, "a");
	ids.finish(7, "a", 5_000);
	expect(ids.clashes(7, "a", 9_999)).toBe(true);
	expect(ids.takeDirty()).toEqual([{ userId: 7, clientOrderId: "a", finishedAtMs: 9_000 }]);
	ids.forget(9_999);
	expect(ids.clashes(7, "a", 9_999)).toBe(true);
	ids.forget(10_000);
	expect(ids.isFull(7)).toBe(false);
	expect(ids.clashes(7, "a", 9_999)).toBe(false);
});
