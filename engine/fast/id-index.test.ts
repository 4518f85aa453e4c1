import { expect, test } from "bun:test";
import fc from "fast-check";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { IdIndex } from "./id-index.ts";
import { OrderStore } from "./order-store.ts";

test("finds what is there and nothing else, whatever comes and goes", () => {
	const id = fc.oneof(
		fc.integer({ min: 1, max: 300 }),
		fc.integer({ min: 1, max: 50 }).map((n) => n * 1_024),
		fc.integer({ min: 1, max: 50 }).map((n) => n * 2 ** 32 + 7),
		fc.maxSafeNat().map((n) => n + 1),
	);
	fc.assert(
		fc.property(fc.array(id, { maxLength: 1_500, size: "max" }), (ids) => {
			const orders = new OrderStore();
			const index = new IdIndex(orders);
			const model = new Map<number, number>();
			for (const one of ids) {
				const known = model.get(one);
				if (known === undefined) {
					const slot = orders.take(one, 1, 1, 1, 0, 1);
					index.add(slot);
					model.set(one, slot);
				} else {
					index.remove(known);
					orders.release(known);
					model.delete(one);
				}
			}
			for (const one of ids) expect(index.get(one)).toBe(model.get(one) ?? 0);
			expect(index.get(0)).toBe(0);
		}),
		{ numRuns: 60 },
	);
});

test("removing what was never added is a broken invariant", () => {
	const orders = new OrderStore();
	const slot = orders.take(5, 1, 1, 1, 0, 1);
	expect(() => new IdIndex(orders).remove(slot)).toThrow(InvariantViolation);
});
