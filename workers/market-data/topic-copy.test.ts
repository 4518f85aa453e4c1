import { expect, test } from "bun:test";
import { InProcessPubSub } from "../../db/cache/in-process-pubsub.ts";
import { type AppendFate, MemoryLog } from "../../db/log/memory-log.ts";
import { keyChanges } from "../../schemas/key-changes.ts";
import { type MarketDataMessage, marketData } from "../../schemas/market.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { TopicCopy } from "./topic-copy.ts";

function copying(fate: () => AppendFate = () => "ok") {
	const time = new VirtualTime();
	const log = new MemoryLog<MarketDataMessage>({
		...{ topic: "market-data", partitions: 2, logId: "test", scheduler: time },
		...{ codec: marketData.codec, fate, delayMs: () => 10 },
	});
	const warnings: string[] = [];
	const copy = new TopicCopy({
		...{ pubsub: new InProcessPubSub({ scheduler: time }), log, scheduler: time },
		logger: { info() {}, warn: (text) => void warnings.push(text), error() {} },
	});
	const publish = (partition: number, seq: number): void =>
		copy.publish(marketData, { partition, run: "r", seq, entries: [["btcusdt@trade", `${seq}`]] });
	const written = async (partition: number): Promise<number[]> => {
		const read = log.read(partition, 0, 10_000);
		await time.advance(10);
		return (await read).map(({ record }) => record.seq);
	};
	return { time, copy, publish, written, warnings };
}

test("market data goes to whoever subscribes and into its partition of the topic, in order", async () => {
	const { time, copy, publish, written } = copying();
	const heard: unknown[] = [];
	copy.subscribe(marketData, ({ seq }) => heard.push(seq));
	copy.subscribe(keyChanges, ({ apiKey }) => heard.push(apiKey));
	for (let seq = 1; seq <= 5; seq += 1) publish(seq % 2, seq);
	copy.publish(keyChanges, { apiKey: "k" });
	await time.advance(100);
	expect(heard).toEqual([1, 2, 3, 4, 5, "k"]);
	expect(await written(0)).toEqual([2, 4]);
	expect(await written(1)).toEqual([1, 3, 5]);
});

test("an append without an answer is repeated, and nothing overtakes it", async () => {
	const fates: AppendFate[] = ["not written", "lost ack"];
	const { time, publish, written } = copying(() => fates.shift() ?? "ok");
	publish(0, 1);
	publish(0, 2);
	await time.advance(1_000);
	expect(await written(0)).toEqual([1, 1, 2]);
});

test("a topic that takes nothing is not waited for: later messages are left out, and counted", async () => {
	let away = true;
	const { time, copy, publish, written, warnings } = copying(() => (away ? "not written" : "ok"));
	for (let seq = 1; seq <= 2_005; seq += 1) publish(0, seq);
	expect(copy.metrics()).toContain('left_out_total{partition="0"} 5\n');
	expect(copy.metrics()).toContain('waiting{partition="0"} 2000\n');
	expect(copy.metrics()).toContain('waiting_bound{partition="0"} 2000\n');
	expect(warnings.length).toBe(1);
	away = false;
	await time.advance(1_000);
	publish(0, 2_006);
	await time.advance(100);
	const all = await written(0);
	expect([all.length, all.at(-2), all.at(-1)]).toEqual([2_001, 2_000, 2_006]);
});

test("stopped, it writes what waits, and nothing that comes later", async () => {
	const fates: AppendFate[] = ["not written"];
	const { time, copy, publish, written } = copying(() => fates.shift() ?? "ok");
	for (const seq of [1, 2]) publish(0, seq);
	const stopped = copy.stop();
	publish(0, 3);
	await time.advance(1_000);
	await stopped;
	publish(0, 4);
	await time.advance(100);
	expect(await written(0)).toEqual([1, 2]);
});

test("stopped, it does not wait long for a topic that takes nothing, and writes no more", async () => {
	let away = true;
	const { time, copy, publish, written } = copying(() => (away ? "not written" : "ok"));
	publish(0, 1);
	const stopped = copy.stop();
	await time.advance(2_000);
	await stopped;
	away = false;
	await time.advance(1_000);
	expect(await written(0)).toEqual([]);
});
