import { expect, test } from "bun:test";
import fc from "fast-check";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { LevelStore } from "./level-store.ts";
import { ASIDE, FEE_MASK, TRADED } from "./order-records.ts";
import { OrderStore } from "./order-store.ts";

/** A store with some levels, and the order ids of a level as its queue has them. */
function shelves(count: number) {
	const levels = new LevelStore();
	const store = new OrderStore(levels);
	const made = Array.from({ length: count }, (_, i) => levels.take(0, 8 * i + 1));
	const queueOf = (level: number) => {
		const ids: number[] = [];
		for (let slot = levels.head(level); slot !== 0; slot = store.next(slot))
			ids.push(store.id(slot));
		return ids;
	};
	return { store, levels: made, queueOf };
}

test("finds and queues what is there and nothing else, whatever comes and goes", () => {
	const id = fc.oneof(
		fc.integer({ min: 1, max: 300 }),
		fc.integer({ min: 1, max: 50 }).map((n) => n * 1_024),
		fc.integer({ min: 1, max: 50 }).map((n) => n * 2 ** 32 + 7),
		fc.integer({ min: -9, max: 9 }).map((n) => 2 ** 31 + n),
		fc.maxSafeNat().map((n) => Math.max(1, n)),
	);
	fc.assert(
		fc.property(fc.array(id, { maxLength: 1_500, size: "max" }), (ids) => {
			const { store, levels, queueOf } = shelves(3);
			const queues: number[][] = levels.map(() => []);
			for (const one of ids) {
				const at = one % 3;
				const level = levels[at] as number;
				const queue = queues[at] as number[];
				const slot = store.find(one);
				expect(slot !== 0).toBe(queue.includes(one));
				if (slot === 0) {
					store.append(level, one, 1, 1, 1, 0);
					queue.push(one);
				} else {
					expect([store.id(slot), store.level(slot)]).toEqual([one, level]);
					store.remove(slot, level);
					queue.splice(queue.indexOf(one), 1);
				}
			}
			expect(levels.map(queueOf)).toEqual(queues);
			for (const no of [0, 0.5, 1.5, -1, 2 ** 31 + 0.5, 2 ** 60, Number.NaN]) {
				expect(store.find(no)).toBe(0);
			}
		}),
		{ numRuns: 60 },
	);
});

test("the head of a queue goes behind it", () => {
	const { store, levels, queueOf } = shelves(1);
	const level = levels[0] as number;
	for (const id of [1, 2, 3]) store.append(level, id, 1, 1, 1, 0);
	store.requeue(store.find(1), level);
	expect(queueOf(level)).toEqual([2, 3, 1]);
	store.append(level, 4, 1, 1, 1, 0);
	store.remove(store.find(3), level);
	store.remove(store.find(1), level);
	expect(queueOf(level)).toEqual([2, 4]);
	store.remove(store.find(4), level);
	store.requeue(store.find(2), level);
	expect(queueOf(level)).toEqual([2]);
});

test("freed slots are taken again before the store grows", () => {
	const { store, levels } = shelves(1);
	const level = levels[0] as number;
	for (let id = 1; id <= 200; id += 1) store.append(level, id, 1, 9, 9, 0);
	const { capacity } = store;
	for (let id = 1; id <= 200; id += 1) store.remove(store.find(id), level);
	for (let id = 201; id <= 400; id += 1) store.append(level, id, 1, 9, 9, 0);
	expect(store.capacity).toBe(capacity);
});

test("growing keeps every field, the largest values too", () => {
	const { store, levels, queueOf } = shelves(1);
	const level = levels[0] as number;
	const max = Number.MAX_SAFE_INTEGER;
	const ids = Array.from({ length: 1_000 }, (_, i) => max - i);
	for (const [i, id] of ids.entries()) {
		store.append(level, id, 0xffff_ffff - i, max - 2 * i, max - 3 * i, 2 * i);
	}
	for (const [i, id] of ids.entries()) {
		const slot = store.find(id);
		expect([store.user(slot), store.flags(slot) & FEE_MASK]).toEqual([0xffff_ffff - i, 2 * i]);
		expect([store.qty(slot), store.leaves(slot)]).toEqual([max - 2 * i, max - 3 * i]);
	}
	expect(queueOf(level)).toEqual(ids);
});

test("an iceberg that went leaves nothing behind", () => {
	const { store, levels } = shelves(1);
	const level = levels[0] as number;
	const slot = store.append(level, 1, 1, 9, 9, 0);
	store.hide(slot, 4, 4);
	expect(store.visible(slot)).toBe(4);
	store.remove(slot, level);
	expect(() => store.aside(slot)).toThrow(InvariantViolation);
});

for (const most of [1_000, 0x7fff_ffff, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
	test(`of a total of ${most}: what is left and what was taken; a cut is off both`, () => {
		const { store, levels } = shelves(1);
		const level = levels[0] as number;
		const slot = store.append(level, 1, 1, most, most - 1, TRADED);
		expect((store.flags(slot) & ASIDE) !== 0).toBe(most > 0x7fff_ffff);
		store.take(slot, 100);
		store.take(slot, 1);
		expect([store.leaves(slot), store.qty(slot)]).toEqual([most - 102, most]);
		store.cut(slot, 5);
		expect([store.leaves(slot), store.qty(slot)]).toEqual([most - 107, most - 5]);
		expect(store.visible(slot)).toBe(most - 107);
		store.remove(slot, level);
		const again = store.append(level, 2, 1, 7, 7, 0);
		expect([again, store.qty(again), store.flags(again)]).toEqual([slot, 7, 0]);
	});
}

test("an iceberg shows a slice, then the next, and loses hidden lots first", () => {
	const { store, levels } = shelves(1);
	const slot = store.append(levels[0] as number, 1, 1, 20, 19, 0);
	store.hide(slot, 6, 6);
	store.take(slot, 6);
	expect([store.visible(slot), store.leaves(slot), store.qty(slot)]).toEqual([0, 13, 20]);
	expect(store.showNext(slot)).toBe(6);
	store.cut(slot, 6);
	expect([store.visible(slot), store.leaves(slot), store.qty(slot)]).toEqual([6, 7, 14]);
	store.cut(slot, 3);
	expect([store.visible(slot), store.leaves(slot), store.qty(slot)]).toEqual([4, 4, 11]);
});

test("removing what is not there is a broken invariant", () => {
	const { store, levels } = shelves(1);
	const level = levels[0] as number;
	const slot = store.append(level, 1, 1, 9, 9, 0);
	store.remove(slot, level);
	expect(() => store.remove(slot, level)).toThrow(InvariantViolation);
});
