import { expect, test } from "bun:test";
import { MemoryLog } from "../../db/log/memory-log.ts";
import { CommandKind, type OrdersRecord, VENUE_SHARD } from "../../schemas/command.ts";
import { EventKind, type EventRecord } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { SymbolState } from "../../schemas/order.ts";
import { ordersCodec, tradesCodec } from "../../schemas/record-codec.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { btc, btcUsdt, ethBtc, usdt } from "../../schemas/testing/symbols.ts";
import { Superseded } from "../protocol/take-over.ts";
import { PARTITIONS, World } from "./testing/world.ts";
import { VenueStopped } from "./worker.ts";

async function running() {
	const world = new World();
	await world.match();
	return { world, venue: await world.venue() };
}

test("it takes shard 0 over in every partition and ticks there every 250 ms", async () => {
	const { world } = await running();
	await world.time.advance(1_000);
	for (const partition of [0, 1]) {
		const [first, ...rest] = await world.ordersOf(partition);
		expect(first).toMatchObject({ shard: VENUE_SHARD, epoch: 1, command: null });
		expect(rest.length).toBe(5);
		for (const record of rest) expect(record.command).toEqual({ kind: CommandKind.Tick });
		const ts = rest.map((record) => record.ts);
		expect((ts.at(-1) as number) - (ts.at(-2) as number)).toBe(250);
	}
	expect(world.fatal).toEqual([]);
});

test("configuration goes through the log and is told by its events", async () => {
	const { world, venue } = await running();
	expect(await world.settled(venue.addAsset(btc))).toBe(Rejection.None);
	expect(await world.settled(venue.addAsset(usdt))).toBe(Rejection.None);
	expect(await world.settled(venue.addSymbol(btcUsdt))).toBe(Rejection.None);
	expect(await world.settled(venue.setSymbolState(btcUsdt, SymbolState.Halt))).toBe(Rejection.None);
	expect(venue.view().symbol("BTCUSDT")?.state).toBe(SymbolState.Halt);
	const rules = { ...btcUsdt, state: SymbolState.Halt, makerFeePpm: 7 };
	expect(await world.settled(venue.setSymbolRules(rules))).toBe(Rejection.None);
	expect(venue.view().symbolById(1)).toEqual(rules);
	for (const partition of [0, 1]) {
		const kinds = (await world.ordersOf(partition)).map((record) => record.command?.kind);
		expect(kinds.filter((kind) => kind === CommandKind.AddAsset).length).toBe(2);
		expect(kinds.includes(CommandKind.AddSymbol)).toBe(partition === 0);
	}
});

test("what the engine refuses changes nothing", async () => {
	const { world, venue } = await running();
	await world.settled(venue.addSymbol(btcUsdt));
	const twice = { ...btcUsdt, makerFeePpm: 5 };
	expect(await world.settled(venue.addSymbol(twice))).toBe(Rejection.InvalidCommand);
	expect(await world.settled(venue.setSymbolRules(ethBtc))).toBe(Rejection.UnknownSymbol);
	expect(venue.view().symbols()).toEqual([btcUsdt]);
});

test("a version of the engine reaches each partition, also where one has it already", async () => {
	const world = new World();
	await world.match(3);
	const venue = await world.venue();
	const half = { kind: CommandKind.SetEngineVersion, version: 2 } as const;
	const writer = { shard: 9, epoch: 1, ts: 1 };
	await world.settled(
		world.orders.append(0, [
			{ ...writer, command: null },
			{ ...writer, seq: 1, command: half },
		]),
	);
	const { None, InvalidCommand } = Rejection;
	expect(await world.settled(venue.setEngineVersion(2))).toBe(None);
	expect(await world.settled(venue.setEngineVersion(2))).toBe(InvalidCommand);
	expect(await world.settled(venue.setEngineVersion(3))).toBe(None);
	for (const partition of [0, 1]) {
		const entries = await world.settled(world.trades.read(partition, 0, 100_000));
		const versions = entries
			.flatMap(({ record }) => record.events)
			.flatMap((event) => (event.kind === EventKind.EngineVersionSet ? [event.version] : []));
		expect(versions).toEqual([2, 3]);
	}
});

