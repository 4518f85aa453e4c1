import { invariant } from "../../schemas/invariant.ts";
import {
	KLINE_INTERVALS,
	type Kline,
	type KlineInterval,
	type PublicTrade,
} from "../../schemas/market.ts";
import { barAfter, barOpen, baseInterval, HOUR_MS, SECOND_MS } from "./intervals.ts";
import { klineOf, totalsOf } from "./kline-of.ts";
import { BarTotals } from "./trade-totals.ts";

/** The one shift from UTC that has streams of its own: `@kline_<i>@+08:00`. */
export const STREAM_OFFSET_MS = 8 * HOUR_MS;

/** Called with a bar that ended, in order of their ends. Without trades it has the last close. */
export type BarClosed = (kline: Kline, offsetMs: number) => void;
/** Called with each second that had trades, when it is over. */
export type SecondClosed = (openTimeMs: number, totals: BarTotals) => void;

/** The running bar of one interval and shift, up to the last whole second. */
interface Series {
	readonly interval: KlineInterval;
	readonly offsetMs: number;
	openMs: number;
	nextMs: number;
	totals: BarTotals;
}

/** Plain data of Bars, for snapshots. Bars are kept as JSON-able rows by the caller. */
export interface BarsState {
	readonly nowMs: number;
	readonly lastCloseTicks: number;
	readonly firstTradeMs: number;
	readonly second: Kline;
	/** Running bars in the order of the series. */
	readonly running: readonly Kline[];
}

function makeSeries(): Series[] {
	const series: Series[] = [];
	for (const offsetMs of [0, STREAM_OFFSET_MS]) {
		for (const interval of KLINE_INTERVALS) {
			// The running second is kept apart, and most shifted bars are the same as in UTC.
			if (interval === "1s" || (offsetMs !== 0 && baseInterval(interval, offsetMs) === interval)) {
				continue;
			}
			series.push({ interval, offsetMs, openMs: 0, nextMs: 0, totals: new BarTotals() });
		}
	}
	return series;
}

/**
 * The running bars of one symbol, all intervals, and those of +08:00 that differ. A trade is added to
 * the running second only; a second that is over is added to every other bar. So a trade costs the
 * same whatever the number of intervals.
 */
export class Bars {
	/** Close of the last trade, in ticks; 0 before the first. */
	lastCloseTicks = 0;
	/** Time of the first trade ever; 0 before it. */
	firstTradeMs = 0;
	nowMs = 0;
	/** Trades of the running second. */
	second: BarTotals = new BarTotals();
	secondOpenMs = 0;
	private nextSecondMs = 0;
	private readonly symbolId: number;
	private readonly series: readonly Series[] = makeSeries();

	constructor(symbolId: number, state?: BarsState) {
		this.symbolId = symbolId;
		if (state !== undefined) this.restore(state);
	}

	/** Adds a trade of the present moment: call `advance` with its time before. */
	addTrade(trade: PublicTrade): void {
		invariant(trade.ts === this.nowMs, "a trade belongs to the present second");
		if (this.firstTradeMs === 0) this.firstTradeMs = trade.ts;
		this.second.addTrade(trade);
		this.lastCloseTicks = trade.priceTicks;
	}

	/** Moves time; bars whose end is reached are closed. */
	advance(ms: number, barClosed: BarClosed, secondClosed: SecondClosed): void {
		this.nowMs = ms;
		if (ms < this.nextSecondMs) return;
		this.closeSecond(barClosed, secondClosed);
		this.secondOpenMs = barOpen("1s", ms);
		this.nextSecondMs = this.secondOpenMs + SECOND_MS;
		for (const series of this.series) {
			if (ms >= series.nextMs) this.closeSeries(series, ms, barClosed);
		}
	}

	/** The running bar; null before the first trade ever, and for shifts that are not kept. */
	running(interval: KlineInterval, offsetMs: number): Kline | null {
		if (this.lastCloseTicks === 0) return null;
		if (interval === "1s") return this.kline(interval, this.secondOpenMs, 0, this.second, false);
		const base = baseInterval(interval, offsetMs) === interval ? 0 : offsetMs;
		for (const series of this.series) {
			if (series.interval === interval && series.offsetMs === base) return this.runningOf(series);
		}
		return null;
	}

	/** Every running bar but the second's, with its shift. */
	*allRunning(): Iterable<{ readonly kline: Kline; readonly offsetMs: number }> {
		if (this.lastCloseTicks === 0) return;
		for (const series of this.series) {
			yield { kline: this.runningOf(series), offsetMs: series.offsetMs };
		}
	}

	state(): BarsState {
		return {
			nowMs: this.nowMs,
			lastCloseTicks: this.lastCloseTicks,
			firstTradeMs: this.firstTradeMs,
			second: this.kline("1s", this.secondOpenMs, 0, this.second, false),
			running: this.series.map((s) =>
				this.kline(s.interval, s.openMs, s.offsetMs, s.totals, false),
			),
		};
	}

	private restore(state: BarsState): void {
		this.nowMs = state.nowMs;
		this.lastCloseTicks = state.lastCloseTicks;
		this.firstTradeMs = state.firstTradeMs;
		this.second = totalsOf(state.second);
		this.secondOpenMs = state.second.openTimeMs;
		this.nextSecondMs = this.secondOpenMs + SECOND_MS;
		invariant(state.running.length === this.series.length, "as many running bars as series");
		this.series.forEach((series, i) => {
			const kline = state.running[i] as Kline;
			invariant(kline.interval === series.interval, "running bars in the order of the series");
			series.openMs = kline.openTimeMs;
			series.nextMs = barAfter(series.interval, series.openMs, series.offsetMs);
			series.totals = totalsOf(kline);
		});
	}

	private closeSecond(barClosed: BarClosed, secondClosed: SecondClosed): void {
		if (this.lastCloseTicks === 0) return;
		const { second, secondOpenMs } = this;
		if (second.trades > 0) {
			for (const series of this.series) series.totals.addBar(second);
			secondClosed(secondOpenMs, second);
			this.second = new BarTotals();
		}
		barClosed(this.kline("1s", secondOpenMs, 0, second, true), 0);
	}

	private closeSeries(series: Series, ms: number, barClosed: BarClosed): void {
		const { interval, offsetMs, openMs, totals } = series;
		if (this.lastCloseTicks !== 0) {
			barClosed(this.kline(interval, openMs, offsetMs, totals, true), offsetMs);
		}
		series.openMs = barOpen(interval, ms, offsetMs);
		series.nextMs = barAfter(interval, series.openMs, offsetMs);
		if (totals.trades > 0) series.totals = new BarTotals();
	}

	private runningOf(series: Series): Kline {
		const totals = new BarTotals();
		totals.addBar(series.totals);
		totals.addBar(this.second);
		return this.kline(series.interval, series.openMs, series.offsetMs, totals, false);
	}

	private kline(
		interval: KlineInterval,
		openTimeMs: number,
		offsetMs: number,
		totals: BarTotals,
		closed: boolean,
	): Kline {
		const key = { symbolId: this.symbolId, interval, openTimeMs, offsetMs };
		return klineOf(key, totals, this.lastCloseTicks, closed);
	}
}
