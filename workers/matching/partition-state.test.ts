import { expect, test } from "bun:test";
import { Engine } from "../../engine/engine.ts";
import { BTCUSDT, buy, sell } from "../../engine/testing/commands.ts";
import { type Command, CommandKind, type OrdersRecord } from "../../schemas/command.ts";
import { EventKind, type EventRecord, MAX_EVENTS_PER_RECORD } from "../../schemas/event.ts";
import { decodeEvents, EventBuffer } from "../../schemas/event-words.ts";
import { ordersCodec, tradesCodec } from "../../schemas/record-codec.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { PartitionState } from "./partition-state.ts";

function lineOf(seq: number, command: Command, more: Partial<OrdersRecord> = {}): OrdersRecord {
	return { shard: 1, epoch: 1, seq, ts: 1_000 + seq, command, ...more } as OrdersRecord;
}

const EPOCH: OrdersRecord = { shard: 1, epoch: 1, ts: 900, command: null };
const SYMBOL = lineOf(1, { kind: CommandKind.AddSymbol, symbol: BTCUSDT });

/** Resting sells at as many prices, then one buy that sweeps them all. */
function sweep(count: number): OrdersRecord[] {
	const rest = Array.from({ length: count }, (_, i) => lineOf(2 + i, sell(1, 1, 100 + i)));
	return [EPOCH, SYMBOL, ...rest, lineOf(2 + count, buy(2, count, 1_000_000))];
}

function applied(lines: readonly OrdersRecord[], state = PartitionState.empty(0, "fast")) {
	return lines.flatMap((line) => state.apply(line));
}

test("a long answer is cut into records of at most 1,000 events, the last flagged", () => {
	const lines = sweep(900);
	const state = PartitionState.empty(0, "fast");
	applied(lines.slice(0, -1), state);
	const before = state.marks().evSeq;
	const parts = applied(lines.slice(-1), state);
	expect(parts.length).toBeGreaterThan(2);
	expect(parts.map((part) => part.part)).toEqual(parts.map((_, i) => i));
	expect(parts.map((part) => part.evSeq)).toEqual(parts.map((_, i) => before + 1 + i));
	expect(parts.map((part) => part.last)).toEqual(parts.map((_, i) => i === parts.length - 1));
	for (const part of parts.slice(0, -1)) expect(part.events.length).toBe(MAX_EVENTS_PER_RECORD);
	expect(parts.at(-1)?.events.at(-1)?.kind).toBe(EventKind.OrderAccepted);
	for (const part of parts) expect(part.command).toEqual(lines.at(-1)?.command ?? null);
	expect(parts.flatMap((part) => part.events)).toEqual(engineEvents(lines));
	expect(state.marks()).toMatchObject({
		evSeq: parts.at(-1)?.evSeq as number,
		hash: parts.at(-1)?.hash as string,
	});
});

/** What the bare engine says to the last line. */
function engineEvents(lines: readonly OrdersRecord[]) {
	const engine = new Engine({ partition: 0, book: "naive" });
	const out = new EventBuffer();
	for (const { command, ts } of lines) if (command !== null) engine.apply(command, ts, out);
	return decodeEvents(out.words, 0, out.length);
}

test("an epoch record is told as an event with seq 0", () => {
	const [record] = applied([EPOCH]) as [EventRecord];
	expect(record).toMatchObject({
		...{ partition: 0, evSeq: 1, ts: 900, shard: 1, epoch: 1, seq: 0, part: 0, last: true },
		command: null,
		events: [{ kind: EventKind.EpochRaised, shard: 1, epoch: 1 }],
	});
});

test("what does not count leaves no trace", () => {
	const state = PartitionState.empty(0, "fast");
	applied([EPOCH, SYMBOL], state);
	const before = state.marks();
	const ignored = [
		...[EPOCH, SYMBOL, lineOf(3, buy(2, 1, 1)), lineOf(2, buy(2, 1, 1), { epoch: 2 })],
		lineOf(2, buy(2, 1, 1), { ts: 99_999, epoch: 0 }),
	];
	for (const line of ignored) expect(state.apply(line)).toEqual([]);
	expect(state.marks()).toEqual(before);
});

