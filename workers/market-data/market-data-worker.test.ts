import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MemoryLog } from "../../db/log/memory-log.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { EventKind } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import type { MarketDataMessage, PublicTrade } from "../../schemas/market.ts";
import { Side, SymbolState } from "../../schemas/order.ts";
import { ArchiveCorrupt } from "../../schemas/ports/archive.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./intervals.ts";
import { select } from "./testing/fake-history.ts";
import { marketSteps } from "./testing/market-steps.ts";
import { step } from "./testing/record-source.ts";
import { BTC, ETH, START_MS, WorkerBench } from "./testing/worker-bench.ts";

const STEPS = marketSteps([BTC.symbolId, ETH.symbolId], 60);

async function tradesIn(bench: WorkerBench, symbolId: number): Promise<PublicTrade[]> {
	const entries = await bench.settleUntil(bench.log.read(0, 0, 10_000));
	return entries.flatMap(({ record }) =>
		record.events.flatMap((e) =>
			e.kind === EventKind.Traded && e.symbolId === symbolId
				? [
						{
							symbolId,
							tradeId: e.tradeId,
							priceTicks: e.priceTicks,
							qtyLots: e.qtyLots,
							ts: record.ts,
							buyerIsMaker: e.takerSide === Side.Sell,
						},
					]
				: [],
		),
	);
}

const windowMs = fc.oneof(
	fc.constantFrom(MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS, 7 * DAY_MS),
	fc.integer({ min: 1, max: 7 * 24 * 60 }).map((minutes) => minutes * MINUTE_MS),
);

const WINDOWS = fc.array(windowMs, { minLength: 3 });

test("tickers of every window, and the average price, are the sums of their trades", async () => {
	await fc.assert(
		fc.asyncProperty(STEPS, WINDOWS, fc.boolean(), fc.boolean(), async (...all) => {
			const [steps, windows, seconds, restart] = all;
			const bench = await WorkerBench.started();
			await bench.steps(steps);
			if (restart) await bench.stop();
			if (restart) await bench.restart();
			await bench.append([bench.source.tick(700)]);
			const { marketData } = bench.worker;
			const trades = await tradesIn(bench, BTC.symbolId);
			for (const window of windows) {
				const stepMs = window === DAY_MS && seconds ? 1_000 : MINUTE_MS;
				const ticker = await marketData.ticker(BTC.symbolId, window, stepMs);
				expect(ticker.closeTimeMs).toBe(marketData.timeMs());
				expect(ticker.openTimeMs % stepMs).toBe(0);
				expect(ticker.closeTimeMs - window - ticker.openTimeMs).toBeWithin(0, stepMs);
				const own = trades.filter((t) => t.ts >= ticker.openTimeMs);
				const last = trades.at(-1);
				const prices = own.length === 0 ? [last?.priceTicks ?? 0] : own.map((t) => t.priceTicks);
				expect(ticker).toEqual({
					symbolId: BTC.symbolId,
					openTicks: prices[0]!,
					highTicks: Math.max(...prices),
					lowTicks: Math.min(...prices),
					lastTicks: last?.priceTicks ?? 0,
					lastQtyLots: last?.qtyLots ?? 0,
					prevCloseTicks: trades.filter((t) => t.ts < ticker.openTimeMs).at(-1)?.priceTicks ?? 0,
					volumeLots: own.reduce((n, t) => n + BigInt(t.qtyLots), 0n),
					quoteTickLots: own.reduce((n, t) => n + BigInt(t.qtyLots) * BigInt(t.priceTicks), 0n),
					openTimeMs: ticker.openTimeMs,
					closeTimeMs: ticker.closeTimeMs,
					firstTradeId: own[0]?.tradeId ?? -1,
					lastTradeId: own.at(-1)?.tradeId ?? -1,
					trades: own.length,
				});
			}
			const average = await marketData.averagePrice(BTC.symbolId);
			const fromMs = Math.floor((marketData.timeMs() - 5 * MINUTE_MS) / 1_000) * 1_000;
			const recent = trades.filter((t) => t.ts >= fromMs);
			expect(average.volumeLots).toBe(recent.reduce((n, t) => n + BigInt(t.qtyLots), 0n));
			expect(average.closeTimeMs).toBe(trades.at(-1)?.ts ?? 0);
		}),
		{ numRuns: 60 },
	);
});

