import { expect, test } from "bun:test";
import { type AppendFate, MemoryLog } from "../../db/log/memory-log.ts";
import { CommandKind, type OrdersRecord } from "../../schemas/command.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { ShardWriter } from "./shard-writer.ts";

const beat = { kind: CommandKind.Beat } as const;

function writerOn(time: VirtualTime, fate: () => AppendFate = () => "ok") {
	const log = new MemoryLog<OrdersRecord>({
		topic: "orders",
		partitions: 1,
		logId: "test",
		scheduler: time,
		fate,
	});
	const acknowledged: number[] = [];
	const writer = new ShardWriter({
		shard: 1,
		epoch: 3,
		lastSeqs: [7],
		lastTs: time.nowMs() + 250,
		log,
		clock: time,
		scheduler: time,
		onAcknowledged: (_, records) => acknowledged.push(...records.map(({ seq }) => seq)),
		onFatal: (error) => {
			throw error;
		},
	});
	return { writer, log, acknowledged };
}

test("seq goes on from the log's last, time never goes back behind the shard's last", async () => {
	const time = new VirtualTime();
	const { writer } = writerOn(time);
	const startedAt = time.nowMs();
	expect(writer.write(0, beat)).toMatchObject({ seq: 8, epoch: 3, ts: startedAt + 250 });
	await time.advance(300);
	expect(writer.write(0, beat)).toMatchObject({ seq: 9, ts: startedAt + 300 });
});

test("an append without acknowledgement is sent again, the same seqs, before anything else", async () => {
	const time = new VirtualTime();
	const fates: AppendFate[] = ["not written", "lost ack", "ok"];
	const { writer, log, acknowledged } = writerOn(time, () => fates.shift() ?? "ok");
	writer.write(0, beat);
	writer.write(0, beat);
	await time.advance(1);
	writer.write(0, beat);
	expect(writer.pending()).toBe(3);
	await time.advance(100);
	expect(acknowledged).toEqual([8, 9, 10]);
	let seqs: unknown[] = [];
	void log.read(0, 0, 100).then((entries) => {
		seqs = entries.map(({ record }) => (record.command === null ? 0 : record.seq));
	});
	await time.advance(1);
	expect(seqs).toEqual([8, 9, 8, 9, 10]);
});

test("the moment of the first sending is what proves", async () => {
	const time = new VirtualTime();
	const fates: AppendFate[] = ["not written", "ok"];
	const { writer } = writerOn(time, () => fates.shift() ?? "ok");
	const before = time.monotonicMs();
	writer.write(0, beat);
	await time.advance(500);
	expect(writer.takeSentAt(0, 8)?.monotonicMs).toBe(before);
	expect(writer.takeSentAt(0, 9)).toBeNull();
	expect(writer.msSinceWrite()).toBe(500);
});
