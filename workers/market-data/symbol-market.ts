import type { LevelChanged, Traded } from "../../schemas/event.ts";
import { invariant } from "../../schemas/invariant.ts";
import type {
	AggTrade,
	AveragePriceView,
	BookTickerView,
	DepthView,
	PublicTrade,
	TickerView,
} from "../../schemas/market.ts";
import { Side } from "../../schemas/order.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { DepthBook } from "../shared/depth-book.ts";
import { AggTrades } from "./agg-trades.ts";
import { Bars, type BarsState } from "./bars.ts";
import { barOpen, DAY_MS, MINUTE_MS } from "./intervals.ts";
import type { MarketOutputs } from "./market-outputs.ts";
import { RecentRows } from "./recent-rows.ts";
import { RollingTrades, type WindowTotals } from "./rolling-trades.ts";

/** The average price goes over this many minutes, as the filters' avgPriceMins. */
const AVERAGE_MINS = 5;

const TRADE_WORDS = { id: (t: PublicTrade) => t.tradeId, ts: (t: PublicTrade) => t.ts };
const AGG_WORDS = { id: (a: AggTrade) => a.aggTradeId, ts: (a: AggTrade) => a.ts };

/** Plain data of a SymbolMarket, for snapshots; the rolling windows are bytes of their own. */
export interface SymbolMarketState {
	readonly spec: SymbolSpec;
	readonly updateId: number;
	/** Price and lots of every level, best first. */
	readonly bids: readonly (readonly [number, number])[];
	readonly asks: readonly (readonly [number, number])[];
	readonly bars: BarsState;
	/** With ids that follow one another: what was before a log that was lost is History's. */
	readonly trades: readonly PublicTrade[];
	readonly aggTrades: readonly AggTrade[];
	/** Ids of trades and aggregate trades go on after these, whatever rows there are. */
	readonly lastTradeId: number;
	readonly lastAggTradeId: number;
}

/** Everything the market data of one symbol needs: a pure function of its events and the time. */
export class SymbolMarket {
	/** As of now: rules and state may change. */
	spec: SymbolSpec;
	/** The symbol as stream names have it: "btcusdt". */
	readonly streamName: string;
	readonly book: DepthBook = new DepthBook();
	readonly bars: Bars;
	readonly rolling: RollingTrades;
	readonly trades: RecentRows<PublicTrade>;
	readonly aggTrades: RecentRows<AggTrade>;
	/** Of the last level change; 0 before the first. */
	updateId = 0;
	private readonly aggregator: AggTrades;
	/** The last average price, and what it was worked out at. */
	private average: {
		readonly fromMs: number;
		readonly tradeId: number;
		readonly view: AveragePriceView;
	} | null = null;

	constructor(spec: SymbolSpec, state?: SymbolMarketState, rolling?: RollingTrades) {
		this.spec = spec;
		this.streamName = spec.symbol.toLowerCase();
		this.bars = new Bars(spec.symbolId, state?.bars);
		this.rolling = rolling ?? new RollingTrades();
		this.trades = new RecentRows(TRADE_WORDS, state?.trades, state?.lastTradeId);
		this.aggTrades = new RecentRows(AGG_WORDS, state?.aggTrades, state?.lastAggTradeId);
		this.aggregator = new AggTrades(this.aggTrades.lastId());
		if (state === undefined) return;
		this.updateId = state.updateId;
		for (const [price, lots] of state.bids) this.book.apply(Side.Buy, price, lots);
		for (const [price, lots] of state.asks) this.book.apply(Side.Sell, price, lots);
	}

	/** Moves time; closes the bars that end. */
	advance(ms: number, outputs: MarketOutputs): void {
		this.bars.advance(
			ms,
			(kline, offsetMs) => outputs.barClosed(this, kline, offsetMs),
			(openMs, totals) => this.rolling.addSecond(openMs, totals),
		);
	}

	/** The log goes on from one that was lost: its book is put back in next, and ids go on after these. */
	resume(lastId: number): void {
		this.updateId = lastId;
		this.trades.resume(lastId);
		this.aggTrades.resume(lastId);
		this.aggregator.lastId = lastId;
	}

	/** A trade of the past, as History has it: for bars and windows that go on from there. */
	relearn(trade: PublicTrade, outputs: MarketOutputs): void {
		this.advance(trade.ts, outputs);
		this.trades.add(trade);
		this.bars.addTrade(trade);
	}

	/** @throws InvariantViolation when trade ids have a gap */
	traded(event: Traded, ts: number, outputs: MarketOutputs): void {
		invariant(event.tradeId === this.trades.lastId() + 1, "trade ids are gapless");
		const trade: PublicTrade = {
			symbolId: event.symbolId,
			tradeId: event.tradeId,
			priceTicks: event.priceTicks,
			qtyLots: event.qtyLots,
			ts,
			buyerIsMaker: event.takerSide === Side.Sell,
		};
		const ended = this.aggregator.add(trade, event.takerOrderId);
		if (ended !== null) this.gaveAgg(ended, outputs);
		this.trades.add(trade);
		this.bars.addTrade(trade);
		outputs.trade(this, trade);
	}

