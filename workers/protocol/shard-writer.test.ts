import { expect, test } from "bun:test";
import { type AppendFate, MemoryLog } from "../../db/log/memory-log.ts";
import { CommandKind, type CommandRecord, type OrdersRecord } from "../../schemas/command.ts";
import type { Log } from "../../schemas/ports/log.ts";
import { ordersCodec } from "../../schemas/record-codec.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { SequenceGate } from "./sequence-gate.ts";
import { ShardWriter } from "./shard-writer.ts";
import { momentOf } from "./stopwatch.ts";

const BEAT = { kind: CommandKind.Beat } as const;

function writerOn(fates: AppendFate[] = [], delayMs = 5, gatherMs = 0) {
	const time = new VirtualTime();
	const log = new MemoryLog<OrdersRecord>({
		...{ topic: "orders", partitions: 2, logId: "test", scheduler: time, codec: ordersCodec },
		fate: () => fates.shift() ?? "ok",
		delayMs: () => delayMs,
	});
	let inFlight = 0;
	const appends: { partition: number; seqs: number[]; mostInFlight: number }[] = [];
	const counted: Log<OrdersRecord> = {
		topic: "orders",
		partitions: 2,
		logId: "test",
		append(partition, records) {
			inFlight += 1;
			const seqs = records.map((record) => (record as CommandRecord).seq);
			appends.push({ partition, seqs, mostInFlight: inFlight });
			return log.append(partition, records).finally(() => {
				inFlight -= 1;
			});
		},
		end: (partition) => log.end(partition),
		read: (partition, from, limit) => log.read(partition, from, limit),
		follow: (partition, from, deliver) => log.follow(partition, from, deliver),
	};
	const acknowledged: { partition: number; seqs: number[]; endOffset: number }[] = [];
	const fatal: unknown[] = [];
	const writer = new ShardWriter({
		...{ shard: 1, epoch: 3, lastSeqs: [0, 40], lastTs: 0 },
		...{ log: counted, clock: time, scheduler: time, gatherMs },
		onAcknowledged: (partition, records, endOffset) =>
			acknowledged.push({ partition, seqs: records.map((r) => r.seq), endOffset }),
		onFatal: (error) => fatal.push(error),
	});
	const accepted = async (partition: number, lastSeq: number) => {
		const gate = new SequenceGate([{ shard: 1, epoch: 3, seq: lastSeq }]);
		const reading = log.read(partition, 0, 1_000_000);
		await time.advance(0);
		return (await reading)
			.filter(({ record }) => gate.judge(record) === "accepted")
			.map(({ record }) => (record as CommandRecord).seq);
	};
	return { time, log, writer, appends, acknowledged, fatal, accepted };
}

test("commands of one turn leave in one batch, the next waits for its acknowledgement", async () => {
	const { time, writer, appends, acknowledged } = writerOn();
	for (let i = 0; i < 3; i += 1) writer.write(0, BEAT);
	// Queued is not idle either.
	expect([writer.isIdle(0), writer.pending()]).toEqual([false, 3]);
	await time.advance(1);
	for (let i = 0; i < 2; i += 1) writer.write(0, BEAT);
	await time.advance(3);
	expect(appends).toEqual([{ partition: 0, seqs: [1, 2, 3], mostInFlight: 1 }]);
	expect(writer.pending()).toBe(5);
	expect(writer.isIdle(0)).toBe(false);
	expect(writer.isIdle(1)).toBe(true);
	await time.advance(20);
	expect(appends[1]).toEqual({ partition: 0, seqs: [4, 5], mostInFlight: 1 });
	expect(acknowledged).toEqual([
		{ partition: 0, seqs: [1, 2, 3], endOffset: 3 },
		{ partition: 0, seqs: [4, 5], endOffset: 5 },
	]);
	expect(writer.pending()).toBe(0);
});

test("while there is much to do, what comes within a while leaves together; a little leaves at once", async () => {
	const { time, writer, appends } = writerOn([], 1, 10);
	const write = async (count: number, thenMs: number) => {
		for (let i = 0; i < count; i += 1) writer.write(0, BEAT);
		await time.advance(thenMs);
	};
	await write(3, 2);
	await write(4, 2);
	// Four were many: those of the 10 ms from then on wait for each other.
	await write(1, 3);
	await write(2, 4);
	expect(appends.map(({ seqs }) => seqs.length)).toEqual([3, 4]);
	await time.advance(1);
	expect(appends.map(({ seqs }) => seqs.length)).toEqual([3, 4, 3]);
	// Three were not.
	await time.advance(2);
	await write(1, 0);
	expect(appends).toHaveLength(4);
});

test("a batch is bounded", async () => {
	const { time, writer, appends } = writerOn();
	for (let i = 0; i < 2_500; i += 1) writer.write(0, BEAT);
	await time.advance(50);
	expect(appends.map((a) => a.seqs.length)).toEqual([1_000, 1_000, 500]);
});

test("each partition has its own seq and goes on from the log's", async () => {
	const { time, writer, accepted } = writerOn();
	expect(writer.write(1, BEAT).seq).toBe(41);
	expect(writer.write(0, BEAT).seq).toBe(1);
	await time.advance(20);
	expect(await accepted(1, 40)).toEqual([41]);
	expect(() => writer.write(2, BEAT)).toThrow("no partition 2");
});

