import { expect, test } from "bun:test";
import fc from "fast-check";
import { HEAD, LevelStore, TAIL } from "./level-store.ts";

test("finds each owner's levels and nothing else, whatever comes and goes", () => {
	const price = fc.oneof(
		fc.integer({ min: 1, max: 200 }),
		fc.integer({ min: 1, max: 50 }).map((n) => n * 1_024),
		fc.maxSafeNat().map((n) => Math.max(1, n)),
	);
	const place = fc.tuple(fc.integer({ min: 0, max: 5 }), price);
	fc.assert(
		fc.property(fc.array(place, { maxLength: 1_500, size: "max" }), (places) => {
			const levels = new LevelStore();
			const model = new Map<string, number>();
			for (const [owner, price] of places) {
				const key = `${owner} ${price}`;
				const known = model.get(key);
				if (known === undefined) {
					const level = levels.take(owner, price);
					expect([levels.head(level), levels.visible(level)]).toEqual([0, 0]);
					levels.ints[level + HEAD] = level * 2;
					levels.ints[level + TAIL] = level * 3;
					expect(levels.show(level, price)).toBe(price);
					model.set(key, level);
				} else {
					expect([levels.owner(known), levels.price(known)]).toEqual([owner, price]);
					expect(levels.head(known)).toBe(known * 2);
					expect(levels.ints[known + TAIL]).toBe(known * 3);
					expect(levels.visible(known)).toBe(price);
					levels.release(known);
					model.delete(key);
				}
			}
			for (const [owner, price] of places) {
				expect(levels.find(owner, price)).toBe(model.get(`${owner} ${price}`) ?? 0);
			}
			expect(levels.find(6, 1)).toBe(0);
		}),
		{ numRuns: 60 },
	);
});
