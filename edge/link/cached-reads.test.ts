import { describe, expect, test } from "bun:test";
import type { DepthView, PublicTrade } from "../../schemas/market.ts";
import { DEPTH_VIEWS, encodeView, TRADE_VIEWS } from "../../schemas/market-views.ts";
import type { MarketData } from "../../schemas/ports/market-data.ts";
import { FakeTime } from "../testing/fake-time.ts";
import { CachedReads } from "./cached-reads.ts";

const levels = (from: number, count: number) =>
	Array.from({ length: count }, (_, i) => [from + i, 1] as const);
const BOOK: DepthView = { lastUpdateId: 7, bids: levels(1, 100), asks: levels(500, 50) };
const NEWEST = { fromId: null, startMs: null, endMs: null };

function trade(tradeId: number): PublicTrade {
	return { symbolId: 1, tradeId, priceTicks: 5, qtyLots: 6, ts: 7, buyerIsMaker: true };
}

/** Reads of symbol 1 in partition 0, which need evSeq 10; what is asked of the worker is written down. */
function world() {
	const time = new FakeTime(0);
	const stored = new Map<string, string>();
	const asked: string[] = [];
	const cache = { evSeq: 10, away: false, loads: 0 };
	const ask = (name: string) => async () => {
		asked.push(name);
		return name as never;
	};
	const worker = { depth: ask("depth"), bookTicker: ask("bookTicker"), trades: ask("trades") };
	const reads = new CachedReads(worker as Partial<MarketData> as MarketData, {
		clock: time,
		cache: {
			store: async () => true,
			async load(partition, name) {
				cache.loads += 1;
				if (cache.away) throw new Error("away");
				const text = partition === 0 ? stored.get(name) : undefined;
				return text === undefined ? null : { evSeq: cache.evSeq, text };
			},
		},
		needsOf: (symbolId) => (symbolId === 1 ? { partition: 0, atLeast: 10 } : null),
	});
	return { time, stored, asked, cache, reads, marketData: reads.marketData };
}

describe("books and recent trades come from the cache", () => {
	test("cut to what was asked for", async () => {
		const { stored, asked, marketData } = world();
		stored.set("depth-100:1", encodeView(DEPTH_VIEWS[0]!, BOOK));
		const depth = await marketData.depth(1, 60);
		expect(depth).toEqual({ ...BOOK, bids: levels(1, 60) });
		expect(await marketData.bookTicker(1)).toEqual({
			...{ symbolId: 1, updateId: 7, bidTicks: 1, bidLots: 1, askTicks: 500, askLots: 1 },
		});
		stored.set("depth-100:1", encodeView(DEPTH_VIEWS[0]!, { ...BOOK, bids: [], asks: [] }));
		expect(await marketData.bookTicker(1)).toMatchObject({ bidTicks: 0, askLots: 0 });
		stored.set("trades-100:1", encodeView(TRADE_VIEWS[0]!, [1, 2, 3].map(trade)));
		expect(await marketData.trades(1, { ...NEWEST, limit: 2 })).toEqual([2, 3].map(trade));
		expect(await marketData.trades(1, { ...NEWEST, limit: 50 })).toEqual([1, 2, 3].map(trade));
		expect(asked).toEqual([]);
	});

	test("of the smallest view that is large enough", async () => {
		const { stored, asked, marketData } = world();
		stored.set("depth-5000:1", encodeView(DEPTH_VIEWS[1]!, BOOK));
		expect(await marketData.depth(1, 101)).toEqual(BOOK);
		await marketData.depth(1, 100);
		await marketData.depth(1, 5_001);
		expect(asked).toEqual(["depth", "depth"]);
	});
});

describe("the worker is asked", () => {
	test("when the cache has none, or an older one than the edge has answered", async () => {
		const { stored, asked, cache, reads, marketData } = world();
		await marketData.bookTicker(1);
		stored.set("depth-100:1", encodeView(DEPTH_VIEWS[0]!, BOOK));
		cache.evSeq = 9;
		await marketData.bookTicker(1);
		cache.evSeq = 11;
		await marketData.bookTicker(1);
		expect(asked).toEqual(["bookTicker", "bookTicker"]);
		for (const ended of ["hit", "absent", "behind"]) {
			expect(reads.metrics()).toContain(`{ended="${ended}"} 1\n`);
		}
	});

	test("for a range of trades, and when there are older ones than the view has", async () => {
		const { stored, asked, cache, marketData } = world();
		stored.set("trades-100:1", encodeView(TRADE_VIEWS[0]!, [7, 8].map(trade)));
		await marketData.trades(1, { ...NEWEST, limit: 3 });
		expect(asked).toEqual(["trades"]);
		const { loads } = cache;
		for (const bound of [{ fromId: 1 }, { startMs: 1 }, { endMs: 1 }]) {
			await marketData.trades(1, { ...NEWEST, ...bound, limit: 2 });
		}
		expect(asked).toHaveLength(4);
		expect(cache.loads).toBe(loads);
	});

	test("for a symbol that nobody knows", async () => {
		const { asked, cache, marketData } = world();
		await marketData.depth(2, 5);
		expect([asked.length, cache.loads]).toEqual([1, 0]);
	});

	test("when the cache is away or has garbage; then it is left alone for a second", async () => {
		const { time, stored, asked, cache, marketData } = world();
		cache.away = true;
		await marketData.bookTicker(1);
		await marketData.bookTicker(1);
		expect([asked.length, cache.loads]).toEqual([2, 1]);
		time.advance(1_000);
		cache.away = false;
		stored.set("depth-100:1", "[1,2");
		await marketData.bookTicker(1);
		await marketData.bookTicker(1);
		expect([asked.length, cache.loads]).toEqual([4, 2]);
		time.advance(1_000);
		stored.set("depth-100:1", encodeView(DEPTH_VIEWS[0]!, BOOK));
		await marketData.bookTicker(1);
		expect(asked.length).toBe(4);
	});
});
