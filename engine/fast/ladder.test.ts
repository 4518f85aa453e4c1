import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { Side } from "../../schemas/order.ts";
import { Ladder } from "./ladder.ts";

/** The levels of a ladder, best first, as it says them one by one. */
function walk(ladder: Ladder, priceOf: (level: number) => number): number[] {
	const prices: number[] = [];
	for (let level = ladder.best; level !== 0; level = ladder.after(priceOf(level))) {
		prices.push(priceOf(level));
	}
	return prices;
}

/** How much memory it uses, in rungs. */
function rungsOf(ladder: Ladder): number {
	return (ladder as unknown as { rungs: unknown[] }).rungs.length;
}

for (const side of [Side.Buy, Side.Sell]) {
	describe(side === Side.Buy ? "bids" : "asks", () => {
		test("like a sorted map, whatever comes and goes", () => {
			const price = fc.oneof(
				fc.integer({ min: 1, max: 400 }),
				fc.maxSafeNat().map((n) => n + 1),
			);
			fc.assert(
				fc.property(fc.array(price, { maxLength: 900, size: "max" }), (prices) => {
					const ladder = new Ladder(side);
					const model = new Map<number, number>();
					const priceOf = new Map<number, number>();
					for (const [i, p] of prices.entries()) {
						if (model.has(p)) {
							ladder.remove(p);
							model.delete(p);
						} else {
							ladder.add(p, i + 1);
							model.set(p, i + 1);
							priceOf.set(i + 1, p);
						}
						const best = side === Side.Buy ? Math.max(...model.keys()) : Math.min(...model.keys());
						expect(ladder.best).toBe(model.get(best) ?? 0);
						expect(ladder.bestTicks).toBe(model.size === 0 ? 0 : best);
					}
					const sorted = [...model.keys()].sort((a, b) => (side === Side.Buy ? b - a : a - b));
					expect(walk(ladder, (level) => priceOf.get(level) as number)).toEqual(sorted);
				}),
				{ numRuns: 40 },
			);
		});

		test("many levels far apart, gone again from either end", () => {
			const ladder = new Ladder(side);
			const count = 20_000;
			const price = (i: number) => i * 400_000_000_000 + 1;
			for (let i = 0; i < count; i += 1) ladder.add(price((i * 7_919) % count), i + 1);
			for (let i = 0; i < count; i += 1) {
				const at = i % 2 === 0 ? i / 2 : count - (i + 1) / 2;
				ladder.remove(price(at));
				const left = count - i - 1;
				expect(ladder.best === 0).toBe(left === 0);
				// Two neighbors never fit into half a rung of 64, so a rung has 16 on average.
				expect(rungsOf(ladder)).toBeLessThanOrEqual(Math.ceil(left / 16) + 1);
			}
		});
	});
}

test("a level twice, or one that is not there, is a broken invariant", () => {
	const ladder = new Ladder(Side.Buy);
	ladder.add(5, 1);
	expect(() => ladder.add(5, 2)).toThrow(InvariantViolation);
	expect(() => ladder.remove(6)).toThrow(InvariantViolation);
});
