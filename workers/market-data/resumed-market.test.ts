import { expect, test } from "bun:test";
import { storeResumedMarket } from "./resumed-market.ts";
import { step } from "./testing/record-source.ts";
import { BTC, ETH, WorkerBench } from "./testing/worker-bench.ts";

test("however often logs are lost, History is not read from its beginning, and no more for one that was stored", async () => {
	const bench = await WorkerBench.started();
	const trading = step({ afterMs: 700, symbolId: BTC.symbolId, trades: [[100, 3]] });
	await bench.steps([trading, trading, trading]);
	await bench.time.advance(300);
	await bench.stop();
	bench.log.dropFollowers();
	const { archive, history } = bench;
	const asked: (number | null)[] = [];
	const { trades } = history;
	history.trades = (symbolId, range) => {
		if (symbolId === BTC.symbolId) asked.push(range.fromId);
		return trades.call(history, symbolId, range);
	};
	const { venue } = bench.worker.marketData;
	const config = { assets: venue.assets(), symbols: [BTC, ETH] };
	const logger = { info: () => {}, warn: () => {}, error: () => {} };
	for (const [i, logId] of ["second", "third", "fourth", "fourth"].entries()) {
		const at = { partition: 0, logId, evSeq: 10_000 * (i + 1), config };
		await bench.settleUntil(storeResumedMarket(at, { archive, history, logger }));
	}
	expect(asked).toEqual([4, 4, 4]);
});