test("after a stop the next one has the configuration from the ledger, and goes on", async () => {
	const { world, venue } = await running();
	await world.settled(venue.addAsset(btc));
	await world.settled(venue.addSymbol(btcUsdt));
	await world.settled(venue.stop());
	expect(world.database.load(VENUE_SHARD).config).toEqual({ assets: [btc], symbols: [btcUsdt] });
	const before = (await world.ordersOf(0)).length;
	await world.time.advance(5_000);
	expect((await world.ordersOf(0)).length).toBe(before);
	const next = await world.venue();
	expect(next.view().symbols()).toEqual([btcUsdt]);
	expect(next.view().assets()).toEqual([btc]);
	const [epoch, tick] = (await world.ordersOf(0)).slice(before);
	expect(epoch).toMatchObject({ epoch: 2, command: null });
	expect(tick).toMatchObject({ epoch: 2, seq: before });
	expect(await world.settled(next.addSymbol({ ...ethBtc, partition: 1 }))).toBe(Rejection.None);
});

test("killed before it committed, the next one reads the configuration from the log", async () => {
	const { world, venue } = await running();
	await world.settled(venue.addSymbol(btcUsdt));
	expect(world.database.load(VENUE_SHARD).config.symbols).toEqual([]);
	const next = await world.venue();
	expect(next.view().symbols()).toEqual([btcUsdt]);
});

test("a second owner supersedes the first, which stops and says nothing more", async () => {
	const { world, venue } = await running();
	const asked = venue.addAsset(btc);
	world.ordersFate = "not written";
	await world.settled(Promise.resolve());
	world.ordersFate = "ok";
	asked.catch(() => {});
	await world.venue();
	expect(world.fatal.length).toBe(1);
	expect(world.fatal[0]).toBeInstanceOf(Superseded);
	const zombies = (await world.ordersOf(0)).length;
	await world.time.advance(250);
	// Only the new owner ticks.
	expect((await world.ordersOf(0)).length).toBe(zombies + 1);
});

test("a ledger that is away only delays the start", async () => {
	const world = new World();
	await world.match();
	world.ledgerAwayFor = 3;
	await world.venue();
	expect(world.ledgerAwayFor).toBeLessThan(0);
	expect(world.fatal).toEqual([]);
});

test("a fork, a hole and a higher epoch in trades stop it, once", async () => {
	for (const forge of [
		(last: EventRecord) => [{ ...last, hash: "f".repeat(16) }],
		(last: EventRecord) => [{ ...last, evSeq: last.evSeq + 2 }],
		(last: EventRecord) => [1, 2].map((n) => ({ ...last, epoch: 9, evSeq: last.evSeq + n })),
	]) {
		const { world } = await running();
		const end = await world.settled(world.trades.end(0));
		const [last] = await world.settled(world.trades.read(0, end - 1, 1));
		void world.trades.append(0, forge((last as { record: EventRecord }).record));
		const thrown = await world.time.advance(5).then(
			() => null,
			(error: unknown) => error,
		);
		const faults = [thrown, ...world.fatal].filter((error) => error !== null);
		expect(faults.length).toBe(1);
		expect([InvariantViolation, Superseded]).toContain((faults[0] as Error).constructor as never);
	}
});

test("who waits when it stops is told that nobody knows", async () => {
	const { world, venue } = await running();
	world.ordersFate = "not written";
	const asked = venue.addSymbol(btcUsdt);
	asked.catch(() => {});
	await world.time.advance(100);
	await world.settled(venue.stop());
	await expect(asked).rejects.toThrow(VenueStopped);
});

test("while the log is away one tick waits, not hundreds", async () => {
	const { world } = await running();
	const before = (await world.ordersOf(0)).length;
	world.ordersFate = "not written";
	await world.time.advance(10_000);
	world.ordersFate = "ok";
	await world.time.advance(100);
	expect((await world.ordersOf(0)).length).toBe(before + 1);
});

