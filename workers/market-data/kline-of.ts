import type { Kline, KlineInterval } from "../../schemas/market.ts";
import { ExactSum } from "./exact-sum.ts";
import { barAfter } from "./intervals.ts";
import { BarTotals } from "./trade-totals.ts";

/** Which bar: of what symbol and interval, from when on, shifted from UTC by how much. */
export interface BarKey {
	readonly symbolId: number;
	readonly interval: KlineInterval;
	readonly openTimeMs: number;
	readonly offsetMs: number;
}

/** A bar from its sums; one without trades has `elseTicks`, the last close, everywhere. */
export function klineOf(key: BarKey, totals: BarTotals, elseTicks: number, closed: boolean): Kline {
	const { symbolId, interval, openTimeMs, offsetMs } = key;
	const none = totals.trades === 0;
	return {
		symbolId,
		interval,
		openTimeMs,
		closeTimeMs: barAfter(interval, openTimeMs, offsetMs) - 1,
		openTicks: none ? elseTicks : totals.openTicks,
		highTicks: none ? elseTicks : totals.highTicks,
		lowTicks: none ? elseTicks : totals.lowTicks,
		closeTicks: none ? elseTicks : totals.closeTicks,
		volumeLots: totals.volumeLots.value(),
		quoteTickLots: totals.quoteTickLots.value(),
		takerBuyLots: totals.takerBuyLots.value(),
		takerBuyTickLots: totals.takerBuyTickLots.value(),
		trades: totals.trades,
		firstTradeId: totals.firstTradeId,
		lastTradeId: totals.lastTradeId,
		closed,
	};
}

/** The sums that a bar was made of. */
export function totalsOf(kline: Kline): BarTotals {
	const totals = new BarTotals();
	if (kline.trades === 0) return totals;
	totals.openTicks = kline.openTicks;
	totals.highTicks = kline.highTicks;
	totals.lowTicks = kline.lowTicks;
	totals.closeTicks = kline.closeTicks;
	totals.trades = kline.trades;
	totals.firstTradeId = kline.firstTradeId;
	totals.lastTradeId = kline.lastTradeId;
	totals.volumeLots = ExactSum.of(kline.volumeLots);
	totals.quoteTickLots = ExactSum.of(kline.quoteTickLots);
	totals.takerBuyLots = ExactSum.of(kline.takerBuyLots);
	totals.takerBuyTickLots = ExactSum.of(kline.takerBuyTickLots);
	return totals;
}
