import { expect, test } from "bun:test";
import type { AppendFate } from "../../db/log/memory-log.ts";
import { buy, sell } from "../../engine/testing/commands.ts";
import { CommandKind } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { ordersCodec, tradesCodec } from "../../schemas/record-codec.ts";
import { MAX_BATCH_BYTES } from "../../schemas/stores.ts";
import { World } from "./testing/world.ts";

/** A world whose worker has published and stopped, with a snapshot. */
async function stoppedWorld(trades = 3): Promise<World> {
	const world = new World();
	await world.begin();
	const worker = await world.worker();
	await world.trade(trades);
	await world.time.advance(5);
	await world.settled(worker.stop());
	return world;
}

test("it publishes what the lines give, in order, once", async () => {
	const world = new World();
	await world.begin();
	await world.worker();
	await world.trade(20);
	await world.time.advance(50);
	expect(await world.settled(world.trades.end(0))).toBe((await world.expected()).length);
	expect(await world.published()).toEqual(await world.expected());
	expect(world.fatal).toEqual([]);
});

test("lost, late and doubled appends to trades say the same again", async () => {
	const kinds: AppendFate[] = ["lost ack", "not written", "late", "twice", "ok"];
	const world = new World();
	for (let i = 0; i < 200; i += 1) world.fates.push(kinds[(i * 7 + (i >> 2)) % 5] as AppendFate);
	await world.begin();
	await world.worker();
	await world.trade(60);
	await world.time.advance(30_000);
	expect(await world.published()).toEqual(await world.expected());
	await world.worker();
	expect(world.fatal).toEqual([]);
});

test("after a stop it goes on from its snapshot and reads no line again", async () => {
	const world = await stoppedWorld();
	const end = await world.settled(world.orders.end(0));
	world.readFrom.length = 0;
	await world.trade(2);
	const worker = await world.worker();
	await world.time.advance(5);
	expect(Math.min(...world.readFrom)).toBe(end);
	expect(await world.published()).toEqual(await world.expected());
	expect(worker.metrics()).toContain(`castle_matching_orders_offset{partition="0"} ${end + 4}`);
});

test("killed before it published, the next one publishes what is missing", async () => {
	const world = new World();
	world.usualFate = "not written";
	await world.begin();
	let live = false;
	void world
		.unstarted()
		.start()
		.then(() => {
			live = true;
		});
	await world.trade(5);
	await world.time.advance(100);
	expect(await world.published()).toEqual([]);
	// Readers may have seen it before: they start when it is there again.
	expect(live).toBe(false);
	world.orders.dropFollowers();
	world.trades.dropCallers();
	world.usualFate = "ok";
	await world.worker();
	await world.time.advance(100);
	expect(await world.published()).toEqual(await world.expected());
});

test("a snapshot that is ahead of trades is not used, and no second one is taken meanwhile", async () => {
	const world = await stoppedWorld();
	const [first] = await world.snapshots();
	world.usualFate = "not written";
	await world.worker();
	await world.trade(3);
	await world.time.advance(45_000);
	const [, ahead, ...more] = await world.snapshots();
	expect(ahead).toBeDefined();
	await world.trade(3);
	await world.time.advance(30_000);
	expect(await world.snapshots()).toEqual([first as string, ahead as string]);
	expect(more).toEqual([]);

	world.orders.dropFollowers();
	world.trades.dropCallers();
	world.usualFate = "ok";
	await world.worker();
	await world.time.advance(100);
	expect(world.warnings).toContainEqual({ partition: 0, name: ahead, why: "ahead of trades" });
	expect(await world.published()).toEqual(await world.expected());
});

test("two snapshots are kept; a rotten newest gives way to the older, both to the log", async () => {
	const world = new World();
	await world.begin();
	await world.worker();
	for (let i = 0; i < 4; i += 1) {
		await world.trade(2);
		await world.time.advance(30_000);
	}
	const names = await world.snapshots();
	expect(names.length).toBe(2);
	world.orders.dropFollowers();
	for (const rotten of [...names].reverse()) {
		world.corrupt.add(rotten);
		world.readFrom.length = 0;
		await world.trade(1);
		await world.worker();
		const restored = Math.min(...world.readFrom);
		if (world.corrupt.size === 1) expect(restored).toBeGreaterThan(0);
		else expect(restored).toBe(0);
		await world.time.advance(5);
		expect(await world.published()).toEqual(await world.expected());
		world.orders.dropFollowers();
	}
	expect(world.fatal).toEqual([]);
});