test("an unknown outcome is repeated with the same bytes until it is acknowledged", async () => {
	const fates: AppendFate[] = ["lost ack", "not written", "late", "twice", "ok"];
	const { time, log, writer, appends, acknowledged, accepted } = writerOn(fates);
	const first = writer.write(0, BEAT);
	await time.advance(1);
	writer.write(0, BEAT);
	await time.advance(500);
	expect(appends.map((a) => a.seqs)).toEqual([[1], [1], [1], [1], [2]]);
	const reading = log.read(0, 0, 100);
	await time.advance(0);
	const stored = (await reading).map(({ record }) => record as CommandRecord);
	expect(stored.filter((r) => r.seq === 1).length).toBeGreaterThan(2);
	for (const record of stored.filter((r) => r.seq === 1)) expect(record).toEqual(first);
	expect(await accepted(0, 0)).toEqual([1, 2]);
	expect(acknowledged.map((a) => a.seqs)).toEqual([[1], [2]]);
});

test("under any faults every command is accepted once, in order", async () => {
	const kinds: AppendFate[] = ["ok", "lost ack", "not written", "late", "twice"];
	let n = 0;
	const fates = Array.from({ length: 400 }, () => {
		n = (n * 1_103_515_245 + 12_345) % 2_147_483_648;
		return kinds[(n >>> 16) % kinds.length] as AppendFate;
	});
	const { time, writer, accepted } = writerOn(fates);
	for (let i = 0; i < 300; i += 1) {
		writer.write(0, BEAT);
		await time.advance(i % 4);
	}
	await time.advance(20_000);
	expect(writer.pending()).toBe(0);
	expect(await accepted(0, 0)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
});

test("the time stamped never goes back, even when the clock does", () => {
	let nowMs = 1_000;
	const time = new VirtualTime();
	const log = new MemoryLog<OrdersRecord>({
		...{ topic: "orders", partitions: 1, logId: "test", scheduler: time },
	});
	const writer = new ShardWriter({
		...{ shard: 1, epoch: 1, lastSeqs: [0], lastTs: 5_000, log, scheduler: time },
		clock: { nowMs: () => nowMs, monotonicMs: () => 0 },
		onAcknowledged: () => {},
		onFatal: () => {},
	});
	expect(writer.write(0, BEAT).ts).toBe(5_000);
	nowMs = 9_000;
	expect(writer.write(0, BEAT).ts).toBe(9_000);
	nowMs = 2_000;
	expect(writer.write(0, BEAT).ts).toBe(9_000);
	expect(writer.lastStampedTs()).toBe(9_000);
});

test("an event proves the epoch as of its batch's first sending, never a later one", async () => {
	const { time, writer } = writerOn(["lost ack", "ok", "ok"]);
	writer.write(0, BEAT);
	writer.write(0, BEAT);
	await time.advance(0);
	const firstSent = momentOf(time);
	await time.advance(200);
	writer.write(0, BEAT);
	await time.advance(0);
	const secondSent = momentOf(time);
	await time.advance(200);
	expect(writer.takeSentAt(0, 1)).toEqual(firstSent);
	expect(writer.takeSentAt(0, 2)).toEqual(firstSent);
	expect(writer.takeSentAt(0, 3)).toEqual(secondSent);
	// Older than what was asked for: the later sending says nothing about it.
	expect(writer.takeSentAt(0, 2)).toBeNull();
	expect(writer.takeSentAt(0, 4)).toBeNull();
});

test("what is idle is measured from the last command", async () => {
	const { time, writer } = writerOn();
	await time.advance(700);
	expect(writer.msSinceWrite()).toBe(700);
	writer.write(0, BEAT);
	expect(writer.msSinceWrite()).toBe(0);
});

test("stopped, it sends nothing any more; an error that is no outage is fatal", async () => {
	const stopped = writerOn(["not written"]);
	stopped.writer.write(0, BEAT);
	await stopped.time.advance(7);
	stopped.writer.stop();
	await stopped.time.advance(500);
	expect(stopped.appends.length).toBe(1);
	expect(stopped.acknowledged).toEqual([]);

	const time = new VirtualTime();
	const fatal: unknown[] = [];
	const broken = { append: () => Promise.reject(new TypeError("no such disk")) };
	const writer = new ShardWriter({
		...{ shard: 1, epoch: 1, lastSeqs: [0], lastTs: 0, clock: time, scheduler: time },
		log: broken as unknown as Log<OrdersRecord>,
		onAcknowledged: () => {},
		onFatal: (error) => fatal.push(error),
	});
	writer.write(0, BEAT);
	await time.advance(100);
	expect(fatal).toEqual([new TypeError("no such disk")]);
});

test("what fails after its end is nobody's any more", async () => {
	const time = new VirtualTime();
	const fatal: unknown[] = [];
	const append = () =>
		new Promise((_, reject) => time.after(10, () => reject(new TypeError("no such disk"))));
	const writer = new ShardWriter({
		...{ shard: 1, epoch: 1, lastSeqs: [0], lastTs: 0, clock: time, scheduler: time },
		log: { append } as unknown as Log<OrdersRecord>,
		onAcknowledged: () => {},
		onFatal: (error) => fatal.push(error),
	});
	writer.write(0, BEAT);
	await time.advance(5);
	writer.stop();
	await time.advance(100);
	expect(fatal).toEqual([]);
});