test("its position is committed, the same batch until the answer comes", async () => {
	const { world, venue } = await running();
	await world.settled(venue.addSymbol(btcUsdt));
	world.ledgerFaults = ["lost answer", "not done", "lost answer"];
	await world.time.advance(5_600);
	const { batch, config } = world.database.load(VENUE_SHARD);
	// The first is of its start.
	expect(batch).toBe(2);
	expect(config.symbols).toEqual([btcUsdt]);
	await world.time.advance(5_000);
	expect(world.database.load(VENUE_SHARD).batch).toBe(3);
	expect(world.fatal).toEqual([]);
	const position = world.position(0);
	expect((await world.ordersOf(0))[(position?.ordersOffset ?? 0) - 1]).toMatchObject({
		seq: position?.ordersSeq as number,
	});
});

test("a ledger that is away holds up neither the stop nor what the next one knows", async () => {
	const { world, venue } = await running();
	await world.settled(venue.addSymbol(btcUsdt));
	world.usualLedgerFault = "not done";
	await world.time.advance(5_050);
	// The commit under way fails, the last one arrives: what it brings must be whole.
	world.ledgerFaults = ["not done"];
	world.usualLedgerFault = "ok";
	await world.settled(venue.stop());
	expect(world.database.load(VENUE_SHARD).config.symbols).toEqual([btcUsdt]);
	world.usualLedgerFault = "not done";
	const next = await world.venue();
	await world.settled(next.stop());
	expect(world.database.load(VENUE_SHARD).batch).toBe(2);
});

test("its position is in the ledger as soon as it has started: a log lost then is missed", async () => {
	const { world } = await running();
	await world.time.advance(100);
	expect(world.position(0)?.tradesOffset).toBeGreaterThan(0);
});

test("its time goes on from the last it ever stamped, also from what no commit knows", async () => {
	const { world, venue } = await running();
	await world.time.advance(1_000);
	await world.settled(venue.addSymbol(btcUsdt));
	const last = (await world.ordersOf(0)).at(-1) as OrdersRecord;
	world.clockErrorMs = -400;
	await world.venue();
	const tick = (await world.ordersOf(0)).at(-1) as OrdersRecord;
	expect(tick.ts).toBeGreaterThanOrEqual(last.ts);
});

test("a clock that is more than half a second behind the log does not start", async () => {
	const { world } = await running();
	await world.time.advance(1_000);
	world.clockErrorMs = -900;
	world.ledgerClockErrorMs = -900;
	const started = world.settled(world.unstarted().start());
	await expect(started).rejects.toThrow(/the log's last is .* ms behind/);
});

test("a clock that is off from the ledger's does not start, and writes nothing", async () => {
	const { world } = await running();
	const { epoch } = world.database.load(VENUE_SHARD);
	for (const [offMs, words] of [
		[900, "900 ms ahead"],
		[-900, "900 ms behind"],
	] as const) {
		world.clockErrorMs = offMs;
		await expect(world.settled(world.unstarted().start())).rejects.toThrow(words);
	}
	expect(world.database.load(VENUE_SHARD).epoch).toBe(epoch);
});

test("a log that has lost what it acknowledged is not gone on with", async () => {
	const { world, venue } = await running();
	await world.time.advance(6_000);
	await world.settled(venue.stop());
	const { orders, trades } = world;
	world.orders = new MemoryLog({ ...emptyLog("orders", world), codec: ordersCodec });
	await expect(world.settled(world.unstarted().start())).rejects.toThrow("orders 0 has lost data");
	world.orders = orders;
	world.trades = new MemoryLog({ ...emptyLog("trades", world), codec: tradesCodec });
	await expect(world.settled(world.unstarted().start())).rejects.toThrow("trades 0 ends at 0");
	world.trades = trades;
	await world.venue();
});

function emptyLog(topic: string, world: World) {
	return { topic, partitions: PARTITIONS, logId: "test", scheduler: world.time };
}

test("on a ledger of an earlier moment no epoch is raised, however often a venue is started", async () => {
	const { world } = await running();
	const restore = world.database.backup();
	await world.venue();
	restore();
	const { epoch } = world.database.load(VENUE_SHARD);
	for (let attempt = 0; attempt < 5; attempt += 1) {
		const start = world.settled(world.unstarted().start());
		await expect(start).rejects.toThrow("docs/runbooks/ledger-restored.md");
	}
	expect(world.database.load(VENUE_SHARD).epoch).toBe(epoch);
});
