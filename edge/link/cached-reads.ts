import type { BookTickerView, DepthView, PublicTrade } from "../../schemas/market.ts";
import {
	DEPTH_VIEWS,
	decodeView,
	type MarketView,
	TRADE_VIEWS,
	viewName,
} from "../../schemas/market-views.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { MarketCache } from "../../schemas/ports/market-cache.ts";
import type { MarketData, TradeRange } from "../../schemas/ports/market-data.ts";
import { metricText } from "../../schemas/prometheus-text.ts";

/** A cache that failed is left alone for so long: while it hangs, nobody should wait for it. */
const REST_MS = 1_000;

/** What a question about a symbol needs. */
export interface Needs {
	readonly partition: number;
	/** Nothing older may be shown. */
	readonly atLeast: number;
}

export interface CachedReadsPorts {
	readonly cache: MarketCache;
	readonly clock: Clock;
	/** Null for a symbol that nobody knows. */
	needsOf(symbolId: number): Needs | null;
}

/** How reads ended: in the cache, or asked of the worker because … */
type Ended = "hit" | "absent" | "behind" | "away";

/**
 * Books and recent trades, read in the cache first; whoever makes them is asked when the cache is away,
 * has none, or is behind.
 */
export class CachedReads {
	private readonly ports: CachedReadsPorts;
	private readonly asked: MarketData;
	private readonly ended: Record<Ended, number> = { hit: 0, absent: 0, behind: 0, away: 0 };
	private restsUntilMs = Number.NEGATIVE_INFINITY;

	constructor(asked: MarketData, ports: CachedReadsPorts) {
		this.asked = asked;
		this.ports = ports;
	}

	get marketData(): MarketData {
		return {
			...this.asked,
			depth: (symbolId, limit) => this.depth(symbolId, limit),
			bookTicker: (symbolId) => this.bookTicker(symbolId),
			trades: (symbolId, range) => this.trades(symbolId, range),
		};
	}

	/** Prometheus lines. */
	metrics(): string {
		return metricText(
			"castle_market_cache_reads_total",
			"Reads of books and trades: hit is from the cache; else a worker was asked, as the cache had none, was behind or away.",
			Object.entries(this.ended).map(([ended, count]) => [`ended="${ended}"`, count]),
		);
	}

	private async depth(symbolId: number, limit: number): Promise<DepthView> {
		const view = await this.read(DEPTH_VIEWS, symbolId, limit);
		if (view === null) return this.asked.depth(symbolId, limit);
		const { lastUpdateId, bids, asks } = view;
		return { lastUpdateId, bids: bids.slice(0, limit), asks: asks.slice(0, limit) };
	}

	private async bookTicker(symbolId: number): Promise<BookTickerView> {
		const view = await this.read(DEPTH_VIEWS, symbolId, 1);
		if (view === null) return this.asked.bookTicker(symbolId);
		const [bidTicks, bidLots] = view.bids[0] ?? [0, 0];
		const [askTicks, askLots] = view.asks[0] ?? [0, 0];
		return { symbolId, updateId: view.lastUpdateId, bidTicks, bidLots, askTicks, askLots };
	}

	/** The newest only: other ranges are asked for. */
	private async trades(symbolId: number, range: TradeRange): Promise<readonly PublicTrade[]> {
		const newest = range.fromId === null && range.startMs === null && range.endMs === null;
		const view = newest ? await this.read(TRADE_VIEWS, symbolId, range.limit) : null;
		// A worker that has just started may have fewer than there are.
		const whole = view !== null && (view.length >= range.limit || (view[0]?.tradeId ?? 1) === 1);
		return whole ? view.slice(-range.limit) : this.asked.trades(symbolId, range);
	}

	private async read<T>(
		views: readonly MarketView<T>[],
		symbolId: number,
		rows: number,
	): Promise<T | null> {
		const { cache, clock, needsOf } = this.ports;
		const view = views.find((one) => one.rows >= rows);
		const needs = needsOf(symbolId);
		if (view === undefined || needs === null) return null;
		if (clock.monotonicMs() < this.restsUntilMs) return this.none("away");
		try {
			const loaded = await cache.load(needs.partition, viewName(view, symbolId));
			if (loaded === null) return this.none("absent");
			if (loaded.evSeq < needs.atLeast) return this.none("behind");
			const value = decodeView(view, loaded.text);
			this.ended.hit += 1;
			return value;
		} catch {
			this.restsUntilMs = clock.monotonicMs() + REST_MS;
			return this.none("away");
		}
	}

	private none(ended: Ended): null {
		this.ended[ended] += 1;
		return null;
	}
}
