import { expect, test } from "bun:test";
import { InProcessMarketCache } from "../../db/cache/in-process-market-cache.ts";
import { DEPTH_VIEWS, decodeView, TRADE_VIEWS, viewName } from "../../schemas/market-views.ts";
import { Side } from "../../schemas/order.ts";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import type { CachedView } from "../../schemas/ports/market-cache.ts";
import { step } from "./testing/record-source.ts";
import { BTC, ETH, WorkerBench } from "./testing/worker-bench.ts";
import { ViewWriter } from "./view-writer.ts";

const [SMALL_BOOK, LARGE_BOOK] = DEPTH_VIEWS as [(typeof DEPTH_VIEWS)[0], (typeof DEPTH_VIEWS)[0]];
const VIEWS = [...DEPTH_VIEWS, ...TRADE_VIEWS];

/** Keeps what was stored, call by call. */
class WatchedCache extends InProcessMarketCache {
	readonly calls: (readonly CachedView[])[] = [];
	away = false;

	override store(...args: Parameters<InProcessMarketCache["store"]>): Promise<boolean> {
		if (this.away) return Promise.reject(new KeyValueUnavailable("away"));
		this.calls.push(args[3]);
		return super.store(...args);
	}

	/** Names written (or taken away, with a minus) since it was asked last. */
	names(): string[] {
		const views = this.calls.splice(0).flat();
		return views.map(([name, text]) => (text === null ? `-${name}` : name));
	}
}

async function writing() {
	const bench = await WorkerBench.started();
	const cache = new WatchedCache();
	bench.worker = bench.another({ cache });
	await bench.start();
	await bench.time.advance(250);
	cache.names();
	const book = async (symbolId: number, view = SMALL_BOOK) => {
		const loaded = await cache.load(0, viewName(view, symbolId));
		return loaded === null ? null : { evSeq: loaded.evSeq, ...decodeView(view, loaded.text) };
	};
	return { bench, cache, book };
}

/** A level of BTCUSDT changes. */
function level(priceTicks: number, lots: number) {
	return step({ symbolId: BTC.symbolId, levels: [[Side.Buy, priceTicks, lots]] });
}

test("books and trades of every symbol are there, as of where the worker stands", async () => {
	const { bench, cache, book } = await writing();
	await bench.steps([level(100, 5), step({ symbolId: BTC.symbolId, trades: [[101, 2]] })]);
	await bench.time.advance(1_200);
	const { marketData } = bench.worker;
	const evSeq = bench.worker.evSeq(0);
	for (const view of DEPTH_VIEWS) {
		const depth = await marketData.depth(BTC.symbolId, view.rows);
		expect(depth.bids).toEqual([[100, 5]]);
		expect(await book(BTC.symbolId, view)).toEqual({ evSeq, ...depth });
	}
	for (const view of TRADE_VIEWS) {
		const loaded = await cache.load(0, viewName(view, BTC.symbolId));
		expect(decodeView(view, loaded!.text)).toMatchObject([{ tradeId: 1, priceTicks: 101 }]);
	}
	expect(await book(ETH.symbolId)).toMatchObject({ evSeq, bids: [], asks: [] });
});

test("only what has changed is written; the position goes on", async () => {
	const { bench, cache, book } = await writing();
	await bench.time.advance(1_000);
	expect(cache.names()).toEqual([]);
	await bench.append([bench.source.tick(100)]);
	await bench.time.advance(100);
	expect(cache.names()).toEqual([]);
	expect((await book(ETH.symbolId))?.evSeq).toBe(bench.worker.evSeq(0));
	await bench.steps([level(100, 5)]);
	await bench.time.advance(100);
	expect(cache.names()).toEqual(DEPTH_VIEWS.map((view) => viewName(view, BTC.symbolId)));
});

test("a large view that has changed before it is due is not there", async () => {
	const { bench, cache, book } = await writing();
	await bench.time.advance(1_000);
	await bench.steps([level(100, 5)]);
	await bench.time.advance(100);
	cache.names();
	await bench.steps([level(100, 6)]);
	await bench.time.advance(100);
	const large = viewName(LARGE_BOOK, BTC.symbolId);
	expect(cache.names()).toEqual([viewName(SMALL_BOOK, BTC.symbolId), `-${large}`]);
	expect(await book(BTC.symbolId, LARGE_BOOK)).toBeNull();
	expect((await book(BTC.symbolId))?.bids).toEqual([[100, 6]]);
	await bench.steps([level(100, 7)]);
	await bench.time.advance(100);
	expect(cache.names()).toEqual([viewName(SMALL_BOOK, BTC.symbolId)]);
	await bench.time.advance(800);
	expect(cache.names()).toEqual([large]);
	expect((await book(BTC.symbolId, LARGE_BOOK))?.bids).toEqual([[100, 7]]);
});

test("a flushed cache is whole again within a second and a half, one that was away when it is back", async () => {
	const { bench, cache, book } = await writing();
	const names = [BTC, ETH].flatMap(({ symbolId }) => VIEWS.map((view) => viewName(view, symbolId)));
	const missing = async () => {
		const loaded = await Promise.all(names.map((name) => cache.load(0, name)));
		return names.filter((_, i) => loaded[i] === null);
	};
	cache.flush();
	expect(await missing()).toEqual(names);
	await bench.time.advance(1_500);
	expect(await missing()).toEqual([]);
	cache.away = true;
	await bench.time.advance(500);
	await bench.steps([level(100, 5)]);
	cache.away = false;
	await bench.time.advance(200);
	expect((await book(BTC.symbolId))?.bids).toEqual([[100, 5]]);
	await bench.time.advance(1_300);
	expect(await missing()).toEqual([]);
	expect((await book(BTC.symbolId, LARGE_BOOK))?.bids).toEqual([[100, 5]]);
	expect(bench.worker.metrics()).toContain('view_failures_total{partition="0"} 5\n');
});

test("a large view is worked out once a second also for a cache that is away, or that another writes to", async () => {
	const { bench, cache } = await writing();
	const { store } = cache;
	for (const isAway of [false, true]) {
		const written: string[] = [];
		cache.store = async (...args) => {
			for (const [name, text] of args[3]) if (text !== null) written.push(name);
			if (isAway) throw new KeyValueUnavailable("away");
			await store.apply(cache, args);
			return false;
		};
		await bench.time.advance(5_000);
		const times = (view: { name: string }) =>
			written.filter((name) => name === viewName(view, BTC.symbolId)).length;
		expect(times(SMALL_BOOK)).toBeGreaterThanOrEqual(48);
		expect(times(LARGE_BOOK)).toBeLessThanOrEqual(6);
	}
});

test("nothing is written within a command, nor after the end", async () => {
	const { bench, cache } = await writing();
	const market = { whole: false, symbols: () => [], partition: 1, evSeq: 9 };
	new ViewWriter(market as never, "run", { cache, clock: bench.time, scheduler: bench.time });
	await bench.time.advance(200);
	expect(await cache.load(1, "x")).toBeNull();
	await bench.stop();
	cache.calls.length = 0;
	await bench.time.advance(1_000);
	expect(cache.calls).toEqual([]);
});