/** Messages without what tells runs apart. */
function said(messages: readonly MarketDataMessage[]): unknown {
	return messages.flatMap((message) => message.entries);
}

test("a restored worker is the same, and says the same from there on", async () => {
	await fc.assert(
		fc.asyncProperty(STEPS, STEPS, STEPS, fc.boolean(), async (before, between, after, kill) => {
			const restored = await WorkerBench.started();
			const replayed = await WorkerBench.started();
			for (const bench of [restored, replayed]) await bench.steps(before);
			await restored.stop();
			if (!kill) await restored.restart();
			for (const bench of [restored, replayed]) await bench.steps(between);
			await restored.restart();
			// The other has never had a snapshot: it starts from the log's beginning.
			await replayed.restart();
			const benches = [restored, replayed];
			for (const bench of benches) {
				bench.messages.length = 0;
				for (const one of after) {
					await bench.steps([one]);
					await bench.time.advance(60);
				}
				await bench.time.advance(2_000);
			}
			expect(said(restored.messages)).toEqual(said(replayed.messages));
			for (const { symbolId } of [BTC, ETH]) {
				const views = benches.map(({ worker: { marketData } }) =>
					Promise.all([
						marketData.depth(symbolId, 5_000),
						marketData.trades(symbolId, ALL),
						marketData.aggTrades(symbolId, ALL),
						marketData.ticker(symbolId, DAY_MS, 1_000),
						marketData.ticker(symbolId, 7 * DAY_MS, MINUTE_MS),
						marketData.averagePrice(symbolId),
					]),
				);
				expect(await views[0]).toEqual((await views[1])!);
			}
			expect(restored.worker.marketData.venue.symbols()).toEqual([BTC, ETH]);
			expect(restored.warnings).toEqual([]);
		}),
		{ numRuns: 30 },
	);
}, 20_000);

const ALL = { fromId: null, startMs: null, endMs: null, limit: 1_000 };

describe("queries of trades", () => {
	const maybe = (min: number, max: number) => fc.option(fc.integer({ min, max }));
	const range = fc.record({
		fromId: maybe(1, 3_200),
		startMs: maybe(START_MS - 1_000, START_MS + 700_000),
		endMs: maybe(START_MS - 1_000, START_MS + 700_000),
		limit: fc.integer({ min: 1, max: 1_000 }),
	});

	test("memory and History together answer as if all were in one place", async () => {
		const bench = await WorkerBench.started();
		// More than memory keeps: 3,000 trades, the last of them not written yet.
		const one = step({
			afterMs: 200,
			trades: [
				[100, 1],
				[100, 2],
				[101, 3],
			],
		});
		await bench.steps(new Array(600).fill(one));
		await bench.time.advance(1_000);
		await bench.steps(new Array(400).fill(one));
		const { marketData } = bench.worker;
		const all = await tradesIn(bench, BTC.symbolId);
		const aggs = await marketData.aggTrades(BTC.symbolId, { ...ALL, fromId: 1, limit: 5_000 });
		expect(aggs).toHaveLength(2_000);
		expect(
			aggs.slice(0, 2).map((a) => [a.aggTradeId, a.qtyLots, a.firstTradeId, a.lastTradeId]),
		).toEqual([
			[1, 3, 1, 2],
			[2, 3, 3, 3],
		]);
		await fc.assert(
			fc.asyncProperty(range, async (r) => {
				expect(await marketData.trades(BTC.symbolId, r)).toEqual(
					select(
						all,
						r,
						(t) => t.tradeId,
						(t) => t.ts,
					),
				);
				expect(await marketData.aggTrades(BTC.symbolId, r)).toEqual(
					select(
						aggs,
						r,
						(a) => a.aggTradeId,
						(a) => a.ts,
					),
				);
			}),
			{ numRuns: 60 },
		);
	});
});

