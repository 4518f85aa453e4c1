import { afterEach, expect, type Mock, spyOn, test } from "bun:test";
import { Engine } from "../../engine/engine.ts";
import { buy, ETHUSDT, sell } from "../../engine/testing/commands.ts";
import { type Command, CommandKind, type OrdersRecord } from "../../schemas/command.ts";
import { EventKind, type EventRecord } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { SymbolState } from "../../schemas/order.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { PartitionState } from "./partition-state.ts";
import { World } from "./testing/world.ts";
import type { MatchingWorker } from "./worker.ts";

/** What breaks the engine here. */
const BREAKING = 666;
const BROKEN = buy(3, 4, BREAKING);
const DEPOSIT = { kind: CommandKind.Deposit, userId: 1, assetId: 1, amount: 666n } as const;
const BROKEN_DEPOSIT = { ...DEPOSIT, externalId: "x" };

let engine: Mock<Engine["apply"]> | null = null;

afterEach(() => {
	engine?.mockRestore();
	engine = null;
});

/** From here on engines break where they have done all of a command but say so. */
function breakEngines(error: Error, times = Number.POSITIVE_INFINITY): void {
	const { apply } = Engine.prototype;
	let left = times;
	engine = spyOn(Engine.prototype, "apply").mockImplementation(function (this: Engine, ...given) {
		apply.apply(this, given);
		if (!isBreaking(given[0]) || left === 0) return;
		left -= 1;
		throw error;
	});
}

function isBreaking(command: Command | null): boolean {
	if (command?.kind === CommandKind.Deposit) return command.amount === 666n;
	return command?.kind === CommandKind.PlaceOrder && command.priceTicks === BREAKING;
}

/** Two markets with an order each, a worker that serves them. */
async function twoMarkets(): Promise<World> {
	const world = new World();
	await world.begin();
	await world.send({ kind: CommandKind.AddSymbol, symbol: ETHUSDT });
	await world.trade(3);
	await world.send({ ...sell(1, 5, 100), symbolId: 2 });
	return world;
}

/** What the lines give where those that break are refused, and leave nothing else behind. */
async function expectedWithRefusals(world: World): Promise<EventRecord[]> {
	const lines = await world.settled(world.orders.read(0, 0, 1_000));
	const state = PartitionState.empty(0, "naive");
	return lines.flatMap(({ record }) =>
		record.command !== null && isBreaking(record.command)
			? state.refuse(record)
			: state.apply(record),
	);
}

async function answers(world: World, count: number) {
	return (await world.published()).slice(-count).map(({ events }) => events.at(-1));
}

async function restarted(world: World, worker: MatchingWorker): Promise<MatchingWorker> {
	await world.settled(worker.stop());
	return world.worker();
}

test("a command that breaks the engine is refused and halts its symbol; the others go on", async () => {
	const world = await twoMarkets();
	const worker = await world.worker();
	breakEngines(new InvariantViolation("rehearsed"));
	await world.send(sell(1, 1, 90), BROKEN, sell(1, 1, 80), { ...buy(2, 5, 100), symbolId: 2 });
	await world.time.advance(100);
	expect(world.fatal).toEqual([]);
	expect(await world.published()).toEqual(await expectedWithRefusals(world));
	const [refused, halted, closed, traded] = await answers(world, 4);
	const rejected = { kind: EventKind.OrderRejected, symbolId: 1 };
	expect(refused).toEqual({ ...rejected, userId: 3, reason: Rejection.EngineFault });
	const state = SymbolState.Halt;
	expect(halted).toEqual({ kind: EventKind.SymbolStateSet, symbolId: 1, state });
	expect(closed).toEqual({ ...rejected, userId: 1, reason: Rejection.MarketClosed });
	expect(traded).toMatchObject({ kind: EventKind.OrderAccepted, symbolId: 2 });
	const told = (await world.published()).at(-3);
	expect(told).toMatchObject({ shard: 0, seq: 0, command: null, last: true });

	expect(worker.metrics()).toContain('castle_matching_refused_commands{partition="0"} 1\n');

	const halts = "the engine cannot take a command: it is refused, its symbol halts";
	expect(world.errors).toContain(halts);
	world.errors.length = 0;

	// Every start after it says the same, from a snapshot behind it and from the beginning.
	const next = await restarted(world, worker);
	for (const name of await world.snapshots()) world.corrupt.add(name);
	await restarted(world, next);
	expect(world.fatal).toEqual([]);
	expect(await world.published()).toEqual(await expectedWithRefusals(world));
	// The symbol may be open again by then: it does not halt anew.
	expect(world.errors).not.toContain(halts);
});

test("an operator opens the symbol again", async () => {
	const world = await twoMarkets();
	await world.worker();
	breakEngines(new TypeError("undefined is not an object"));
	await world.send(BROKEN);
	const state = SymbolState.Trading;
	await world.send({ kind: CommandKind.SetSymbolState, symbolId: 1, state }, buy(1, 1, 50), BROKEN);
	await world.time.advance(100);
	expect(world.fatal).toEqual([]);
	expect(await world.published()).toEqual(await expectedWithRefusals(world));
	const kinds = (await answers(world, 4)).map((event) => event?.kind);
	const { SymbolStateSet, OrderAccepted, OrderRejected } = EventKind;
	expect(kinds).toEqual([SymbolStateSet, OrderAccepted, OrderRejected, SymbolStateSet]);
});

