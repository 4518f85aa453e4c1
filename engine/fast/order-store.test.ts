import { expect, test } from "bun:test";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { OrderStore } from "./order-store.ts";

function takeOne(store: OrderStore): number {
	return store.take(1, 1, 9, 9, 0, 1);
}

test("released slots are taken again before the store grows", () => {
	const store = new OrderStore();
	const slots = Array.from({ length: 200 }, () => takeOne(store));
	expect(new Set(slots).size).toBe(200);
	expect(slots).not.toContain(0);
	const { capacity } = store;
	for (const slot of slots) store.release(slot);
	const again = Array.from({ length: 200 }, () => takeOne(store));
	expect(new Set(again)).toEqual(new Set(slots));
	expect(store.capacity).toBe(capacity);
});

test("growing keeps every field, the largest values too", () => {
	const store = new OrderStore();
	const max = Number.MAX_SAFE_INTEGER;
	for (let i = 0; i < 1_000; i += 1) {
		const slot = store.take(max - i, 0xffff_ffff - i, max - 2 * i, max - 3 * i, 2 * i, 3 * i);
		store.setNext(slot, 4 * i);
		store.setPrev(slot, 5 * i);
		store.setChain(slot, 6 * i);
	}
	for (let slot = 1; slot <= 1_000; slot += 1) {
		const i = slot - 1;
		expect([store.id(slot), store.user(slot)]).toEqual([max - i, 0xffff_ffff - i]);
		expect([store.qty(slot), store.leaves(slot)]).toEqual([max - 2 * i, max - 3 * i]);
		expect([store.flags(slot), store.level(slot)]).toEqual([2 * i, 3 * i]);
		expect([store.next(slot), store.prev(slot), store.chain(slot)]).toEqual([4 * i, 5 * i, 6 * i]);
	}
});

test("a released iceberg leaves nothing behind", () => {
	const store = new OrderStore();
	const slot = takeOne(store);
	store.hide(slot, 4, 4);
	expect(store.visible(slot)).toBe(4);
	store.release(slot);
	expect(() => store.iceberg(slot)).toThrow(InvariantViolation);
});
