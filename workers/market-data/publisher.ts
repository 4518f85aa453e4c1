import {
	aggTradePayload,
	bookTickerPayload,
	depthUpdatePayload,
	partialDepthPayload,
	tradePayload,
} from "../../schemas/api/stream-payload.ts";
import type { LevelChanged } from "../../schemas/event.ts";
import { LateText } from "../../schemas/late-text.ts";
import {
	type AggTrade,
	type BookTickerView,
	type DepthView,
	type Kline,
	marketData,
	type PublicTrade,
} from "../../schemas/market.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { DepthDiff, type DepthUpdate } from "./depth-diff.ts";
import type { MarketOutputs } from "./market-outputs.ts";
import type { PartitionMarket } from "./partition-market.ts";
import { type Entry, SlowStreams } from "./slow-streams.ts";
import type { SymbolMarket } from "./symbol-market.ts";

/** Trades and best prices leave at once, unless some left less than this long ago: then together. */
const FLUSH_MS = 10;
const TICK_MS = 100;
const TICKS_PER_SECOND = 10;
const PARTIAL_DEPTHS = [5, 10, 20] as const;

/** Of a symbol that was added a moment ago. */
const NO_BOOK = { bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0 };

/** What is published of a symbol so far. */
interface SymbolStreams {
	readonly market: SymbolMarket;
	readonly fast: DepthDiff;
	readonly slow: DepthDiff;
	bookTicker: Omit<BookTickerView, "symbolId" | "updateId">;
	/** The book's updateId when partial depth was last published, each 100 ms and each second. */
	fastPartialId: number;
	slowPartialId: number;
}

/**
 * Turns a partition's outputs into messages for streams, from the moment it is made: trades and best
 * prices within milliseconds, depth each 100 ms, the rest each second or two. Everything that is due
 * at a moment leaves in one message, and messages are numbered without a gap.
 */
export class Publisher implements MarketOutputs {
	/** Messages sent. */
	seq = 0;
	private readonly run: string;
	private readonly market: PartitionMarket;
	private readonly pubsub: PubSub;
	private readonly scheduler: Scheduler;
	private readonly bySymbol = new Map<SymbolMarket, SymbolStreams>();
	private readonly slowStreams: SlowStreams;
	/** Symbols whose book changed since the last message. */
	private readonly touched = new Set<SymbolStreams>();
	private entries: Entry[] = [];
	/** Whether anything came since the last flush, and the pause that follows each. */
	private waiting = false;
	private pause: Cancel | null = null;
	private readonly tickTimer: Cancel;
	private ticks = 0;

	/** @param run tells this run's numbering from any other's */
	constructor(market: PartitionMarket, run: string, pubsub: PubSub, scheduler: Scheduler) {
		this.market = market;
		this.run = run;
		this.pubsub = pubsub;
		this.scheduler = scheduler;
		this.slowStreams = new SlowStreams(market);
		// What came before this run is not news.
		for (const symbol of market.symbols())
			this.follow(symbol, symbol.updateId, symbol.bookTicker());
		this.tickTimer = scheduler.every(TICK_MS, () => this.tick());
	}

	/** Publishes what is waiting, and nothing after it. */
	stop(): void {
		this.tickTimer();
		this.flush();
		this.pause?.();
	}

	trade({ spec, streamName }: SymbolMarket, trade: PublicTrade): void {
		this.push(`${streamName}@trade`, () => tradePayload(spec, trade, trade.ts));
	}

	aggTrade({ spec, streamName }: SymbolMarket, agg: AggTrade): void {
		this.push(`${streamName}@aggTrade`, () => aggTradePayload(spec, agg, agg.ts));
	}

	levelChanged(market: SymbolMarket, change: LevelChanged): void {
		const streams = this.bySymbol.get(market) ?? this.follow(market, change.updateId - 1, NO_BOOK);
		streams.fast.add(change.side, change.priceTicks, change.qtyLots, change.updateId);
		this.touched.add(streams);
		this.flushSoon();
	}

	barClosed(market: SymbolMarket, kline: Kline, offsetMs: number): void {
		this.slowStreams.barClosed(market, kline, offsetMs);
	}

	private push(stream: string, payload: () => string): void {
		this.add(stream, payload);
		this.flushSoon();
	}

	private add(stream: string, payload: () => string): void {
		this.entries.push([stream, new LateText(payload)]);
	}