test("aggregate trades end with their order, their price and their command", async () => {
	const bench = await WorkerBench.started();
	const [whole] = bench.source.step(
		step({
			trades: [
				[100, 1],
				[100, 2],
				[101, 4],
			],
		}),
	);
	// Two orders at one price within a command, as when a stop triggers; then a command of its own.
	const events = whole!.events.map((e) =>
		e.kind === EventKind.Traded && e.tradeId === 2 ? { ...e, takerOrderId: 99 } : e,
	);
	await bench.append([{ ...whole!, events }]);
	await bench.steps([step({ trades: [[101, 8]] })]);
	const aggs = await bench.worker.marketData.aggTrades(BTC.symbolId, ALL);
	expect(aggs.map((a) => [a.aggTradeId, a.firstTradeId, a.lastTradeId, a.qtyLots])).toEqual([
		[1, 1, 1, 1],
		[2, 2, 2, 2],
		[3, 3, 3, 4],
		[4, 4, 4, 8],
	]);
});

describe("the log", () => {
	/** A worker that has applied a few records, and the last of them. */
	async function withLast(): Promise<{ bench: WorkerBench; last: EventRecord }> {
		const bench = await WorkerBench.started();
		await bench.steps([step({ trades: [[100, 1]] })]);
		const end = await bench.settleUntil(bench.log.end(0));
		const [entry] = await bench.settleUntil(bench.log.read(0, end - 1, 1));
		return { bench, last: entry!.record };
	}

	test("a repeated record changes nothing", async () => {
		const { bench, last } = await withLast();
		await bench.append([last, last]);
		expect(await bench.worker.marketData.trades(BTC.symbolId, ALL)).toHaveLength(1);
		await bench.stop();
		await bench.restart();
		await bench.steps([step({ trades: [[101, 1]] })]);
		expect(await bench.worker.marketData.trades(BTC.symbolId, ALL)).toHaveLength(2);
	});

	test("the same evSeq with another hash stops the worker", async () => {
		const { bench, last } = await withLast();
		const fork = { ...last, hash: "ffffffffffffffff" };
		await expect(bench.append([fork])).rejects.toThrow(InvariantViolation);
	});

	test("a gap stops the worker", async () => {
		const bench = await WorkerBench.started();
		bench.source.tick(1);
		await expect(bench.append([bench.source.tick(1)])).rejects.toThrow("has a gap: 8 after 6");
	});
});

