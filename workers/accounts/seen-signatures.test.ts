import { expect, test } from "bun:test";
import { SeenSignatures } from "./seen-signatures.ts";

test("a signature is known by its bytes, until it has been forgotten", () => {
	const seen = new SeenSignatures(10);
	expect(seen.has("a")).toBe(false);
	seen.remember("a", 5_000);
	seen.remember("c", 65_000);
	expect([seen.has("a"), seen.has("b"), seen.has("c")]).toEqual([true, false, true]);
});

test("one that ran out within the last second is still known, one that ran out long ago is not", () => {
	const seen = new SeenSignatures(10);
	seen.remember("early", 7_999);
	seen.remember("late", 8_000);
	seen.forget(8_999);
	expect([seen.has("early"), seen.has("late")]).toEqual([true, true]);
	seen.forget(9_000);
	expect([seen.has("early"), seen.has("late")]).toEqual([false, true]);
	seen.forget(17_000);
	expect(seen.has("late")).toBe(false);
});

test("it is full at its bound, and what is forgotten makes room", () => {
	const seen = new SeenSignatures(3);
	seen.remember("a", 1_000);
	seen.remember("b", 1_500);
	expect(seen.isFull()).toBe(false);
	seen.remember("c", 9_000);
	expect(seen.isFull()).toBe(true);
	seen.forget(9_000);
	expect(seen.isFull()).toBe(false);
	seen.remember("d", 9_000);
	expect(seen.isFull()).toBe(false);
	seen.remember("e", 9_000);
	expect(seen.isFull()).toBe(true);
});
