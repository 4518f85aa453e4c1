import { invariant } from "../../schemas/invariant.ts";
import type { Kline, KlineInterval } from "../../schemas/market.ts";
import type { History } from "../../schemas/ports/history.ts";
import type { TradeRange } from "../../schemas/ports/market-data.ts";
import type { HistoryWriter } from "./history-writer.ts";
import { barAfter, barOpen, baseInterval } from "./intervals.ts";
import { klineOf, totalsOf } from "./kline-of.ts";
import type { SymbolMarket } from "./symbol-market.ts";
import { BarTotals } from "./trade-totals.ts";

/**
 * Most bars that are read from History at a time: a month that a time zone shifts by a minute is made of
 * 43,200, and an answer may have a thousand months.
 */
const READ_AT_A_TIME = 1_000;

/** Bounds of a query of bars, by opening time, inclusive. */
export type KlineRange = Omit<TradeRange, "fromId">;

/** Opening times of the first and last bar of an answer. */
interface Span {
	readonly firstMs: number;
	readonly lastMs: number;
}

/**
 * Answers queries of bars from what History has, what is on its way there and the running bar; puts
 * bars of other time zones together from shorter ones in UTC, and fills in the empty ones.
 */
export class KlineQuery {
	private readonly history: History;
	private readonly market: SymbolMarket;
	private readonly writer: HistoryWriter;

	constructor(history: History, market: SymbolMarket, writer: HistoryWriter) {
		this.history = history;
		this.market = market;
		this.writer = writer;
	}

	/** Ascending, from the bar of the symbol's first trade on, the running one last. */
	async run(interval: KlineInterval, range: KlineRange, offsetMs: number): Promise<Kline[]> {
		const span = this.spanOf(interval, range, offsetMs);
		if (span === null) return [];
		const base = baseInterval(interval, offsetMs);
		const untilMs = barAfter(interval, span.lastMs, offsetMs);
		// Memory first, in one step: what leaves it while History answers is in History's answer.
		const { nowMs } = this.market.bars;
		const recent = this.recent(base, span.firstMs, untilMs);
		const opens = opensOf(interval, span, offsetMs);
		const sums = opens.map(() => new BarTotals());
		let at = 0;
		const add = (parts: readonly Kline[]): void => {
			for (const part of parts) {
				while (part.openTimeMs >= (opens[at + 1] ?? untilMs)) at += 1;
				(sums[at] as BarTotals).addBar(totalsOf(part));
			}
		};
		const beforeMs = Math.min(untilMs, recent[0]?.openTimeMs ?? barOpen(base, nowMs));
		for await (const parts of this.older(base, span.firstMs, beforeMs)) add(parts);
		add(recent);
		const symbolId = this.market.spec.symbolId;
		const firstHasTrades = (sums[0] as BarTotals).trades > 0;
		let lastClose = firstHasTrades ? 0 : await this.closeBefore(base, span.firstMs);
		return opens.map((openTimeMs, i) => {
			const key = { symbolId, interval, openTimeMs, offsetMs };
			const closed = (opens[i + 1] ?? untilMs) <= nowMs;
			const bar = klineOf(key, sums[i] as BarTotals, lastClose, closed);
			lastClose = bar.closeTicks;
			return bar;
		});
	}

	/** Which bars the answer has; null when none. */
	private spanOf(interval: KlineInterval, range: KlineRange, offsetMs: number): Span | null {
		const { firstTradeMs, nowMs } = this.market.bars;
		const { startMs, endMs, limit } = range;
		if (firstTradeMs === 0 || limit <= 0) return null;
		const earliestMs = barOpen(interval, firstTradeMs, offsetMs);
		const latestMs = barOpen(interval, Math.min(endMs ?? nowMs, nowMs), offsetMs);
		if (startMs === null) {
			const firstMs = barAfter(interval, latestMs, offsetMs, 1 - limit);
			return latestMs < earliestMs
				? null
				: { firstMs: Math.max(firstMs, earliestMs), lastMs: latestMs };
		}
		const opened = barOpen(interval, startMs, offsetMs);
		const fromMs = opened === startMs ? opened : barAfter(interval, opened, offsetMs);
		const firstMs = Math.max(fromMs, earliestMs);
		const lastMs = Math.min(latestMs, barAfter(interval, firstMs, offsetMs, limit - 1));
		return lastMs < firstMs ? null : { firstMs, lastMs };
	}

	/** Bars with trades that memory has: closed ones on their way to History, and the running one. */
	private recent(base: KlineInterval, fromMs: number, untilMs: number): readonly Kline[] {
		const running = this.market.bars.running(base, 0);
		const bars = [...this.writer.pendingKlines(this.market.spec.symbolId, base)];
		if (running !== null && running.trades > 0) bars.push(running);
		return bars.filter((b) => b.openTimeMs >= fromMs && b.openTimeMs < untilMs);
	}

	/** Bars with trades that History has of a stretch, ascending; between two lots of them all else goes on. */
	private async *older(
		base: KlineInterval,
		fromMs: number,
		beforeMs: number,
	): AsyncIterable<readonly Kline[]> {
		for (let startMs = fromMs; startMs < beforeMs; ) {
			const range = { startMs, endMs: beforeMs - 1, limit: READ_AT_A_TIME };
			const bars = await this.history.klines(this.market.spec.symbolId, base, range);
			const last = bars.at(-1);
			if (last === undefined) return;
			invariant(last.openTimeMs < beforeMs, "History keeps to the range");
			yield bars;
			if (bars.length < READ_AT_A_TIME) return;
			startMs = last.openTimeMs + 1;
		}
	}

	/** The close of the last bar with trades before a moment; History has it when memory has not. */
	private async closeBefore(base: KlineInterval, firstMs: number): Promise<number> {
		const symbolId = this.market.spec.symbolId;
		const pending = this.writer.pendingKlines(symbolId, base);
		const recent = pending.filter((k) => k.openTimeMs < firstMs).at(-1);
		if (recent !== undefined) return recent.closeTicks;
		const before = await this.history.klineBefore(symbolId, base, firstMs);
		return before?.closeTicks ?? 0;
	}
}

/** Opening times of the bars of an answer. */
function opensOf(interval: KlineInterval, { firstMs, lastMs }: Span, offsetMs: number): number[] {
	const opens: number[] = [];
	for (let openMs = firstMs; openMs <= lastMs; openMs = barAfter(interval, openMs, offsetMs)) {
		opens.push(openMs);
	}
	return opens;
}
