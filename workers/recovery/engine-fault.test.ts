import { afterEach, expect, spyOn, test } from "bun:test";
import { Engine } from "../../engine/engine.ts";
import { type Command, CommandKind } from "../../schemas/command.ts";
import { commandRow } from "../../schemas/command-codec.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { SymbolState } from "../../schemas/order.ts";
import { SettingsError } from "../../schemas/settings.ts";
import { breakingCommandOf, checkSkip, skipCommand } from "./skip-command.ts";
import { LossyVenue, SHARDS } from "./testing/lossy-venue.ts";
import { soundBooks } from "./testing/sound-books.ts";

/** From here on the engine breaks at what `isBreaking`, after it has taken it. */
function breakEngines(isBreaking: (command: Command) => boolean): void {
	const { apply } = Engine.prototype;
	engine = spyOn(Engine.prototype, "apply").mockImplementation(function (this: Engine, ...given) {
		apply.apply(this, given);
		if (isBreaking(given[0])) throw new InvariantViolation("rehearsed");
	});
}

let engine: { mockRestore(): void } | null = null;

afterEach(() => {
	engine?.mockRestore();
	engine = null;
});

async function openVenue(seed: number): Promise<LossyVenue> {
	const venue = new LossyVenue(seed);
	await venue.open();
	await venue.trade(20);
	return venue;
}

/** What the venue and each account shard have brought to the ledger of the markets' states. */
function statesOf({ database }: LossyVenue): SymbolState[][] {
	const shards = Array.from({ length: SHARDS + 1 }, (_, shard) => database.load(shard).config);
	return shards.map(({ symbols }) => symbols.map(({ state }) => state));
}

test("an order that breaks the engine is refused and holds nothing; its market halts, the other trades", async () => {
	const venue = await openVenue(11);
	// The next that comes, and what is it when it is read again.
	let broken = "";
	breakEngines((command) => {
		if (command.kind !== CommandKind.PlaceOrder || command.symbolId !== 1) return false;
		const row = JSON.stringify(commandRow(command));
		broken ||= row;
		return row === broken;
	});
	await venue.trade(30);
	expect(broken).not.toBe("");
	await venue.time.advance(10_000);
	const { Halt, Trading } = SymbolState;
	expect(statesOf(venue)).toEqual(Array(SHARDS + 1).fill([Halt, Trading]));
	await soundBooks(venue, 3_000);
	venue.kill();
	await venue.start();
	await venue.trade(20);
	await soundBooks(venue, 3_000);
	await venue.close();
});

test("a deposit that breaks the engine stops matching until it is skipped; it may come again then", async () => {
	const venue = await openVenue(12);
	breakEngines(({ kind, ...command }) =>
		kind === CommandKind.Deposit && "amount" in command ? command.amount === 666n : false,
	);
	const request = { userId: 1, assetId: 2, externalId: "late" };
	void venue.serviceOf(1).deposit({ ...request, amount: 666n });
	await venue.trade(20);
	const says = /the engine cannot take seq (\d+) of shard (\d+)/.exec(String(venue.fatal));
	const [seq, shard] = [Number(says?.[1]), Number(says?.[2])];
	const partition = shard % 2;
	venue.kill();
	await expect(venue.start()).rejects.toThrow(`seq ${seq} of shard ${shard}`);
	venue.fatal.length = 0;

	const ports = venue.ports();
	// Wrong numbers, at night.
	for (const wrong of [
		{ shard, seq: seq + 1_000 },
		{ shard: 7, seq: 5 },
	]) {
		const checked = venue.finish(checkSkip(ports, { partition, ...wrong }));
		await expect(checked).rejects.toThrow(`no seq ${wrong.seq} of shard ${wrong.shard} that waits`);
	}
	await venue.finish(checkSkip(ports, { partition, shard, seq }));
	await venue.finish(skipCommand(ports, { partition, shard, seq }));
	await venue.start();
	await soundBooks(venue, 3_000);
	const again = await venue.finish(venue.serviceOf(1).deposit({ ...request, amount: 667n }));
	expect(again).toMatchObject({ ok: true, value: { repeated: false } });
	await venue.trade(20);
	await soundBooks(venue, 3_000);
	const late = venue.finish(skipCommand(ports, { partition, shard, seq }));
	await expect(late).rejects.toThrow("it cannot be skipped any more");
	expect(venue.fatal).toEqual([]);
	await venue.close();
});

test("what is to be skipped is named by partition, shard and seq", async () => {
	expect(breakingCommandOf("0:1:4711")).toEqual({ partition: 0, shard: 1, seq: 4_711 });
	for (const text of ["", "0:1", "0:1:0", "a:1:2", "0:1:2:3", "-1:1:2", " 0:1:2"]) {
		expect(() => breakingCommandOf(text)).toThrow(SettingsError);
	}
	const venue = await openVenue(13);
	const wrong = venue.finish(checkSkip(venue.ports(), { partition: 2, shard: 1, seq: 9 }));
	await expect(wrong).rejects.toThrow("there are 2 partitions, none is 2");
	await venue.close();
});

test("from a machine whose clock is off nothing is written: its time would be the log's for good", async () => {
	const venue = await openVenue(14);
	venue.kill();
	const ports = venue.ports();
	const hourAhead = {
		nowMs: () => venue.time.nowMs() + 3_600_000,
		monotonicMs: () => venue.time.monotonicMs(),
	};
	const command = { partition: 1, shard: 1, seq: 999_999 };
	const skipped = venue.finish(skipCommand({ ...ports, clock: hourAhead }, command));
	await expect(skipped).rejects.toThrow("3600000 ms ahead");
	await venue.start();
	await soundBooks(venue, 3_000);
	await venue.close();
});
