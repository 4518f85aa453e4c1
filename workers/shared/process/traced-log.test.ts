import { expect, test } from "bun:test";
import { MemoryLog } from "../../../db/log/memory-log.ts";
import { CommandKind, type OrdersRecord } from "../../../schemas/command.ts";
import type { LogFields } from "../../../schemas/ports/logger.ts";
import { ordersCodec } from "../../../schemas/record-codec.ts";
import { VirtualTime } from "../testing/virtual-time.ts";
import { TracedLog } from "./traced-log.ts";

function line(shard: number, seq: number, changes: Partial<OrdersRecord> = {}): OrdersRecord {
	const command = { kind: CommandKind.CancelAllOrders, userId: 1, symbolId: 1 } as never;
	return { shard, epoch: 3, seq, ts: 1, command, ...changes } as OrdersRecord;
}

test("sampled commands of users are told when stored and when read, by one name", async () => {
	const time = new VirtualTime();
	const log = new MemoryLog<OrdersRecord>({
		...{ topic: "orders", partitions: 2, logId: "l", scheduler: time, codec: ordersCodec },
	});
	const told: LogFields[] = [];
	const logger = {
		info: (_: string, f: LogFields = {}) => void told.push(f),
		warn() {},
		error() {},
	};
	const traced = new TracedLog(log, logger, 10);
	const read: number[] = [];
	traced.follow(1, 0, (entries) => read.push(...entries.map(({ offset }) => offset)));
	const appended = traced.append(1, [
		line(2, 10),
		line(2, 11),
		line(0, 20),
		line(2, 30, { command: { kind: CommandKind.Beat } }),
		{ shard: 2, epoch: 4, ts: 1, command: null },
	]);
	await time.advance(10);
	expect(await appended).toBe(0);
	expect(read).toEqual([0, 1, 2, 3, 4]);
	const trace = { trace: "1-2-10", epoch: 3, topic: "orders" };
	expect(told.sort((a, b) => String(a["step"]).localeCompare(String(b["step"])))).toEqual([
		{ ...trace, step: "read" },
		{ ...trace, step: "stored" },
	]);
});
