import {
	averagePricePayload,
	klinePayload,
	miniTickerPayload,
	tickerPayload,
	windowTickerPayload,
} from "../../schemas/api/stream-payload.ts";
import type { LateText } from "../../schemas/late-text.ts";
import type { Kline, KlineInterval, TickerView } from "../../schemas/market.ts";
import { STREAM_OFFSET_MS } from "./bars.ts";
import { baseInterval, DAY_MS, HOUR_MS, MINUTE_MS } from "./intervals.ts";
import type { PartitionMarket } from "./partition-market.ts";
import type { SymbolMarket } from "./symbol-market.ts";

/** A stream's name and what it says. */
export type Entry = readonly [stream: string, payload: string | LateText];

const WINDOWS = [
	["1h", HOUR_MS],
	["4h", 4 * HOUR_MS],
	["1d", DAY_MS],
] as const;

/** Payloads of one kind by symbol, for its stream of all symbols. */
type ByKind = Map<string, string[]>;

/**
 * The streams of seconds: bars, tickers, average price. Nothing is said twice: what is as it was when
 * last published is left out.
 */
export class SlowStreams {
	private readonly market: PartitionMarket;
	private closed: Entry[] = [];
	/** What each stream last spoke of, in a few numbers. */
	private readonly said = new Map<string, string>();

	constructor(market: PartitionMarket) {
		this.market = market;
	}

	/** A bar's last word is said for certain, with x = true. */
	barClosed(market: SymbolMarket, kline: Kline, offsetMs: number): void {
		for (const stream of klineStreams(market, kline.interval, offsetMs)) {
			this.closed.push([stream, klinePayload(market.spec, kline, this.market.ts)]);
		}
	}

	addClosedBars(entries: Entry[]): void {
		entries.push(...this.closed);
		this.closed = [];
	}

	/** Tickers, average prices and the running second. */
	addSecond(entries: Entry[]): void {
		const arrays: ByKind = new Map();
		for (const market of this.market.symbols()) {
			if (market.trades.last() === undefined) continue;
			this.addRunningSecond(market, entries);
			this.addDayTickers(market, entries, arrays);
			this.addWindowTickers(market, entries, arrays);
			this.addAveragePrice(market, entries);
		}
		for (const [stream, payloads] of arrays) entries.push([stream, `[${payloads.join(",")}]`]);
	}

	/** Bars of a minute and longer. */
	addRunningBars(entries: Entry[]): void {
		for (const market of this.market.symbols()) {
			for (const { kline, offsetMs } of market.bars.allRunning()) {
				this.addRunning(market, kline, offsetMs, entries);
			}
		}
	}

	private addRunningSecond(market: SymbolMarket, entries: Entry[]): void {
		const second = market.bars.running("1s", 0);
		if (second !== null) this.addRunning(market, second, 0, entries);
	}

	private addRunning(market: SymbolMarket, kline: Kline, offsetMs: number, entries: Entry[]): void {
		const streams = klineStreams(market, kline.interval, offsetMs);
		const first = streams[0] as string;
		if (!this.isNew(first, `${kline.openTimeMs} ${kline.lastTradeId}`)) return;
		const payload = klinePayload(market.spec, kline, this.market.ts);
		for (const stream of streams) entries.push([stream, payload]);
	}

	private addDayTickers(market: SymbolMarket, entries: Entry[], arrays: ByKind): void {
		const { spec, streamName: name } = market;
		const ticker = market.dayTicker();
		const { ts } = this.market;
		if (this.isNew(`${name}@miniTicker`, tradesKey(ticker))) {
			const mini = miniTickerPayload(spec, ticker, ts);
			entries.push([`${name}@miniTicker`, mini]);
			into(arrays, "!miniTicker@arr").push(mini);
		}
		const book = market.bookTicker();
		const best = `${book.bidTicks} ${book.bidLots} ${book.askTicks} ${book.askLots}`;
		if (this.isNew(`${name}@ticker`, `${tradesKey(ticker)} ${best}`)) {
			const full = tickerPayload(spec, ticker, book, ts);
			entries.push([`${name}@ticker`, full]);
			into(arrays, "!ticker@arr").push(full);
		}
	}

	private addWindowTickers(market: SymbolMarket, entries: Entry[], arrays: ByKind): void {
		const name = market.streamName;
		for (const [window, windowMs] of WINDOWS) {
			const ticker = market.ticker(windowMs, MINUTE_MS);
			const stream = `${name}@ticker_${window}`;
			if (!this.isNew(stream, tradesKey(ticker))) continue;
			const payload = windowTickerPayload(market.spec, ticker, window, this.market.ts);
			entries.push([stream, payload]);
			into(arrays, `!ticker_${window}@arr`).push(payload);
		}
	}

	private addAveragePrice(market: SymbolMarket, entries: Entry[]): void {
		const stream = `${market.streamName}@avgPrice`;
		const average = market.averagePrice();
		const key = `${average.volumeLots} ${average.quoteTickLots} ${average.closeTimeMs}`;
		if (!this.isNew(stream, key)) return;
		entries.push([stream, averagePricePayload(market.spec, average, "5m", this.market.ts)]);
	}

	private isNew(stream: string, key: string): boolean {
		if (this.said.get(stream) === key) return false;
		this.said.set(stream, key);
		return true;
	}
}

/** Trade ids have no gaps, so first and last say which trades a window holds. */
function tradesKey(ticker: TickerView): string {
	return `${ticker.firstTradeId} ${ticker.lastTradeId} ${ticker.lastTicks}`;
}

/** The names a bar goes out under: where +08:00 moves no boundary, both. */
function klineStreams(market: SymbolMarket, interval: KlineInterval, offsetMs: number): string[] {
	const plain = `${market.streamName}@kline_${interval}`;
	if (offsetMs !== 0) return [`${plain}@+08:00`];
	const same = baseInterval(interval, STREAM_OFFSET_MS) === interval;
	return same ? [plain, `${plain}@+08:00`] : [plain];
}

function into(arrays: ByKind, stream: string): string[] {
	const known = arrays.get(stream);
	if (known !== undefined) return known;
	const made: string[] = [];
	arrays.set(stream, made);
	return made;
}
