/** What links need of market data: where it stands, waiting for it, and word of the venue's changes. */
import { expect, test } from "bun:test";
import { BTC, ETH, WorkerBench } from "./testing/worker-bench.ts";

test("a question waits until the partition has come as far as it needs", async () => {
	const bench = await WorkerBench.started();
	const { worker, source } = bench;
	const at = worker.evSeq(0);
	await worker.whenAt(0, at);
	const told: number[] = [];
	void worker.whenAt(0, at + 2).then(() => told.push(worker.evSeq(0)));
	await bench.append([source.tick(100)]);
	expect(told).toEqual([]);
	await bench.append([source.tick(100)]);
	await bench.time.settle();
	expect(told).toEqual([at + 2]);
	const late = worker.whenAt(0, at + 3).catch((error: Error) => error.message);
	await bench.time.advance(1_000);
	expect(await late).toContain("behind");
});

test("the venue is told at each change, with where it changed last", async () => {
	const bench = new WorkerBench();
	const told: (readonly [number, readonly string[]])[] = [];
	const stop = bench.worker.onVenueChanged(() => {
		const { evSeq, state } = bench.worker.venueOf(0);
		told.push([evSeq, state().symbols.map(({ symbol }) => symbol)]);
	});
	await bench.start();
	await bench.append(bench.source.addSymbol(BTC));
	const btcAt = bench.worker.evSeq(0);
	await bench.append([bench.source.tick(100)]);
	expect(told.at(-1)).toEqual([btcAt, ["BTCUSDT"]]);
	const before = told.length;
	stop();
	await bench.append(bench.source.addSymbol(ETH));
	expect(told).toHaveLength(before);
	expect(bench.worker.venueOf(0).evSeq).toBe(bench.worker.evSeq(0));
});

test("after a restart from a snapshot the venue is told again", async () => {
	const bench = await WorkerBench.started();
	await bench.append([bench.source.tick(100)]);
	await bench.stop();
	bench.worker = bench.another();
	let told = 0;
	bench.worker.onVenueChanged(() => {
		told += 1;
	});
	await bench.start();
	expect(told).toBe(1);
	const { evSeq, state } = bench.worker.venueOf(0);
	expect(evSeq).toBe(bench.worker.evSeq(0));
	expect(state().symbols).toHaveLength(2);
});

test("a partition of somebody else's is none of its business", async () => {
	const bench = await WorkerBench.started();
	expect(bench.worker.partitions).toEqual([0]);
	expect(() => bench.worker.evSeq(1)).toThrow(RangeError);
});