test("a snapshot of another log is not used", async () => {
	const world = await stoppedWorld();
	const lines = await world.settled(world.orders.read(0, 0, 100));
	const records = await world.published();
	world.orders = world.topic("orders", ordersCodec, () => "ok", "another");
	world.trades = world.topic("trades", tradesCodec, () => "ok", "another");
	await world.lines(lines.map((entry) => entry.record));
	await world.settled(world.trades.append(0, records));
	world.readFrom.length = 0;
	await world.worker();
	expect(world.readFrom[0]).toBe(0);
	expect(await world.published()).toEqual(await world.expected());
});

test("a snapshot of a worker that went another way than trades is not used, at the last record either", async () => {
	const [world, other] = [await stoppedWorld(), new World()];
	await other.begin();
	const astray = await other.worker();
	// As many lines and records, of other amounts.
	for (let i = 0; i < 3; i += 1) await other.send(sell(1, 6, 100 + i), buy(2, 3, 100 + i));
	await other.time.advance(5);
	await other.settled(astray.stop());
	const [name] = (await world.snapshots()) as [string];
	expect(await other.snapshots()).toEqual([name]);
	const bytes = (await other.settled(other.archive.get(name))) as Uint8Array;
	await world.settled(world.archive.put(name, bytes));
	await world.trade(2);
	await world.worker();
	await world.time.advance(5);
	expect(await world.published()).toEqual(await world.expected());
	expect(world.warnings).toEqual([{ partition: 0, name, why: "not what trades says" }]);
});

async function rewritten(world: World, before: string, after: string): Promise<string> {
	const [name] = (await world.snapshots()) as [string];
	const bytes = (await world.settled(world.archive.get(name))) as Uint8Array;
	const at = Buffer.from(bytes).indexOf(before);
	expect(at).toBeGreaterThan(0);
	bytes.set(new TextEncoder().encode(after), at);
	await world.settled(world.archive.put(name, bytes));
	return name;
}

test("a snapshot of another engine is passed over", async () => {
	const world = await stoppedWorld();
	const name = await rewritten(world, "castle-engine 1", "castle-engine 2");
	world.readFrom.length = 0;
	await world.worker();
	expect(world.readFrom[0]).toBe(0);
	expect(world.warnings).toEqual([{ partition: 0, name, why: "a snapshot of another version" }]);
});

test("a snapshot of another format is passed over, one that restores to something else is not", async () => {
	const world = await stoppedWorld();
	await rewritten(world, '"shard":1,"epoch":1', '"shard":1,"epoch":7');
	await expect(world.settled(world.unstarted().start())).rejects.toThrow("does not restore");
	const name = await rewritten(world, '"format":2', '"format":1');
	world.readFrom.length = 0;
	await world.worker();
	expect(world.readFrom[0]).toBe(0);
	expect(world.warnings).toEqual([{ partition: 0, name, why: "of another format" }]);
});

test.each([
	["hash", (r: EventRecord) => ({ ...r, hash: "0000000000000000" })],
	["command", (r: EventRecord) => ({ ...r, command: { kind: CommandKind.Tick } as const })],
	["time", (r: EventRecord) => ({ ...r, ts: r.ts + 1 })],
])("a record that was published with another %s is a fork", async (_, forged) => {
	const world = new World();
	await world.begin();
	await world.trade(2);
	const records = await world.expected();
	await world.settled(
		world.trades.append(
			0,
			records.map((record, i) => (i === 3 ? forged(record) : record)),
		),
	);
	await expect(world.settled(world.unstarted().start())).rejects.toThrow("fork");
});

test("lines that trades has answers to and orders has not are lost data", async () => {
	const world = await stoppedWorld();
	const lines = await world.settled(world.orders.read(0, 0, 100));
	world.orders = world.topic("orders", ordersCodec);
	await world.lines(lines.slice(0, -1).map((entry) => entry.record));
	// With the snapshot the offset is beyond the end, without it trades goes on.
	await expect(world.settled(world.unstarted().start())).rejects.toThrow("orders 0 has lost data");
	for (const name of await world.snapshots()) world.corrupt.add(name);
	await expect(world.settled(world.unstarted().start())).rejects.toThrow("trades goes on");
});

test("a hole in trades is found", async () => {
	const world = new World();
	await world.begin();
	await world.trade(2);
	const records = await world.expected();
	await world.settled(world.trades.append(0, [...records.slice(0, 2), ...records.slice(3)]));
	await expect(world.settled(world.unstarted().start())).rejects.toThrow(InvariantViolation);
});

test("two workers of one partition say the same, one of them starting while the other trades", async () => {
	const world = new World();
	await world.begin();
	await world.worker();
	const second = world.unstarted();
	const started = second.start();
	for (let i = 0; i < 20; i += 1) await world.trade(1);
	await world.settled(started);
	await world.trade(3);
	await world.time.advance(100);
	expect(await world.published()).toEqual(await world.expected());
	expect(world.fatal).toEqual([]);
});

