import { describe, expect, test } from "bun:test";
import type { AggTrade, Kline, PublicTrade } from "../../schemas/market.ts";
import type { History, HistoryBatch } from "../../schemas/ports/history.ts";
import type { TradeRange } from "../../schemas/ports/market-data.ts";

const T0 = 1_700_000_000_000;
const MINUTE = 60_000;

/** Later ids are a second later each. */
function trade(tradeId: number, symbolId = 1): PublicTrade {
	const buyerIsMaker = tradeId % 2 === 0;
	return { symbolId, tradeId, priceTicks: 5, qtyLots: 6, ts: T0 + tradeId * 1_000, buyerIsMaker };
}

function aggTrade(aggTradeId: number, symbolId = 1): AggTrade {
	return {
		symbolId,
		aggTradeId,
		priceTicks: 5,
		qtyLots: 6,
		firstTradeId: aggTradeId * 2,
		lastTradeId: aggTradeId * 2 + 1,
		ts: T0 + aggTradeId * 1_000,
		buyerIsMaker: aggTradeId % 2 === 0,
	};
}

function kline(minute: number, changes: Partial<Kline> = {}): Kline {
	return {
		symbolId: 1,
		interval: "1m",
		openTimeMs: T0 + minute * MINUTE,
		closeTimeMs: T0 + (minute + 1) * MINUTE - 1,
		openTicks: 1,
		highTicks: 4,
		lowTicks: 2,
		closeTicks: 3,
		volumeLots: 2n ** 80n,
		quoteTickLots: 2n ** 81n,
		takerBuyLots: 2n ** 82n,
		takerBuyTickLots: 2n ** 83n,
		trades: 7,
		firstTradeId: 8,
		lastTradeId: 14,
		closed: true,
		...changes,
	};
}

function batch(evSeq: number, changes: Partial<HistoryBatch>): HistoryBatch {
	return { partition: 0, evSeq, trades: [], aggTrades: [], klines: [], ...changes };
}

function range(changes: Partial<TradeRange>): TradeRange {
	return { fromId: null, startMs: null, endMs: null, limit: 100, ...changes };
}

function ids(from: number, to: number): number[] {
	return Array.from({ length: to - from }, (_, i) => from + i);
}

/** What every History does. `make` gives an empty one. */
export function historyContract(name: string, make: () => Promise<History>): void {
	const withHistory = (title: string, run: (history: History) => Promise<void>) =>
		test(title, async () => {
			const history = await make();
			try {
				await run(history);
			} finally {
				await history.close();
			}
		});

	describe(`${name}: the history's contract`, () => {
		withHistory("gives back whole trades, aggregate trades and bars", async (history) => {
			const whole = { trades: [trade(1)], aggTrades: [aggTrade(0)], klines: [kline(0)] };
			await history.write(batch(1, whole));
			await history.sync();
			expect(await history.trades(1, range({}))).toEqual(whole.trades);
			expect(await history.aggTrades(1, range({}))).toEqual(whole.aggTrades);
			expect(await history.klines(1, "1m", range({}))).toEqual(whole.klines);
			expect(await history.trades(2, range({}))).toEqual([]);
		});

		withHistory("writing again changes nothing; the position never goes back", async (history) => {
			await history.write(batch(9, { trades: [trade(1)], klines: [kline(0)] }));
			const other = { ...trade(1), qtyLots: 99 };
			await history.write(batch(4, { trades: [other], klines: [kline(0, { trades: 99 })] }));
			expect(await history.trades(1, range({}))).toEqual([trade(1)]);
			expect(await history.klines(1, "1m", range({}))).toEqual([kline(0)]);
			expect([await history.position(0), await history.position(1)]).toEqual([9, 0]);
		});

		for (const [what, write, read] of [
			[
				"trades",
				(all: number[]) => ({
					trades: [...all.map((n) => trade(n, 2)), ...all.map((n) => trade(n))],
				}),
				async (h: History, r: TradeRange) => (await h.trades(1, r)).map((t) => t.tradeId),
			],
			[
				"aggregate trades",
				(all: number[]) => ({ aggTrades: all.map((n) => aggTrade(n)) }),
				async (h: History, r: TradeRange) => (await h.aggTrades(1, r)).map((t) => t.aggTradeId),
			],
		] as const) {
			withHistory(`${what}: ascending, within bounds`, async (history) => {
				await history.write(batch(1, write(ids(1, 21).reverse())));
				const get = (changes: Partial<TradeRange>) => read(history, range(changes));
				const at = (id: number) => T0 + id * 1_000;
				expect(await get({})).toEqual(ids(1, 21));
				expect(await get({ limit: 3 })).toEqual([18, 19, 20]);
				expect(await get({ fromId: 4, limit: 2 })).toEqual([4, 5]);
				expect(await get({ fromId: 0, limit: 2 })).toEqual([1, 2]);
				expect(await get({ startMs: at(4), limit: 2 })).toEqual([4, 5]);
				expect(await get({ startMs: at(4) + 1, endMs: at(7) - 1 })).toEqual([5, 6]);
				expect(await get({ endMs: at(7), limit: 2 })).toEqual([6, 7]);
				expect(await get({ startMs: at(21) })).toEqual([]);
				expect(await get({ endMs: at(0) })).toEqual([]);
			});
		}

		withHistory("bars: by opening time, per interval, within bounds", async (history) => {
			const bars = [0, 1, 2, 5, 6].map((minute) => kline(minute));
			const hour = kline(0, { interval: "1h" });
			await history.write(batch(1, { klines: [hour, kline(3, { symbolId: 2 }), ...bars] }));
			const at = (minute: number) => T0 + minute * MINUTE;
			const get = async (changes: Partial<TradeRange>) =>
				(await history.klines(1, "1m", range(changes))).map((k) => (k.openTimeMs - T0) / MINUTE);
			expect(await get({})).toEqual([0, 1, 2, 5, 6]);
			expect(await get({ limit: 2 })).toEqual([5, 6]);
			expect(await get({ startMs: at(1), limit: 2 })).toEqual([1, 2]);
			expect(await get({ startMs: at(1) + 1, endMs: at(5) })).toEqual([2, 5]);
			expect(await get({ endMs: at(5) - 1, limit: 2 })).toEqual([1, 2]);
			expect(await history.klines(1, "1h", range({}))).toEqual([hour]);
		});

		withHistory("the last bar before a time", async (history) => {
			await history.write(batch(1, { klines: [kline(0), kline(3)] }));
			const before = (minute: number) => history.klineBefore(1, "1m", T0 + minute * MINUTE);
			expect(await before(0)).toBeNull();
			expect(await before(3)).toEqual(kline(0));
			expect(await before(9)).toEqual(kline(3));
			expect(await history.klineBefore(1, "3m", T0 + 9 * MINUTE)).toBeNull();
		});
	});
}
