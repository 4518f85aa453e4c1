import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { EventKind, type EventRecord } from "../../schemas/event.ts";
import { Side } from "../../schemas/order.ts";
import { marketSteps } from "./testing/market-steps.ts";
import { step } from "./testing/record-source.ts";
import { BTC, ETH, START_MS, WorkerBench } from "./testing/worker-bench.ts";

const STEPS = marketSteps([BTC.symbolId, ETH.symbolId], 60);

interface DepthUpdateText {
	readonly U: number;
	readonly u: number;
	readonly b: readonly (readonly [string, string])[];
	readonly a: readonly (readonly [string, string])[];
}

/** Books by update id, straight from the records. */
function booksById(records: readonly EventRecord[]): Map<number, unknown> {
	const sides = [new Map<string, string>(), new Map<string, string>()];
	const books = new Map<number, unknown>([[0, sides.map(() => ({}))]]);
	for (const e of records.flatMap((r) => r.events)) {
		if (e.kind !== EventKind.LevelChanged || e.symbolId !== BTC.symbolId) continue;
		const side = sides[e.side]!;
		const price = (e.priceTicks / 100).toFixed(8);
		if (e.qtyLots === 0) side.delete(price);
		else side.set(price, (e.qtyLots / 1_000).toFixed(8));
		books.set(
			e.updateId,
			sides.map((s) => Object.fromEntries(s)),
		);
	}
	return books;
}

test.each(["btcusdt@depth@100ms", "btcusdt@depth"])(
	"%s rebuilds the book at each of its update ids, without a gap",
	async (stream) => {
		await fc.assert(
			fc.asyncProperty(STEPS, fc.array(fc.nat(130)), async (steps, pauses) => {
				const bench = await WorkerBench.started();
				for (const [i, one] of steps.entries()) {
					await bench.steps([one]);
					await bench.time.advance(pauses[i % (pauses.length || 1)] ?? 40);
				}
				await bench.time.advance(1_000);
				const entries = await bench.settleUntil(bench.log.read(0, 0, 10_000));
				const books = booksById(entries.map((e) => e.record));
				const sides = [new Map<string, string>(), new Map<string, string>()];
				let last = 0;
				for (const update of bench.payloads<DepthUpdateText>(stream)) {
					expect(update.U).toBe(last + 1);
					expect(update.u).toBeGreaterThanOrEqual(update.U);
					last = update.u;
					for (const [i, levels] of [update.b, update.a].entries()) {
						for (const [price, lots] of levels) {
							if (lots === "0.00000000") sides[i]!.delete(price);
							else sides[i]!.set(price, lots);
						}
					}
					expect(sides.map((s) => Object.fromEntries(s))).toEqual(books.get(last) as never);
				}
				const { lastUpdateId } = await bench.worker.marketData.depth(BTC.symbolId, 10);
				expect(last).toBe(lastUpdateId);
			}),
			{ numRuns: 40 },
		);
	},
);

