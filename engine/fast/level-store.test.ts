import { expect, test } from "bun:test";
import fc from "fast-check";
import { HEAD, LevelStore, TAIL, WORDS } from "./level-store.ts";

/** Close together, a block's width apart, around the borders of words, and anywhere. */
const price = fc.oneof(
	fc.integer({ min: 1, max: 200 }),
	fc.integer({ min: 1, max: 50 }).map((n) => n * 1_024),
	fc
		.tuple(fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 34, 2 ** 35), fc.integer({ min: -9, max: 9 }))
		.map(([border, n]) => border + n),
	fc.maxSafeNat().map((n) => Math.max(1, n)),
);

test("finds each book's levels and nothing else, whatever comes and goes", () => {
	const place = fc.tuple(fc.integer({ min: 0, max: 5 }), price);
	fc.assert(
		fc.property(fc.array(place, { maxLength: 1_500, size: "max" }), (places) => {
			const levels = new LevelStore();
			const model = new Map<string, number>();
			const blockOf = (n: number) => Math.floor(n / 8);
			const isThere = (book: number, n: number) =>
				[...Array(8).keys()].some((i) => model.has(`${book} ${blockOf(n) * 8 + i}`));
			for (const [book, ticks] of places) {
				const key = `${book} ${ticks}`;
				const known = model.get(key);
				if (known === undefined) {
					const found = levels.find(book, ticks);
					expect(found !== 0).toBe(isThere(book, ticks));
					const level = found === 0 ? levels.take(book, ticks) : found;
					expect([levels.head(level), levels.visible(level)]).toEqual([0, 0]);
					levels.open(level);
					levels.setHead(level, level * 2);
					levels.ints[level * WORDS + TAIL] = level * 3;
					expect(levels.show(level, ticks)).toBe(ticks);
					model.set(key, level);
				} else {
					expect([levels.book(known), levels.price(known)]).toEqual([book, ticks]);
					expect(levels.lowestPrice(known)).toBe(blockOf(ticks) * 8);
					expect(levels.ints[known * WORDS + HEAD]).toBe(known * 2);
					expect(levels.ints[known * WORDS + TAIL]).toBe(known * 3);
					expect(levels.show(known, -ticks)).toBe(0);
					levels.setHead(known, 0);
					model.delete(key);
					const last = levels.close(known);
					expect(last).toBe(!isThere(book, ticks));
					if (last) levels.release(known);
				}
			}
			for (const [book, ticks] of places) {
				const known = model.get(`${book} ${ticks}`);
				if (known !== undefined) expect(levels.find(book, ticks)).toBe(known);
				else if (!isThere(book, ticks)) expect(levels.find(book, ticks)).toBe(0);
			}
			expect(levels.find(6, 1)).toBe(0);
		}),
		{ numRuns: 60 },
	);
});

test("the levels of a block in the order of their prices", () => {
	const places = fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1 });
	fc.assert(
		fc.property(price, places, (ticks, chosen) => {
			const levels = new LevelStore();
			const first = levels.take(0, ticks) - (ticks % 8);
			for (const place of chosen) levels.open(first + place);
			const sorted = chosen.toSorted((a, b) => a - b);
			const named = (place: number | undefined) => (place === undefined ? 0 : first + place);
			expect(levels.first(first)).toBe(named(sorted[0]));
			expect(levels.last(first)).toBe(named(sorted.at(-1)));
			for (let place = 0; place < 8; place += 1) {
				expect(levels.above(first + place)).toBe(named(sorted.find((other) => other > place)));
				expect(levels.below(first + place)).toBe(named(sorted.findLast((other) => other < place)));
			}
		}),
	);
});
