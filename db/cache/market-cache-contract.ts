import { describe, expect, test } from "bun:test";
import type { MarketCache } from "../../schemas/ports/market-cache.ts";

export interface MarketCacheUnderTest {
	/** Of a market-data worker, and of whoever takes over from it or reads. */
	readonly cache: MarketCache;
	readonly other: MarketCache;
	/** Loses everything. */
	flush(): Promise<void>;
	close(): Promise<void>;
}

/** What every MarketCache does. `make` gives an empty one, seen by two processes. */
export function marketCacheContract(name: string, make: () => Promise<MarketCacheUnderTest>): void {
	const withCache = (title: string, run: (under: MarketCacheUnderTest) => Promise<void>) =>
		test(title, async () => {
			const under = await make();
			try {
				await run(under);
			} finally {
				await under.close();
			}
		});

	describe(`${name}: the market-cache contract`, () => {
		withCache("a view holds as of the position stored last", async ({ cache, other }) => {
			expect(await other.load(0, "book")).toBeNull();
			await cache.store(0, "a", 5, [["book", "of 5 ✓"]]);
			expect(await other.load(0, "book")).toEqual({ evSeq: 5, text: "of 5 ✓" });
			await cache.store(0, "a", 7, [["trades", "of 7"]]);
			expect(await other.load(0, "book")).toEqual({ evSeq: 7, text: "of 5 ✓" });
			expect(await other.load(0, "trades")).toEqual({ evSeq: 7, text: "of 7" });
			expect(await other.load(1, "book")).toBeNull();
		});

		withCache("a view that is taken away is gone", async ({ cache }) => {
			await cache.store(0, "a", 5, [["book", "b"]]);
			await cache.store(0, "a", 6, [["book", null]]);
			expect(await cache.load(0, "book")).toBeNull();
		});

		withCache("views of one run do not go with the position of another", async (under) => {
			const { cache, other } = under;
			await cache.store(0, "a", 5, [["book", "of a"]]);
			await other.store(0, "b", 9, [["trades", "of b"]]);
			expect(await other.load(0, "book")).toBeNull();
			expect(await other.load(0, "trades")).toEqual({ evSeq: 9, text: "of b" });
		});

		withCache("the writer sees that all is there, lost, or another's", async (under) => {
			const { cache, other, flush } = under;
			expect(await cache.store(0, "a", 5, [])).toBe(false);
			expect(await cache.store(0, "a", 5, [])).toBe(true);
			expect(await cache.store(0, "a", 6, [])).toBe(true);
			await flush();
			expect(await cache.store(0, "a", 7, [])).toBe(false);
			expect(await cache.store(0, "a", 8, [])).toBe(true);
			await other.store(0, "b", 8, []);
			expect(await cache.store(0, "a", 9, [])).toBe(false);
			expect(await cache.store(1, "a", 9, [])).toBe(false);
		});
	});
}
