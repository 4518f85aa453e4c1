import { expect, test } from "bun:test";
import fc from "fast-check";
import type { EventRecord } from "../../schemas/event.ts";
import { EventKind } from "../../schemas/event.ts";
import { KLINE_INTERVALS, type Kline, type KlineInterval } from "../../schemas/market.ts";
import { Side } from "../../schemas/order.ts";
import { barAfter, barOpen, DAY_MS, HOUR_MS, MINUTE_MS } from "./intervals.ts";
import type { KlineRange } from "./kline-query.ts";
import { marketSteps } from "./testing/market-steps.ts";
import { step } from "./testing/record-source.ts";
import { BTC, START_MS, WorkerBench } from "./testing/worker-bench.ts";

interface PlainTrade {
	readonly ts: number;
	readonly id: number;
	readonly price: number;
	readonly lots: number;
	readonly takerBuys: boolean;
}

/** The bars of a range worked out from all trades, the slow way. */
function plainKlines(
	trades: readonly PlainTrade[],
	nowMs: number,
	interval: KlineInterval,
	{ startMs, endMs, limit }: KlineRange,
	offsetMs: number,
): Kline[] {
	const first = trades[0];
	if (first === undefined) return [];
	const opens: number[] = [];
	let open = barOpen(interval, first.ts, offsetMs);
	// Far from the range nothing needs listing: skip in one go, back by more than the limit.
	const goal = startMs ?? Math.min(endMs ?? nowMs, nowMs);
	while (barAfter(interval, open, offsetMs, 5_000) < goal) {
		open = barAfter(interval, open, offsetMs, 2_000);
	}
	for (; open <= Math.min(nowMs, endMs ?? nowMs); open = barAfter(interval, open, offsetMs)) {
		if (startMs !== null && opens.length === limit) break;
		if (startMs === null || open >= startMs) opens.push(open);
	}
	const wanted = startMs === null ? opens.slice(-limit) : opens;
	return wanted.map((openTimeMs) => {
		const next = barAfter(interval, openTimeMs, offsetMs);
		const own = trades.filter((t) => t.ts >= openTimeMs && t.ts < next);
		const before = trades.filter((t) => t.ts < openTimeMs).at(-1)?.price ?? 0;
		const buys = own.filter((t) => t.takerBuys);
		const prices = own.map((t) => t.price);
		const lots = (list: readonly PlainTrade[]) => list.reduce((n, t) => n + BigInt(t.lots), 0n);
		const quote = (list: readonly PlainTrade[]) =>
			list.reduce((n, t) => n + BigInt(t.lots) * BigInt(t.price), 0n);
		return {
			symbolId: BTC.symbolId,
			interval,
			openTimeMs,
			closeTimeMs: next - 1,
			openTicks: prices[0] ?? before,
			highTicks: own.length === 0 ? before : Math.max(...prices),
			lowTicks: own.length === 0 ? before : Math.min(...prices),
			closeTicks: prices.at(-1) ?? before,
			volumeLots: lots(own),
			quoteTickLots: quote(own),
			takerBuyLots: lots(buys),
			takerBuyTickLots: quote(buys),
			trades: own.length,
			firstTradeId: own[0]?.id ?? 0,
			lastTradeId: own.at(-1)?.id ?? 0,
			closed: next <= nowMs,
		};
	});
}

function tradesOf(records: readonly EventRecord[]): PlainTrade[] {
	return records.flatMap((record) =>
		record.events.flatMap((e) =>
			e.kind !== EventKind.Traded || e.symbolId !== BTC.symbolId
				? []
				: [
						{
							ts: record.ts,
							id: e.tradeId,
							price: e.priceTicks,
							lots: e.qtyLots,
							takerBuys: e.takerSide === Side.Buy,
						},
					],
		),
	);
}

const bound = fc.option(fc.integer({ min: -DAY_MS, max: 60 * DAY_MS }).map((ms) => START_MS + ms));
const query = fc.record({
	range: fc.record({ startMs: bound, endMs: bound, limit: fc.integer({ min: 1, max: 40 }) }),
	offsetMs: fc.oneof(
		fc.constantFrom(0, 8 * HOUR_MS),
		fc.integer({ min: -12 * 60, max: 14 * 60 }).map((minutes) => minutes * MINUTE_MS),
	),
});

test.each([...KLINE_INTERVALS])(
	"%s bars equal their trades, in any time zone, also after a restart",
	async (interval) => {
		await fc.assert(
			fc.asyncProperty(
				marketSteps([BTC.symbolId, 2], 60),
				fc.array(query, { minLength: 4, maxLength: 8 }),
				fc.integer({ min: 0, max: 60 }),
				async (steps, queries, stopAt) => {
					const bench = await WorkerBench.started();
					await bench.steps(steps.slice(0, stopAt));
					// History has some of it, by now and then a snapshot; the rest is replayed.
					if (stopAt % 3 === 1) await bench.time.advance(300);
					if (stopAt % 3 === 2) await bench.stop();
					if (stopAt % 2 === 0) await bench.restart();
					if (stopAt % 3 === 2 && stopAt % 2 !== 0) await bench.restart();
					await bench.steps(steps.slice(stopAt));
					const entries = await bench.settleUntil(bench.log.read(0, 0, 1_000));
					const trades = tradesOf(entries.map((e) => e.record));
					const { marketData } = bench.worker;
					for (const { range, offsetMs } of queries) {
						const bars = await marketData.klines(BTC.symbolId, interval, range, offsetMs);
						const now = marketData.timeMs();
						expect(bars).toEqual(plainKlines(trades, now, interval, range, offsetMs));
					}
				},
			),
			{ numRuns: 25 },
		);
	},
	20_000,
);

test("bars of a time zone that only minutes make are put together some at a time", async () => {
	const bench = await WorkerBench.started();
	const minutes = 3 * 24 * 60;
	const everyMinute = { afterMs: MINUTE_MS, trades: [[100, 1] as const] };
	await bench.steps(Array.from({ length: minutes }, () => step(everyMinute)));
	await bench.stop();
	await bench.restart();
	const asked: number[] = [];
	const { history } = bench;
	const klines = history.klines.bind(history);
	history.klines = async (...args) => {
		const rows = await klines(...args);
		asked.push(rows.length);
		return rows;
	};
	const range = { startMs: null, endMs: null, limit: 1_000 };
	const bars = await bench.worker.marketData.klines(BTC.symbolId, "1d", range, MINUTE_MS);
	expect(bars.reduce((sum, { trades }) => sum + trades, 0)).toBe(minutes);
	expect(asked.reduce((sum, rows) => sum + rows, 0)).toBeGreaterThan(minutes - 10);
	expect(Math.max(...asked)).toBe(1_000);
});
