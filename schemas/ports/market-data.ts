import type {
	AggTrade,
	AveragePriceView,
	BookTickerView,
	DepthView,
	Kline,
	KlineInterval,
	PublicTrade,
	TickerView,
} from "../market.ts";
import type { VenueView } from "../venue-config.ts";

/** Bounds of a query of the past: null where not given; ids and times inclusive. */
export interface TradeRange {
	readonly fromId: number | null;
	readonly startMs: number | null;
	readonly endMs: number | null;
	readonly limit: number;
}

/** Market data as the edge reads it. Unknown symbols are the caller's fault: ask `venue` first. */
export interface MarketData {
	/** Assets, symbols, states, filters as of now. */
	readonly venue: VenueView;
	depth(symbolId: number, limit: number): Promise<DepthView>;
	/** Ascending; without bounds the newest. */
	trades(symbolId: number, range: TradeRange): Promise<readonly PublicTrade[]>;
	aggTrades(symbolId: number, range: TradeRange): Promise<readonly AggTrade[]>;
	/**
	 * Bars by opening time, ascending, empty ones included, the running one last.
	 *
	 * @param offsetMs shift of the bars' boundaries from UTC (timeZone)
	 */
	klines(
		symbolId: number,
		interval: KlineInterval,
		range: Omit<TradeRange, "fromId">,
		offsetMs: number,
	): Promise<readonly Kline[]>;
	/**
	 * Rolling window up to now, of at least this length: it begins at a whole `stepMs`, which is a
	 * minute, or for a window of a day at most a second.
	 */
	ticker(symbolId: number, windowMs: number, stepMs: number): Promise<TickerView>;
	bookTicker(symbolId: number): Promise<BookTickerView>;
	/** Every order asks for it: at once where it is in this process. */
	averagePrice(symbolId: number): AveragePriceView | Promise<AveragePriceView>;
}
