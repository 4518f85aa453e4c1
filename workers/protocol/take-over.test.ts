import { expect, test } from "bun:test";
import { type AppendFate, MemoryLog } from "../../db/log/memory-log.ts";
import { CommandKind, type CommandRecord, type OrdersRecord } from "../../schemas/command.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { LogUnavailable } from "../../schemas/ports/log.ts";
import { VirtualTime } from "../shared/testing/virtual-time.ts";
import { retried } from "./patience.ts";
import { Superseded, type TakeOverPosition, takeOver } from "./take-over.ts";

function line(shard: number, epoch: number, seq: number): CommandRecord {
	return { shard, epoch, seq, ts: 0, command: { kind: CommandKind.Beat } };
}

function raise(shard: number, epoch: number): OrdersRecord {
	return { shard, epoch, ts: 0, command: null };
}

const START: TakeOverPosition = {
	partition: 0,
	ordersOffset: 0,
	mark: { shard: 1, epoch: 0, seq: 0 },
};

function at(ordersOffset: number, epoch: number, seq: number): TakeOverPosition {
	return { partition: 0, ordersOffset, mark: { shard: 1, epoch, seq } };
}

async function taking(
	lines: readonly OrdersRecord[],
	epoch: number,
	position: TakeOverPosition,
	fates: AppendFate[] = [],
) {
	const time = new VirtualTime();
	let fate: AppendFate = "ok";
	const log = new MemoryLog<OrdersRecord>({
		...{ topic: "orders", partitions: 1, logId: "test", scheduler: time },
		fate: () => fate,
	});
	void log.append(0, lines);
	await time.advance(0);
	const accepted: number[] = [];
	const taken = takeOver({
		...{ shard: 1, epoch, ts: time.nowMs(), log, scheduler: time, positions: [position] },
		onAccepted: (_, { record }) => accepted.push((record as CommandRecord).seq),
	});
	const outcome = taken.then(
		(value) => ({ value, accepted }),
		(error: unknown) => ({ error, accepted }),
	);
	for (let i = 0; i < 100; i += 1) {
		fate = fates.shift() ?? "ok";
		await time.advance(60);
	}
	return outcome;
}

test("a first owner finds an empty partition", async () => {
	expect(await taking([], 1, START)).toEqual({
		value: [{ partition: 0, ordersOffset: 1, lastSeq: 0 }],
		accepted: [],
	});
});

test("what counts by everyone's rule is taken, up to the own epoch record", async () => {
	const lines = [
		...[raise(1, 1), line(1, 1, 1), raise(2, 9), line(1, 1, 3), line(1, 1, 2), line(1, 1, 2)],
		...[raise(1, 2), line(1, 1, 3), line(1, 2, 3)],
	];
	expect(await taking(lines, 3, START)).toEqual({
		value: [{ partition: 0, ordersOffset: 10, lastSeq: 3 }],
		accepted: [1, 2, 3],
	});
});

test("it goes on from its position", async () => {
	const lines = [raise(1, 1), line(1, 1, 1), line(1, 1, 2), line(1, 1, 3)];
	expect(await taking(lines, 2, at(3, 1, 2))).toEqual({
		value: [{ partition: 0, ordersOffset: 5, lastSeq: 3 }],
		accepted: [3],
	});
	expect(await taking(lines, 2, at(1, 1, 0))).toMatchObject({ accepted: [1, 2, 3] });
});

test.each(["lost ack", "not written", "late", "twice"] as const)(
	"an epoch record that is %p is written again until it is seen",
	async (fate) => {
		const outcome = await taking([raise(1, 1), line(1, 1, 1)], 2, START, [fate, fate]);
		expect(outcome).toMatchObject({ value: [{ lastSeq: 1 }], accepted: [1] });
	},
);

test("an epoch that was used before is not taken again", async () => {
	const lines = [raise(1, 1), line(1, 1, 1), raise(1, 2), line(1, 2, 2), line(1, 2, 3)];
	const { error } = (await taking(lines, 2, at(2, 1, 1))) as { error: Error };
	expect(error).toBeInstanceOf(InvariantViolation);
	expect(error.message).toContain("epoch 2 of shard 1 was used before");
});

test("a greater epoch before the own one: superseded", async () => {
	const outcome = await taking([raise(1, 1), raise(1, 7)], 3, START);
	expect("error" in outcome && outcome.error).toBeInstanceOf(Superseded);
	// A position of the own epoch or a later one was written by somebody else.
	for (const epoch of [3, 4]) {
		const late = await taking([raise(1, epoch)], 3, at(1, epoch, 0));
		expect("error" in late && late.error).toBeInstanceOf(Superseded);
	}
});

test.each([
	["ends before the position", [raise(1, 1), line(1, 1, 1)], at(5, 1, 4)],
	["has another shard's line there", [raise(1, 1), line(1, 1, 1), line(2, 1, 2)], at(3, 1, 2)],
	["has another seq there", [raise(1, 1), line(1, 1, 1), line(1, 1, 1)], at(3, 1, 2)],
	["has another epoch there", [raise(1, 1), line(1, 1, 1), line(1, 1, 2)], at(3, 2, 2)],
])("a log that %s has lost data", async (_, lines, position) => {
	const outcome = await taking(lines, 3, position);
	expect("error" in outcome && outcome.error).toBeInstanceOf(InvariantViolation);
	expect(String("error" in outcome && outcome.error)).toContain("orders 0 has lost data");
});

test("a call is repeated while its port is away, and no longer", async () => {
	const time = new VirtualTime();
	let calls = 0;
	const answer = retried(time, () => {
		calls += 1;
		return calls < 3 ? Promise.reject(new LogUnavailable("away")) : Promise.resolve(calls);
	});
	await time.advance(1_000);
	expect(await answer).toBe(3);
	await expect(retried(time, () => Promise.reject(new TypeError("wrong")))).rejects.toThrow(
		"wrong",
	);
});