	/** @throws InvariantViolation when update ids have a gap */
	levelChanged(event: LevelChanged, outputs: MarketOutputs): void {
		invariant(event.updateId === this.updateId + 1, "update ids are gapless");
		this.updateId = event.updateId;
		this.book.apply(event.side, event.priceTicks, event.qtyLots);
		outputs.levelChanged(this, event);
	}

	/** The last part of an answer was applied. */
	answered(outputs: MarketOutputs): void {
		const ended = this.aggregator.end();
		if (ended !== null) this.gaveAgg(ended, outputs);
	}

	depth(limit: number): DepthView {
		return {
			lastUpdateId: this.updateId,
			bids: this.book.levels(Side.Buy, limit),
			asks: this.book.levels(Side.Sell, limit),
		};
	}

	bookTicker(): BookTickerView {
		return {
			symbolId: this.spec.symbolId,
			updateId: this.updateId,
			bidTicks: this.book.bestBid(),
			bidLots: this.book.bestLots(Side.Buy),
			askTicks: this.book.bestAsk(),
			askLots: this.book.bestLots(Side.Sell),
		};
	}

	/**
	 * Statistics up to now over at least this long, and at most a whole `stepMs` (a second or a minute)
	 * longer: the window begins on one.
	 */
	ticker(windowMs: number, stepMs: number): TickerView {
		const nowMs = this.bars.nowMs;
		const openTimeMs = Math.floor((nowMs - windowMs) / stepMs) * stepMs;
		const { totals, closeBeforeTicks } = this.since(openTimeMs);
		const last = this.trades.last();
		const none = totals.trades === 0;
		const lastTicks = last?.priceTicks ?? 0;
		return {
			symbolId: this.spec.symbolId,
			openTicks: none ? lastTicks : totals.openTicks,
			highTicks: none ? lastTicks : totals.highTicks,
			lowTicks: none ? lastTicks : totals.lowTicks,
			lastTicks,
			lastQtyLots: last?.qtyLots ?? 0,
			prevCloseTicks: closeBeforeTicks,
			volumeLots: totals.volumeLots.value(),
			quoteTickLots: totals.quoteTickLots.value(),
			openTimeMs,
			closeTimeMs: nowMs,
			firstTradeId: none ? -1 : totals.firstTradeId,
			lastTradeId: none ? -1 : totals.lastTradeId,
			trades: totals.trades,
		};
	}

	/** The rolling day as Binance's 24 h ticker has it: to the second. */
	dayTicker(): TickerView {
		return this.ticker(DAY_MS, 1_000);
	}

	/** Asked for by the filters of every order, so worked out once for each trade and each second. */
	averagePrice(): AveragePriceView {
		const fromMs = barOpen("1s", this.bars.nowMs - AVERAGE_MINS * MINUTE_MS);
		const tradeId = this.trades.lastId();
		if (this.average?.fromMs !== fromMs || this.average.tradeId !== tradeId) {
			this.average = { fromMs, tradeId, view: this.averageSince(fromMs) };
		}
		return this.average.view;
	}

	private averageSince(fromMs: number): AveragePriceView {
		const { totals } = this.since(fromMs);
		const last = this.trades.last();
		return {
			mins: AVERAGE_MINS,
			volumeLots: totals.volumeLots.value(),
			quoteTickLots: totals.quoteTickLots.value(),
			lastTicks: last?.priceTicks ?? 0,
			closeTimeMs: last?.ts ?? 0,
		};
	}

	/** Between two commands only: an aggregate trade may be open within one. */
	state(recentLimit: number): SymbolMarketState {
		return {
			spec: this.spec,
			updateId: this.updateId,
			bids: this.book.levels(Side.Buy, Number.MAX_SAFE_INTEGER),
			asks: this.book.levels(Side.Sell, Number.MAX_SAFE_INTEGER),
			bars: this.bars.state(),
			trades: this.trades.unbroken(recentLimit),
			aggTrades: this.aggTrades.unbroken(recentLimit),
			lastTradeId: this.trades.lastId(),
			lastAggTradeId: this.aggTrades.lastId(),
		};
	}

	private since(openTimeMs: number): WindowTotals {
		const window = this.rolling.since(openTimeMs);
		const { second, secondOpenMs } = this.bars;
		if (secondOpenMs >= openTimeMs) window.totals.addTotals(second);
		return window;
	}

	private gaveAgg(agg: AggTrade, outputs: MarketOutputs): void {
		this.aggTrades.add(agg);
		outputs.aggTrade(this, agg);
	}
}
