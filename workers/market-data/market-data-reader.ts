import { invariant } from "../../schemas/invariant.ts";
import type {
	AggTrade,
	AveragePriceView,
	BookTickerView,
	DepthView,
	Kline,
	KlineInterval,
	PublicTrade,
	TickerView,
} from "../../schemas/market.ts";
import { PartitionsVenue } from "../../schemas/partitions-venue.ts";
import type { History } from "../../schemas/ports/history.ts";
import type { MarketData, TradeRange } from "../../schemas/ports/market-data.ts";
import type { VenueView } from "../../schemas/venue-config.ts";
import { KlineQuery, type KlineRange } from "./kline-query.ts";
import type { PartitionFollower } from "./partition-follower.ts";
import type { SymbolMarket } from "./symbol-market.ts";

/** Market data read from the followers' memory, and from History for what is older. */
export class MarketDataReader implements MarketData {
	readonly venue: VenueView;
	private readonly followers: readonly PartitionFollower[];
	private readonly history: History;

	constructor(followers: readonly PartitionFollower[], history: History) {
		this.followers = followers;
		this.history = history;
		this.venue = new PartitionsVenue(() => followers.map(({ market }) => market));
	}

	/** The highest time of the log seen, ms. */
	timeMs(): number {
		return this.followers.reduce((latest, { market }) => Math.max(latest, market.ts), 0);
	}

	async depth(symbolId: number, limit: number): Promise<DepthView> {
		return this.find(symbolId).symbol.depth(limit);
	}

	async trades(symbolId: number, range: TradeRange): Promise<readonly PublicTrade[]> {
		const { symbol } = this.find(symbolId);
		return symbol.trades.query(range, (older) => this.history.trades(symbolId, older));
	}

	async aggTrades(symbolId: number, range: TradeRange): Promise<readonly AggTrade[]> {
		const { symbol } = this.find(symbolId);
		return symbol.aggTrades.query(range, (older) => this.history.aggTrades(symbolId, older));
	}

	async klines(
		symbolId: number,
		interval: KlineInterval,
		range: KlineRange,
		offsetMs: number,
	): Promise<readonly Kline[]> {
		const { symbol, follower } = this.find(symbolId);
		return new KlineQuery(this.history, symbol, follower.writer).run(interval, range, offsetMs);
	}

	async ticker(symbolId: number, windowMs: number, stepMs: number): Promise<TickerView> {
		return this.find(symbolId).symbol.ticker(windowMs, stepMs);
	}

	async bookTicker(symbolId: number): Promise<BookTickerView> {
		return this.find(symbolId).symbol.bookTicker();
	}

	averagePrice(symbolId: number): AveragePriceView {
		return this.find(symbolId).symbol.averagePrice();
	}

	private find(symbolId: number): { symbol: SymbolMarket; follower: PartitionFollower } {
		for (const follower of this.followers) {
			const symbol = follower.market.symbol(symbolId);
			if (symbol !== undefined) return { symbol, follower };
		}
		invariant(false, `symbol ${symbolId} is none of this worker's: ask the venue first`);
	}
}
