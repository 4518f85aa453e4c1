import { expect, test } from "bun:test";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { OrderStore } from "./order-store.ts";

test("released slots are taken again before the store grows", () => {
	const store = new OrderStore();
	const slots = Array.from({ length: 200 }, () => store.take());
	expect(new Set(slots).size).toBe(200);
	expect(slots).not.toContain(0);
	const capacity = store.id.length;
	for (const slot of slots) store.release(slot);
	const again = Array.from({ length: 200 }, () => store.take());
	expect(new Set(again)).toEqual(new Set(slots));
	expect(store.id.length).toBe(capacity);
});

test("growing keeps every field", () => {
	const store = new OrderStore();
	const fields = ["id", "leaves", "qty", "user", "level", "prev", "flags"] as const;
	for (let i = 0; i < 1_000; i += 1) {
		const slot = store.take();
		for (const [n, field] of fields.entries()) store[field][slot] = slot * 10 + n;
	}
	for (let slot = 1; slot <= 1_000; slot += 1) {
		for (const [n, field] of fields.entries()) expect(store[field][slot]).toBe(slot * 10 + n);
	}
});

test("a released iceberg leaves nothing behind", () => {
	const store = new OrderStore();
	const slot = store.take();
	store.leaves[slot] = 9;
	store.hide(slot, 4, 4);
	expect(store.visible(slot)).toBe(4);
	store.release(slot);
	expect(() => store.iceberg(slot)).toThrow(InvariantViolation);
});