	private flushSoon(): void {
		if (this.waiting) return;
		this.waiting = true;
		if (this.pause === null) this.scheduler.soon(() => this.flush());
	}

	/** Trades and best prices only; nothing when there are none. */
	private flush(): void {
		if (!this.waiting) return;
		this.waiting = false;
		this.addBookTickers();
		if (this.entries.length > 0) this.publish();
		this.pause ??= this.scheduler.after(FLUSH_MS, () => {
			this.pause = null;
			this.flush();
		});
	}

	private tick(): void {
		this.ticks += 1;
		const second = this.ticks % TICKS_PER_SECOND === 0;
		this.addBookTickers();
		for (const streams of this.bySymbol.values()) this.addDepth(streams, second);
		this.slowStreams.addClosedBars(this.entries);
		if (second) {
			this.slowStreams.addSecond(this.entries);
			if (this.ticks % (2 * TICKS_PER_SECOND) === 0) this.slowStreams.addRunningBars(this.entries);
		}
		// Empty ones too: the next number tells a subscriber that it has missed nothing.
		this.publish();
		this.waiting = false;
	}

	private publish(): void {
		this.seq += 1;
		const { partition } = this.market;
		this.pubsub.publish(marketData, {
			partition,
			run: this.run,
			seq: this.seq,
			entries: this.entries,
		});
		this.entries = [];
	}

	/** One per symbol whose best price or its quantity is another than was last said. */
	private addBookTickers(): void {
		for (const streams of this.touched) {
			const now = streams.market.bookTicker();
			const before = streams.bookTicker;
			if (
				now.bidTicks === before.bidTicks &&
				now.bidLots === before.bidLots &&
				now.askTicks === before.askTicks &&
				now.askLots === before.askLots
			) {
				continue;
			}
			streams.bookTicker = now;
			const { spec, streamName } = streams.market;
			this.add(`${streamName}@bookTicker`, () => bookTickerPayload(spec, now));
		}
		this.touched.clear();
	}

	private addDepth(streams: SymbolStreams, second: boolean): void {
		const { market } = streams;
		const name = market.streamName;
		const fast = streams.fast.take();
		if (fast !== null) {
			streams.slow.addUpdate(fast);
			this.add(`${name}@depth@100ms`, this.depthPayload(market, fast));
		}
		const slow = second ? streams.slow.take() : null;
		if (slow !== null) this.add(`${name}@depth`, this.depthPayload(market, slow));
		this.addPartialDepth(streams, name, second);
	}

	private addPartialDepth(streams: SymbolStreams, name: string, second: boolean): void {
		const { market } = streams;
		const fastDue = market.updateId !== streams.fastPartialId;
		const slowDue = second && market.updateId !== streams.slowPartialId;
		if (!fastDue && !slowDue) return;
		const deepest = market.depth(PARTIAL_DEPTHS[2]);
		for (const depth of PARTIAL_DEPTHS) {
			const { spec } = market;
			const payload = () => partialDepthPayload(spec, top(deepest, depth));
			if (fastDue) this.add(`${name}@depth${depth}@100ms`, payload);
			if (slowDue) this.add(`${name}@depth${depth}`, payload);
		}
		if (fastDue) streams.fastPartialId = market.updateId;
		if (slowDue) streams.slowPartialId = market.updateId;
	}

	private depthPayload({ spec }: SymbolMarket, update: DepthUpdate): () => string {
		const { firstUpdateId, lastUpdateId, bids, asks } = update;
		const { ts } = this.market;
		return () => depthUpdatePayload(spec, firstUpdateId, lastUpdateId, bids, asks, ts);
	}

	private follow(
		market: SymbolMarket,
		updateId: number,
		bookTicker: Omit<BookTickerView, "symbolId" | "updateId">,
	): SymbolStreams {
		const streams: SymbolStreams = {
			market,
			fast: new DepthDiff(updateId),
			slow: new DepthDiff(updateId),
			bookTicker,
			fastPartialId: updateId,
			slowPartialId: updateId,
		};
		this.bySymbol.set(market, streams);
		return streams;
	}
}

function top(depth: DepthView, limit: number): DepthView {
	const { lastUpdateId, bids, asks } = depth;
	return { lastUpdateId, bids: bids.slice(0, limit), asks: asks.slice(0, limit) };
}