describe("streams", () => {
	test("messages are numbered without a gap, also when there is nothing to say", async () => {
		const bench = await WorkerBench.started();
		await bench.steps([step({ trades: [[100, 1]], levels: [[Side.Buy, 99, 1]] })]);
		await bench.time.advance(1_000);
		expect(bench.messages.map((m) => m.seq)).toEqual(bench.messages.map((_, i) => i + 1));
		expect(bench.messages.length).toBeGreaterThanOrEqual(10);
		await bench.restart();
		await bench.time.advance(100);
		expect(bench.messages.at(-1)!.run).not.toBe(bench.messages[0]!.run);
	});

	test("trades and best prices leave within 10 ms, in one message and in order", async () => {
		const bench = await WorkerBench.started();
		await bench.steps([
			step({
				trades: [
					[100, 1],
					[100, 2],
				],
				levels: [[Side.Sell, 100, 7]],
			}),
			step({ trades: [[101, 1]], takerSide: Side.Sell, levels: [[Side.Sell, 100, 5]] }),
		]);
		await bench.time.advance(10);
		const message = bench.messages.find((m) => m.entries.length > 0);
		expect(message!.entries.map(([stream]) => stream)).toEqual([
			"btcusdt@trade",
			"btcusdt@trade",
			"btcusdt@aggTrade",
			"btcusdt@trade",
			"btcusdt@aggTrade",
			"btcusdt@bookTicker",
		]);
		expect(bench.payloads<{ A: string }>("btcusdt@bookTicker")).toMatchObject([
			{ A: "0.00500000" },
		]);
	});

	test("what comes alone leaves at once, what comes within 10 ms of it together", async () => {
		const bench = await WorkerBench.started();
		const trade = () => bench.steps([step({ trades: [[100, 1]] })]);
		const trades = () =>
			bench.messages
				.map((m) => m.entries.filter(([stream]) => stream === "btcusdt@trade").length)
				.filter((count) => count > 0);
		await trade();
		await bench.time.advance(0);
		expect(trades()).toEqual([1]);
		await bench.time.advance(4);
		await trade();
		await trade();
		await bench.time.advance(5);
		expect(trades()).toEqual([1]);
		await bench.time.advance(1);
		expect(trades()).toEqual([1, 2]);
	});

	test("every bar's last word comes with x = true at its end, empty bars included", async () => {
		const bench = await WorkerBench.started();
		await bench.steps([step({ trades: [[100, 2]] })]);
		for (let i = 0; i < 12; i += 1) {
			await bench.append([bench.source.tick(250)]);
			await bench.time.advance(250);
		}
		type Bar = { k: { t: number; x: boolean; v: string; c: string; n: number } };
		const seconds = bench.payloads<Bar>("btcusdt@kline_1s").filter(({ k }) => k.x);
		expect(seconds.map(({ k }) => [k.t - START_MS, k.n, k.c])).toEqual([
			[0, 1, "1.00000000"],
			[1_000, 0, "1.00000000"],
			[2_000, 0, "1.00000000"],
		]);
		// Midnight UTC between Sunday and Monday: a week ended in UTC, and eight hours ago at +08:00.
		for (const interval of ["1m", "1h", "1d", "1w", "1h"]) {
			const bars = bench.payloads<Bar>(`btcusdt@kline_${interval}`).filter(({ k }) => k.x);
			expect(bars.map(({ k }) => k.v)).toEqual(["0.00200000"]);
		}
		for (const [interval, ended] of [
			["1h", 1],
			["4h", 1],
			["1d", 0],
			["1w", 0],
		] as const) {
			const bars = bench.payloads<Bar>(`btcusdt@kline_${interval}@+08:00`).filter(({ k }) => k.x);
			expect(bars).toHaveLength(ended);
		}
	});

	test("what has not changed is not said again; arrays hold what has", async () => {
		const bench = await WorkerBench.started();
		await bench.steps([step({ trades: [[100, 2]], levels: [[Side.Buy, 99, 1]] })]);
		await bench.time.advance(2_000);
		for (const stream of ["@miniTicker", "@ticker", "@ticker_1h", "@avgPrice", "@kline_1m"]) {
			expect(bench.payloads(`btcusdt${stream}`)).toHaveLength(1);
		}
		expect(bench.payloads<{ s: string }[]>("!miniTicker@arr")).toMatchObject([[{ s: "BTCUSDT" }]]);
		expect(bench.payloads<{ s: string }[]>("!ticker_4h@arr")).toMatchObject([[{ s: "BTCUSDT" }]]);
		expect(bench.payloads<{ s: string }[]>("!ticker@arr")).toMatchObject([
			[{ e: "24hrTicker", s: "BTCUSDT" }],
		]);
		for (const stream of ["@depth5", "@depth10@100ms", "@depth20"]) {
			expect(bench.payloads(`btcusdt${stream}`)).toEqual([
				{ lastUpdateId: 1, bids: [["0.99000000", "0.00100000"]], asks: [] },
			]);
		}
		await bench.steps([step({ symbolId: ETH.symbolId, trades: [[50, 1]] })]);
		await bench.time.advance(1_000);
		const arrays = bench.payloads<{ s: string }[]>("!miniTicker@arr");
		expect(arrays.at(-1)).toMatchObject([{ s: "ETHUSDT" }]);
	});
});
