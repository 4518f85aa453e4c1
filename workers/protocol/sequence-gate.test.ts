import { expect, test } from "bun:test";
import { CommandKind, type OrdersRecord } from "../../schemas/command.ts";
import { SequenceGate } from "./sequence-gate.ts";

function line(epoch: number, seq: number, shard = 1): OrdersRecord {
	return { shard, epoch, seq, ts: 0, command: { kind: CommandKind.Beat } };
}

function raise(epoch: number, shard = 1): OrdersRecord {
	return { shard, epoch, ts: 0, command: null };
}

const rows: readonly [string, readonly OrdersRecord[], string][] = [
	["in order", [raise(1), line(1, 1), line(1, 2)], "epoch accepted accepted"],
	["doubled", [raise(1), line(1, 1), line(1, 1)], "epoch accepted ignored"],
	[
		"behind a gap",
		[raise(1), line(1, 2), line(1, 3), line(1, 1)],
		"epoch ignored ignored accepted",
	],
	["before any epoch", [line(1, 1)], "ignored"],
	["a zombie's", [raise(1), line(1, 1), raise(2), line(1, 2)], "epoch accepted epoch ignored"],
	["seq goes on", [raise(1), line(1, 1), raise(2), line(2, 2)], "epoch accepted epoch accepted"],
	["an older epoch's record", [raise(2), raise(1), line(1, 1)], "epoch ignored ignored"],
	[
		"the same epoch twice",
		[raise(1), line(1, 1), raise(1), line(1, 2)],
		"epoch accepted ignored accepted",
	],
	[
		"shards apart",
		[raise(1), raise(3, 2), line(1, 1), line(3, 1, 2)],
		"epoch epoch accepted accepted",
	],
];

for (const [name, records, verdicts] of rows) {
	test(`a line of orders: ${name}`, () => {
		const gate = new SequenceGate();
		expect(records.map((record) => gate.judge(record)).join(" ")).toBe(verdicts);
	});
}

test("a gate goes on from its state", () => {
	const gate = new SequenceGate();
	for (const record of [raise(2), line(2, 1), raise(1, 7)]) gate.judge(record);
	const next = new SequenceGate(gate.state());
	expect(next.judge(line(2, 2))).toBe("accepted");
	expect(next.state()).toEqual([
		{ shard: 1, epoch: 2, seq: 2 },
		{ shard: 7, epoch: 1, seq: 0 },
	]);
});