test("the last snapshot of a worker that another is ahead of is good for a start", async () => {
	const world = new World();
	await world.begin();
	const behind = await world.worker();
	const ahead = await world.worker();
	world.fates.push("not written");
	await world.trade(1);
	const stopped = behind.stop();
	await world.trade(1);
	await world.settled(stopped);
	await world.trade(1);
	expect(world.trades.all(0).map(({ evSeq }) => evSeq)).toEqual([1, 2, 3, 4, 5, 6, 3, 4, 7, 8]);
	expect(await world.snapshots()).toEqual(["matching/0/0000000000000004"]);
	world.orders.dropFollowers();
	const after = await world.worker();
	expect(after.evSeq()).toBe(ahead.evSeq());
	expect(await world.published()).toEqual(await world.expected());
});

test("with trades away it takes a bounded number of lines, and goes on where it left", async () => {
	const world = new World();
	await world.begin();
	const worker = await world.worker();
	world.usualFate = "not written";
	const tick = { kind: CommandKind.Tick } as const;
	for (let i = 0; i < 30; i += 1) await world.send(...Array(5_000).fill(tick));
	const unpublished = () => Number(/unpublished\S* (\d+)/.exec(worker.metrics())?.[1]);
	expect(unpublished()).toBeLessThan(110_000);
	expect(unpublished()).toBeGreaterThan(90_000);
	expect(worker.metrics()).toContain('castle_matching_unpublished_bound{partition="0"} 100000\n');
	world.usualFate = "ok";
	await world.time.advance(1_000);
	expect(await world.settled(world.trades.end(0))).toBe(150_002);
	const last = (await world.settled(world.trades.read(0, 150_001, 1)))[0];
	expect(last?.record.evSeq).toBe(150_002);
});

test("what waited while trades was away leaves in appends that a broker takes", async () => {
	const world = new World();
	await world.begin();
	const worker = await world.worker();
	await world.send(...Array.from({ length: 30_000 }, () => sell(1, 1, 100)));
	await world.time.advance(200);
	world.usualFate = "not written";
	await world.send(...Array.from({ length: 30 }, () => buy(2, 1_000, 100)));
	await world.time.advance(100);
	world.usualFate = "ok";
	const sizes: number[] = [];
	const append = world.trades.append.bind(world.trades);
	world.trades.append = (partition, records) => {
		sizes.push(records.reduce((sum, record) => sum + tradesCodec.encode(record).length, 0));
		return append(partition, records);
	};
	await world.time.advance(200);
	const evSeq = await world.settled(world.trades.end(0));
	expect(worker.metrics()).toContain(`castle_matching_ev_seq{partition="0"} ${evSeq}\n`);
	// The longest numbers take several times as much.
	expect(Math.max(...sizes)).toBeLessThan(MAX_BATCH_BYTES / 8);
});

test("an archive that fails costs a longer start, nothing else", async () => {
	const world = new World();
	await world.begin();
	await world.worker();
	world.failingPuts = 1;
	await world.trade(1);
	await world.time.advance(30_000);
	expect(await world.snapshots()).toEqual([]);
	await world.trade(1);
	await world.time.advance(30_000);
	expect((await world.snapshots()).length).toBe(1);
	expect(world.fatal).toEqual([]);
	expect(await world.published()).toEqual(await world.expected());
});

test("a read that fails is made again: a start of many reads need not begin anew", async () => {
	const world = new World();
	await world.begin();
	await world.trade(3);
	world.failingReads = { orders: 5, trades: 5 };
	await world.worker();
	expect(world.failingReads.orders).toBeLessThan(0);
	expect(world.failingReads.trades).toBeLessThan(0);
	expect(await world.published()).toEqual(await world.expected());
});

test("a start does not ask for each record that trades lacks where trades ends", async () => {
	const world = new World();
	await world.begin();
	await world.trade(200);
	await world.worker();
	expect(await world.published()).toEqual(await world.expected());
	expect(world.reads.trades).toBeLessThan(10);
});

test("an archive that fails while the worker stops is no reason to fail with it", async () => {
	const world = new World();
	await world.begin();
	const worker = await world.worker();
	await world.trade(1);
	await world.failingSnapshot();
	await world.settled(worker.stop());
	expect(await world.snapshots()).toEqual([]);
	expect(world.fatal).toEqual([]);
});

test("stop waits for what is under way, and gives up when trades is away", async () => {
	const world = new World();
	await world.begin();
	const worker = await world.worker();
	world.fates.push("lost ack");
	await world.trade(1);
	await world.settled(worker.stop());
	expect(await world.published()).toEqual(await world.expected());
	expect((await world.snapshots()).length).toBe(1);
	const next = await world.worker();
	world.usualFate = "not written";
	await world.trade(1);
	await world.settled(next.stop());
	expect((await world.published()).length).toBeLessThan((await world.expected()).length);
});