test("a partition's time is the highest ts accepted", () => {
	const ts = applied([
		EPOCH,
		lineOf(1, { kind: CommandKind.Tick }, { ts: 5_000 }),
		lineOf(2, { kind: CommandKind.Tick }, { ts: 4_000 }),
		{ shard: 2, epoch: 1, ts: 3_000, command: null },
		lineOf(3, { kind: CommandKind.Tick }, { ts: 5_001 }),
	]).map((record) => record.ts);
	expect(ts).toEqual([900, 5_000, 5_000, 5_000, 5_001]);
});

test("from marks and the engine's bytes it goes on to the same hash, on either book", () => {
	const lines = sweep(600);
	const whole = applied(lines);
	for (const cut of [0, 1, 2, 300, lines.length - 1]) {
		const first = PartitionState.empty(0, "fast");
		applied(lines.slice(0, cut), first);
		const engine = Engine.restore(first.engine.snapshot(), "naive");
		const rest = applied(lines.slice(cut), new PartitionState(first.marks(), engine));
		expect(rest.at(-1)?.hash as string).toBe(whole.at(-1)?.hash as string);
	}
});

test("the hash tells who, when and what", () => {
	const tick = (more: Partial<OrdersRecord>) =>
		applied([
			EPOCH,
			{ shard: 2, epoch: 1, ts: 900, command: null },
			lineOf(1, { kind: CommandKind.Tick }, more),
		]).at(-1)?.hash;
	const hashes = [
		tick({}),
		tick({ ts: 2_000 }),
		tick({ shard: 2 }),
		applied([EPOCH]).at(-1)?.hash,
		applied([{ ...EPOCH, epoch: 2 }]).at(-1)?.hash,
	];
	expect(new Set(hashes).size).toBe(hashes.length);
});

test("a log that goes on from a lost one begins with the numbers that are used up", () => {
	const shards = [{ shard: 1, epoch: 4, seq: 70 }];
	const begin = {
		kind: CommandKind.ResumePartition,
		evSeq: 500,
		lastOrderId: 500,
		shards,
	} as const;
	const first: OrdersRecord = { shard: 0, epoch: 0, seq: 1, ts: 1_000, command: begin };
	const state = PartitionState.empty(0, "fast");
	const records = applied(
		[
			first,
			lineOf(71, { kind: CommandKind.Beat }),
			lineOf(71, { kind: CommandKind.Beat }, { epoch: 4 }),
			{ shard: 0, epoch: 0, seq: 2, ts: 1_001, command: begin },
			{ ...EPOCH, epoch: 5 },
			lineOf(72, { kind: CommandKind.AddSymbol, symbol: BTCUSDT }, { epoch: 5 }),
			lineOf(73, buy(1, 1, 100), { epoch: 5 }),
		],
		state,
	);
	expect(records.map(({ evSeq, shard, seq }) => [evSeq, shard, seq])).toEqual([
		[501, 0, 1],
		[502, 1, 71],
		[503, 0, 2],
		[504, 1, 0],
		[505, 1, 72],
		[506, 1, 73],
	]);
	const kinds = records.map(({ events }) => events.at(-1)?.kind);
	expect(kinds.slice(0, 3)).toEqual([
		EventKind.PartitionResumed,
		EventKind.BeatSeen,
		EventKind.CommandRejected,
	]);
	expect(records.at(-1)?.events.at(-1)).toMatchObject({ orderId: 501 });
	const again = new PartitionState(state.marks(), Engine.restore(state.engine.snapshot(), "fast"));
	expect(again.marks()).toEqual(state.marks());
});

test("a line whose command nobody can read is rejected, and its seq is used up", () => {
	const unread = ordersCodec.decode('[1,1,1,1002,2,[99,"of","a newer version"]]');
	const records = applied([EPOCH, SYMBOL, unread, lineOf(3, buy(1, 1, 100))]);
	expect(records.slice(-2)).toMatchObject([
		{
			...{ seq: 2, command: { kind: CommandKind.Undecodable } },
			events: [{ kind: EventKind.CommandRejected, reason: Rejection.InvalidCommand }],
		},
		{ seq: 3, evSeq: 4 },
	]);
	expect(records.at(-1)?.events.at(-1)?.kind).toBe(EventKind.OrderAccepted);
	const line = tradesCodec.encode(records.at(-2) as EventRecord);
	expect(tradesCodec.decode(line)).toEqual(records.at(-2) as EventRecord);
});
