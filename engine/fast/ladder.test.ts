import { expect, test } from "bun:test";
import fc from "fast-check";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { Ladder } from "./ladder.ts";

/** The keys of a ladder, as it says them one by one from either end. */
function walk(ladder: Ladder): { up: number[]; down: number[] } {
	const up: number[] = [];
	for (let key = ladder.above(-1); key !== -1; key = ladder.above(key)) up.push(key);
	const down: number[] = [];
	const end = Number.POSITIVE_INFINITY;
	for (let key = ladder.below(end); key !== -1; key = ladder.below(key)) down.push(key);
	return { up, down };
}

/** The block of a price, by its lowest. */
function blockOf(price: number): number {
	return price - (price % 8);
}

/** How much memory it uses, in rungs. */
function rungsOf(ladder: Ladder): number {
	return (ladder as unknown as { rungs: unknown[] }).rungs.length;
}

test("like a sorted set, whatever comes and goes", () => {
	const key = fc.oneof(fc.integer({ min: 0, max: 400 }), fc.maxSafeNat()).map(blockOf);
	fc.assert(
		fc.property(fc.array(key, { maxLength: 900, size: "max" }), (keys) => {
			const ladder = new Ladder();
			const model = new Set<number>();
			for (const one of keys) {
				if (model.delete(one)) {
					ladder.remove(one);
				} else {
					ladder.add(one);
					model.add(one);
				}
			}
			const up = [...model].sort((a, b) => a - b);
			expect(walk(ladder)).toEqual({ up, down: up.toReversed() });
			// Neighbors of keys that are not there are found, too.
			for (const one of keys) {
				expect(ladder.above(one)).toBe(up.find((other) => other > one) ?? -1);
				expect(ladder.below(one)).toBe(up.findLast((other) => other < one) ?? -1);
			}
		}),
		{ numRuns: 40 },
	);
});

test("many keys far apart, gone again from either end", () => {
	const ladder = new Ladder();
	const count = 20_000;
	const key = (i: number) => blockOf(i * 400_000_000_000);
	for (let i = 0; i < count; i += 1) ladder.add(key((i * 7_919) % count));
	for (let i = 0; i < count; i += 1) {
		const at = i % 2 === 0 ? i / 2 : count - (i + 1) / 2;
		ladder.remove(key(at));
		const left = count - i - 1;
		expect(ladder.above(-1) === -1).toBe(left === 0);
		// Two neighbors never fit into half a rung of 64, so a rung has 16 on average.
		expect(rungsOf(ladder)).toBeLessThanOrEqual(Math.ceil(left / 16) + 1);
	}
});

test("what is left when most keys have gone is joined, in order and whole", () => {
	const ladder = new Ladder();
	const count = 2_000;
	const left = new Set<number>();
	for (let i = 0; i < count; i += 1) {
		ladder.add(i * 1_024);
		left.add(i * 1_024);
	}
	const full = rungsOf(ladder);
	for (let i = 0; i < count; i += 1) {
		const number = (i * 7_919) % count;
		if (number % 25 === 0) continue;
		const key = number * 1_024;
		ladder.remove(key);
		left.delete(key);
		if (i % 100 !== 0) continue;
		const up = [...left].sort((a, b) => a - b);
		expect(walk(ladder)).toEqual({ up, down: up.toReversed() });
	}
	expect(walk(ladder).up).toEqual(Array.from({ length: count / 25 }, (_, i) => i * 25 * 1_024));
	expect(rungsOf(ladder)).toBeLessThan(full / 4);
});

test("a key twice, or one that is not there, is a broken invariant", () => {
	const ladder = new Ladder();
	ladder.add(8);
	expect(() => ladder.add(8)).toThrow(InvariantViolation);
	expect(() => ladder.remove(16)).toThrow(InvariantViolation);
	expect(() => ladder.remove(2_048)).toThrow(InvariantViolation);
});