test("what breaks once only was the memory's fault: the command is taken from a state read anew", async () => {
	const world = await twoMarkets();
	await world.worker();
	breakEngines(new InvariantViolation("rehearsed"), 1);
	await world.send(BROKEN, sell(1, 1, 80));
	await world.time.advance(100);
	expect(world.fatal).toEqual([]);
	expect(world.warnings).toHaveLength(1);
	expect(await world.published()).toEqual(await world.expected());
});

test("so it is in the midst of a start, where others have taken the command", async () => {
	const world = await twoMarkets();
	await world.worker();
	await world.send(BROKEN, sell(1, 1, 80));
	await world.time.advance(100);
	world.orders.dropFollowers();
	breakEngines(new InvariantViolation("rehearsed"), 1);
	await world.worker();
	expect(world.fatal).toEqual([]);
	expect(world.warnings).toHaveLength(1);
	expect(await world.published()).toEqual(await world.expected());
});

test("no memory is no fault of a command: nothing is refused, the process stops", async () => {
	const world = await twoMarkets();
	await world.worker();
	const before = await world.published();
	breakEngines(new RangeError("Out of memory"));
	await expect(world.send(BROKEN)).rejects.toThrow("Out of memory");
	await world.time.advance(100);
	expect(await world.published()).toEqual(before);
});

test("a stop while the state is read anew leaves no snapshot of the broken one", async () => {
	const world = await twoMarkets();
	const worker = await world.worker();
	const before = await world.snapshots();
	breakEngines(new InvariantViolation("rehearsed"));
	world.usualFate = "not written";
	await world.send(BROKEN);
	await world.time.advance(10);
	await world.settled(worker.stop());
	expect(await world.snapshots()).toEqual(before);
});

test("a stop while the state is read anew waits for nothing that trades cannot take", async () => {
	const world = await twoMarkets();
	const worker = await world.worker();
	breakEngines(new InvariantViolation("rehearsed"));
	world.usualFate = "not written";
	await world.send(sell(1, 1, 70), BROKEN);
	await world.time.advance(10);
	await world.settled(worker.stop());
	world.usualFate = "ok";
	await world.worker();
	expect(await world.published()).toEqual(await expectedWithRefusals(world));
});

test("a snapshot that fails while the state is read anew is only missing", async () => {
	const world = await twoMarkets();
	await world.worker();
	await world.send(sell(1, 1, 70));
	await world.failingSnapshot();
	breakEngines(new InvariantViolation("rehearsed"));
	await world.send(BROKEN, sell(1, 1, 80));
	await world.time.advance(100);
	expect(world.fatal).toEqual([]);
	expect(await world.published()).toEqual(await expectedWithRefusals(world));
});

/** Of the venue's shard, in its epoch 5. */
const venueLine = (seq: number, command: Command, epoch = 5): OrdersRecord => ({
	...{ shard: 0, epoch, seq, ts: 5_000, command },
});
const skip = (seq: number) => ({ kind: CommandKind.Skip, shard: 1, seq }) as const;

test("a command for no symbol that breaks the engine stops the process, until an operator skips it", async () => {
	const world = await twoMarkets();
	await world.lines([{ shard: 0, epoch: 5, ts: 1, command: null }]);
	const worker = await world.worker();
	breakEngines(new InvariantViolation("rehearsed"));
	await world.send(BROKEN_DEPOSIT, buy(1, 1, 50));
	await world.time.advance(100);
	const seq = (await world.settled(world.orders.read(0, 0, 1_000))).flatMap(({ record }) =>
		record.command !== null && isBreaking(record.command) ? [record.seq] : [],
	)[0] as number;
	const says = `the engine cannot take seq ${seq} of shard 1: InvariantViolation: rehearsed`;
	expect(String(world.fatal)).toContain(says);
	await world.settled(worker.stop());

	const names = ["another command", "a zombie's", "one behind a gap"];
	const lines = [venueLine(1, skip(seq + 1)), venueLine(2, skip(seq), 4), venueLine(3, skip(seq))];
	for (const [i, line] of lines.entries()) {
		await world.lines([line]);
		const start = world.settled(world.unstarted().start());
		await expect(start, names[i] as string).rejects.toThrow(InvariantViolation);
		await expect(start).rejects.toThrow(says);
	}
	await world.lines([venueLine(2, skip(seq))]);
	const next = await world.worker();
	await world.time.advance(100);
	const published = await world.published();
	expect(published).toEqual(await expectedWithRefusals(world));
	const answer = published.find((record) => record.shard === 1 && record.seq === seq);
	const reason = Rejection.EngineFault;
	expect(answer?.events).toEqual([{ kind: EventKind.CommandRejected, reason }]);
	expect(published.at(-1)?.events).toEqual([{ kind: EventKind.SkipHeard, shard: 1, seq }]);
	await restarted(world, next);
	expect(await world.published()).toEqual(published);
});
