/** Bars, tickers and trades after a lost log are those of who has lived on, of all that History had. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { MemoryLog } from "../../db/log/memory-log.ts";
import type { EventRecord } from "../../schemas/event.ts";
import type { MarketData, TradeRange } from "../../schemas/ports/market-data.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./intervals.ts";
import { storeResumedMarket } from "./resumed-market.ts";
import { marketSteps } from "./testing/market-steps.ts";
import { observed } from "./testing/observed-market.ts";
import { step } from "./testing/record-source.ts";
import { BTC, ETH, WorkerBench } from "./testing/worker-bench.ts";

const SYMBOLS = [BTC, ETH];
const STEPS = marketSteps(
	SYMBOLS.map(({ symbolId }) => symbolId),
	40,
).map((steps) => steps.map((one) => ({ ...one, split: false })));
/** The number of the last record, and the last id, that the lost log may have had. */
const LOST = { evSeq: 10_000, lastId: 1_000_000 };
const NEWEST = { fromId: null, startMs: null, endMs: null, limit: 30 };

/** From the last record of the lost log to the first of the new one: within a minute, and longer. */
const PAUSE_MS = fc.oneof(
	fc.integer({ min: 1_000, max: MINUTE_MS }),
	fc.integer({ min: MINUTE_MS, max: 20 * DAY_MS }),
);

/** On the same records as far as they are known: a lost log's end is not. */
async function livedOn(records: readonly EventRecord[]): Promise<WorkerBench> {
	const bench = new WorkerBench();
	await bench.append(records);
	await bench.start();
	return bench;
}

async function seen(bench: WorkerBench, symbolId: number, ranges: readonly TradeRange[]) {
	const { marketData }: { marketData: MarketData } = bench.worker;
	const answers = observed(marketData, symbolId, ranges, -3.25 * HOUR_MS);
	const { depth: _, book: __, ...rest } = (await answers) as Record<string, unknown>;
	return rest;
}

test("a market goes on after a lost log as if it had lived", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(STEPS, fc.constantFrom("", "snapshot", "history")), { maxLength: 3 }),
			PAUSE_MS,
			STEPS,
			fc.boolean(),
			async (before, pauseMs, after, restart) => {
				const bench = await WorkerBench.started();
				for (const [steps, then] of before) {
					await bench.steps(steps);
					if (then === "history") await bench.time.advance(300);
					if (then === "snapshot") await bench.stop();
					if (then === "snapshot") await bench.restart();
				}
				const { archive, history, time, source } = bench;
				bench.log.dropFollowers();
				const known = await history.position(0);
				const records = bench.log.all(0).filter(({ evSeq }) => evSeq <= known);

				const symbols = bench.worker.marketData.venue.symbols();
				const config = { assets: bench.worker.marketData.venue.assets(), symbols };
				const at = { partition: 0, logId: "new", evSeq: LOST.evSeq, config };
				const logger = { info: () => {}, warn: () => {}, error: () => {} };
				await bench.settleUntil(storeResumedMarket(at, { archive, history, logger }));
				const first = source.resume(pauseMs, LOST.evSeq, LOST.lastId, SYMBOLS);
				const resumed = new WorkerBench();
				const log = new MemoryLog<EventRecord>({
					...{ topic: "trades", partitions: 1, logId: "new", scheduler: time },
				});
				Object.assign(resumed, { archive, history, log, time });
				await resumed.append(first);
				await resumed.restart();
				const lived = await livedOn([...records, ...first]);
				const later = after.flatMap((one) => source.step(one));
				for (const each of [resumed, lived]) await each.append(later);
				if (restart) await resumed.stop();
				if (restart) await resumed.restart();
				const [tail] = source.step(step({ afterMs: 700 }));
				for (const each of [resumed, lived]) await each.append([tail as EventRecord]);
				const ranges = [NEWEST, { ...NEWEST, fromId: 1 }, { ...NEWEST, fromId: LOST.lastId }];
				for (const { symbolId } of SYMBOLS) {
					expect(await seen(resumed, symbolId, ranges)).toEqual(
						await seen(lived, symbolId, ranges),
					);
				}
			},
		),
		{ numRuns: Number(process.env["RESUMED_RUNS"] ?? 20) },
	);
});
