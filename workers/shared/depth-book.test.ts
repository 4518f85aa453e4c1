import { expect, test } from "bun:test";
import fc from "fast-check";
import { Side } from "../../schemas/order.ts";
import { DepthBook } from "./depth-book.ts";

test("an empty book has no best prices", () => {
	const book = new DepthBook();
	expect([book.bestBid(), book.bestAsk(), book.bestLots(Side.Buy)]).toEqual([0, 0, 0]);
	expect(book.levels(Side.Sell, 10)).toEqual([]);
});

test("equals a map of levels after any changes", () => {
	const change = fc.tuple(
		fc.constantFrom(Side.Buy, Side.Sell),
		fc.integer({ min: 1, max: 150 }),
		fc.integer({ min: 0, max: 5 }),
	);
	fc.assert(
		fc.property(fc.array(change, { maxLength: 600 }), (changes) => {
			const book = new DepthBook();
			const naive = [new Map<number, number>(), new Map<number, number>()];
			for (const [side, price, lots] of changes) {
				book.apply(side, price, lots);
				if (lots === 0) naive[side]!.delete(price);
				else naive[side]!.set(price, lots);
			}
			const bids = [...naive[Side.Buy]!].sort((a, b) => b[0] - a[0]);
			const asks = [...naive[Side.Sell]!].sort((a, b) => a[0] - b[0]);
			expect(book.levels(Side.Buy, 1_000)).toEqual(bids);
			expect(book.levels(Side.Sell, 1_000)).toEqual(asks);
			expect(book.levels(Side.Sell, 3)).toEqual(asks.slice(0, 3));
			expect(book.bestBid()).toBe(bids[0]?.[0] ?? 0);
			expect(book.bestAsk()).toBe(asks[0]?.[0] ?? 0);
			expect(book.bestLots(Side.Sell)).toBe(asks[0]?.[1] ?? 0);
			expect(book.count(Side.Buy)).toBe(bids.length);
			for (const price of [1, 75, 150]) {
				expect(book.lotsAt(Side.Buy, price)).toBe(naive[Side.Buy]!.get(price) ?? 0);
			}
		}),
	);
});
