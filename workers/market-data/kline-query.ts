import { invariant } from "../../schemas/invariant.ts";
import type { Kline, KlineInterval } from "../../schemas/market.ts";
import type { History } from "../../schemas/ports/history.ts";
import type { TradeRange } from "../../schemas/ports/market-data.ts";
import type { HistoryWriter } from "./history-writer.ts";
import { barAfter, barOpen, baseInterval, DAY_MS } from "./intervals.ts";
import { klineOf, totalsOf } from "./kline-of.ts";
import type { SymbolMarket } from "./symbol-market.ts";
import { BarTotals } from "./trade-totals.ts";

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
		const parts = await this.withOlder(base, span.firstMs, untilMs, recent);
		const firstEndMs = barAfter(interval, span.firstMs, offsetMs);
		const firstHasTrades = (parts[0]?.openTimeMs ?? untilMs) < firstEndMs;
		const symbolId = this.market.spec.symbolId;
		const bars: Kline[] = [];
		let at = 0;
		let lastClose = firstHasTrades ? 0 : await this.closeBefore(base, span.firstMs);
		for (let openTimeMs = span.firstMs; openTimeMs <= span.lastMs; ) {
			const nextMs = barAfter(interval, openTimeMs, offsetMs);
			const totals = new BarTotals();
			for (; at < parts.length && (parts[at] as Kline).openTimeMs < nextMs; at += 1) {
				totals.addBar(totalsOf(parts[at] as Kline));
			}
			const key = { symbolId, interval, openTimeMs, offsetMs };
			const bar = klineOf(key, totals, lastClose, nextMs <= nowMs);
			bars.push(bar);
			lastClose = bar.closeTicks;
			openTimeMs = nextMs;
		}
		return bars;
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

	/** All bars with trades of a stretch, ascending; memory's word counts. */
	private async withOlder(
		base: KlineInterval,
		fromMs: number,
		untilMs: number,
		recent: readonly Kline[],
	): Promise<readonly Kline[]> {
		const runningMs = barOpen(base, this.market.bars.nowMs);
		const beforeMs = Math.min(untilMs, recent[0]?.openTimeMs ?? runningMs);
		if (beforeMs <= fromMs) return recent;
		// Months differ in length: as many as if all were the shortest.
		const lengthMs = base === "1M" ? 28 * DAY_MS : barAfter(base, fromMs) - fromMs;
		const older = await this.history.klines(this.market.spec.symbolId, base, {
			startMs: fromMs,
			endMs: beforeMs - 1,
			limit: Math.ceil((beforeMs - fromMs) / lengthMs) + 1,
		});
		const last = older.at(-1);
		invariant(last === undefined || last.openTimeMs < beforeMs, "History keeps to the range");
		return [...older, ...recent];
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