describe("behind", () => {
	test("a failing History is tried again; meanwhile queries miss nothing", async () => {
		const bench = await WorkerBench.started();
		bench.history.failing = true;
		await bench.steps(new Array(50).fill(step({ afterMs: 30_000, trades: [[100, 1]] })));
		await bench.time.advance(5_000);
		const { marketData } = bench.worker;
		const range = { startMs: START_MS, endMs: null, limit: 1_000 };
		expect(bench.history.batches).toHaveLength(0);
		// The first failure, the second and the fourth.
		expect(bench.warnings).toEqual(new Array(3).fill("history is away"));
		const bars = await marketData.klines(BTC.symbolId, "1m", range, 0);
		expect(bars.reduce((n, bar) => n + bar.trades, 0)).toBe(50);
		bench.history.failing = false;
		await bench.time.advance(1_000);
		expect(await marketData.klines(BTC.symbolId, "1m", range, 0)).toEqual(bars);
		expect(await bench.history.trades(BTC.symbolId, ALL)).toHaveLength(50);
	});

	test("a snapshot waits for History, and one that History is behind of is not used", async () => {
		const bench = await WorkerBench.started();
		await bench.steps([step({ trades: [[100, 1]] })]);
		bench.history.failing = true;
		await bench.time.advance(31_000);
		await bench.steps([step({ trades: [[101, 1]] })]);
		await bench.time.advance(5_000);
		expect(await bench.settleUntil(bench.archive.list(""))).toEqual([]);
		bench.history.failing = false;
		await bench.time.advance(2_000);
		expect(await bench.settleUntil(bench.archive.list(""))).toHaveLength(1);
		const lost = new WorkerBench();
		Object.assign(lost, { archive: bench.archive, log: bench.log, time: bench.time });
		await lost.restart();
		expect(lost.warnings).toEqual(["market data snapshot not used"]);
		expect(await lost.worker.marketData.trades(BTC.symbolId, ALL)).toHaveLength(2);
		await lost.time.advance(1_000);
		expect(await lost.history.trades(BTC.symbolId, ALL)).toHaveLength(2);
	});

	test("a snapshot waits until a power cut would leave History what it leaves out", async () => {
		const bench = await WorkerBench.started();
		bench.history.unsynced = true;
		const tradeLater = async () => {
			await bench.time.advance(31_000);
			await bench.steps([step({ trades: [[101, 1]] })]);
			await bench.time.advance(5_000);
			return bench.settleUntil(bench.archive.list(""));
		};
		expect(await tradeLater()).toEqual([]);
		expect(bench.warnings).toEqual(["market data snapshot not stored"]);
		bench.history.unsynced = false;
		expect(await tradeLater()).toHaveLength(1);
	});

	test("a last snapshot that cannot be stored makes the next start longer, and no stop fail", async () => {
		const bench = await WorkerBench.started();
		await bench.steps([step({ trades: [[100, 1]] })]);
		bench.archive.put = () => Promise.reject(new Error("the archive is away"));
		await bench.settleUntil(bench.worker.stop());
		expect(bench.warnings).toEqual(["market data snapshot not stored"]);
	});

	test("a snapshot of another log is not used, also where that has the same records", async () => {
		const bench = await WorkerBench.started();
		await bench.time.advance(31_000);
		await bench.steps([step({ trades: [[100, 1]] })]);
		await bench.time.advance(1_000);
		const { archive, history, time } = bench;
		expect(await bench.settleUntil(archive.list(""))).toHaveLength(1);
		const log = new MemoryLog<EventRecord>({
			...{ topic: "trades", partitions: 1, logId: "another", scheduler: time },
		});
		await bench.settleUntil(log.append(0, bench.log.all(0)));
		const other = new WorkerBench();
		Object.assign(other, { archive, history, log, time });
		await other.restart();
		expect(other.warnings).toEqual(["market data snapshot not used"]);
		expect(other.worker.evSeq(0)).toBe(bench.worker.evSeq(0));
	});

	test("a damaged snapshot is passed over for the one before", async () => {
		const bench = await WorkerBench.started();
		for (let i = 0; i < 4; i += 1) {
			await bench.time.advance(31_000);
			await bench.steps([step({ trades: [[100 + i, 1]] })]);
			await bench.time.advance(1_000);
		}
		const names = await bench.settleUntil(bench.archive.list("market-data/0/"));
		expect(names).toHaveLength(2);
		const bytes = (await bench.settleUntil(bench.archive.get(names[1]!)))!;
		bytes[bytes.length - 3]! ^= 1;
		await bench.settleUntil(bench.archive.put(names[1]!, bytes));
		await bench.restart();
		expect(bench.warnings).toEqual(["market data snapshot not used"]);
		expect(await bench.worker.marketData.trades(BTC.symbolId, ALL)).toHaveLength(4);
	});

	test("snapshots that the archive finds damaged stop nobody: the log has everything", async () => {
		const bench = await WorkerBench.started();
		await bench.steps([step({ trades: [[100, 1]] })]);
		await bench.time.advance(31_000);
		await bench.steps([step({ trades: [[101, 1]] })]);
		await bench.time.advance(1_000);
		bench.archive.get = (name) => Promise.reject(new ArchiveCorrupt(name));
		await bench.restart();
		expect(bench.warnings).toEqual(["market data snapshot not used"]);
		expect(await bench.worker.marketData.trades(BTC.symbolId, ALL)).toHaveLength(2);
	});
});

test("the venue is as the log says, and metrics say where the worker stands", async () => {
	const bench = await WorkerBench.started();
	await bench.append([bench.source.setState(BTC.symbolId, SymbolState.Halt)]);
	const { venue } = bench.worker.marketData;
	expect(venue.symbol("BTCUSDT")!.state).toBe(SymbolState.Halt);
	expect(venue.symbolById(ETH.symbolId)).toEqual(ETH);
	expect(venue.asset("USDT")!.assetId).toBe(1);
	for (const line of [
		'ev_seq{partition="0"} 7',
		'history_rows_waiting_bound{partition="0"} 200000',
	]) {
		expect(bench.worker.metrics()).toContain(`castle_market_data_${line}\n`);
	}
});
