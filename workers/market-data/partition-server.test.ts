import { expect, test } from "bun:test";
import { InProcessPubSub } from "../../db/cache/in-process-pubsub.ts";
import { ArchiveHistory } from "../../db/history/archive-history.ts";
import type { LinkDialer } from "../shared/link/dialer.ts";
import { PartitionServer } from "./partition-server.ts";
import { step } from "./testing/record-source.ts";
import { BTC, WorkerBench } from "./testing/worker-bench.ts";

test("another partition's history keeps nobody from starting", async () => {
	const bench = await WorkerBench.started();
	const { archive, log, time } = bench;
	await bench.steps([step({ trades: [[100, 1]] })]);
	const history = await bench.settleUntil(ArchiveHistory.open(archive));
	const empty = { trades: [], aggTrades: [], klines: [] };
	for (const evSeq of [5, 9]) {
		await bench.settleUntil(history.write({ partition: 1, evSeq, ...empty }));
	}
	const [first] = await bench.settleUntil(archive.list("history/1/"));
	await bench.settleUntil(archive.delete(first as string));
	await bench.settleUntil(archive.delete((first as string).replace("/bounds", "/rows")));

	const found: number[] = [];
	const server = new PartitionServer({
		...{ partition: 0, log, archive, clock: time, scheduler: time },
		pubsub: new InProcessPubSub({ scheduler: time }),
		random: { bytes: (count) => new Uint8Array(count) },
		logger: { info: () => {}, warn: (message) => bench.warnings.push(message), error: () => {} },
		linksOf: ({ marketData }) =>
			({
				start: () => {
					const range = { fromId: 1, startMs: null, endMs: null, limit: 10 };
					void marketData
						.trades(BTC.symbolId, range)
						.then((trades) => found.push(...trades.map(({ tradeId }) => tradeId)));
				},
				stop: async () => {},
			}) as unknown as LinkDialer,
	});
	void server.start();
	await time.advance(100);
	expect(bench.warnings).toEqual([]);
	expect(found).toEqual([1]);
	await bench.settleUntil(server.stop());
	expect(await bench.settleUntil(archive.list("market-data/0/"))).toHaveLength(1);
});

test("a merge of history that fails is a line with its reason and a metric, and is made up for", async () => {
	const bench = await WorkerBench.started();
	const { archive, log, time } = bench;
	let isFailing = true;
	const faulty = new Proxy(archive, {
		get(target, call: "put" | "get" | "list" | "delete") {
			return async (name: string, bytes: Uint8Array) => {
				if (isFailing && call === "delete") throw new Error("AccessDenied");
				return target[call](name, bytes);
			};
		},
	});
	const told: unknown[] = [];
	const server = new PartitionServer({
		...{ partition: 0, log, archive: faulty, clock: time, scheduler: time },
		pubsub: new InProcessPubSub({ scheduler: time }),
		random: { bytes: (count) => new Uint8Array(count) },
		logger: {
			info: () => {},
			warn: (message, fields) => told.push([message, fields]),
			error: () => {},
		},
		linksOf: () => ({ start: () => {}, stop: async () => {} }) as unknown as LinkDialer,
	});
	void server.start();
	await time.advance(100);
	const failed = () => /merges_failed_total\{partition="0"\} (\d+)/.exec(server.metrics())?.[1];
	expect(failed()).toBe("0");
	const trade = async () => {
		await bench.steps([step({ trades: [[100, 1]] })]);
		await time.advance(500);
	};
	for (let n = 0; n < 16; n += 1) await trade();
	expect(failed()).toBe("1");
	const fields = { partition: 0, failures: 1, error: "Error: AccessDenied" };
	expect(told).toEqual([["history was not merged, and is with the next batch", fields]]);
	isFailing = false;
	await trade();
	expect(failed()).toBe("1");
	expect(await bench.settleUntil(archive.list("history/0/"))).toHaveLength(2 * 2);
	await bench.settleUntil(server.stop());
});
