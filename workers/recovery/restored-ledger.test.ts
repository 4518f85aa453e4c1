import { expect, test } from "bun:test";
import { recover } from "./recover.ts";
import { raiseEpochs } from "./restored-ledger.ts";
import { LossyVenue, SHARDS } from "./testing/lossy-venue.ts";
import { soundBooks } from "./testing/sound-books.ts";

const SEEDS = Number(process.env["RECOVERY_SEEDS"] ?? 8);

/** A venue with a log that goes on, whose ledger is of an earlier moment and knows earlier epochs only. */
async function restoredVenue(seed: number): Promise<LossyVenue> {
	const venue = new LossyVenue(seed);
	await venue.open();
	await venue.trade(20);
	const restore = venue.database.backup();
	for (let life = 0; life < 3; life += 1) {
		venue.kill();
		await venue.start();
		await venue.trade(10);
	}
	venue.kill();
	restore();
	return venue;
}

/** Starts it as a supervisor does: again, until it stays. */
async function startUntilItStays(venue: LossyVenue): Promise<number> {
	for (let attempt = 1; ; attempt += 1) {
		const error = await venue.start().catch((thrown: unknown) => thrown);
		if (error === undefined) return attempt;
		if (attempt === 10) throw error;
	}
}

test.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
	"with every epoch above any in the log, an earlier ledger comes back to what the log says: seed %d",
	async (seed) => {
		const venue = await restoredVenue(seed);
		await venue.finish(raiseEpochs(venue.ports()));
		expect(await startUntilItStays(venue)).toBe(1);
		await venue.trade(20);
		await soundBooks(venue, 3_000);
		await venue.close();
	},
);

test.each(Array.from({ length: SEEDS }, (_, i) => i + 101))(
	"it is the ledger that there was, to the last transfer and client id: seed %d",
	async (seed) => {
		const venue = new LossyVenue(seed);
		await venue.open();
		await venue.tradeThroughHalts(20 + venue.dice.roll(20));
		const restore = venue.database.backup();
		await venue.tradeThroughHalts(venue.dice.roll(40));
		venue.kill();
		await venue.start();
		await venue.tradeThroughHalts(venue.dice.roll(20));
		// Longer than the venue keeps a configuration to itself.
		await venue.time.advance(6_000);
		const before = ledgerOf(venue);
		venue.kill();
		restore();
		await venue.finish(raiseEpochs(venue.ports()));
		await venue.start();
		await venue.time.advance(6_000);
		expect(ledgerOf(venue)).toEqual(before);
		expect(await venue.faults()).toEqual([]);
		await venue.close();
	},
);

/** What the shards say of money and orders, whatever the batches were. */
function ledgerOf({ database }: LossyVenue) {
	return [0, 1, 2].map((shard) => {
		const { balances, openOrders, recentClientIds, externalIds, config } = database.load(shard);
		const transfers = [...database.transfers(shard)].sort(
			(a, b) => a.partition - b.partition || a.evSeq - b.evSeq || a.n - b.n,
		);
		const rest = { openOrders, recentClientIds, externalIds, config, transfers };
		return { ...rest, balances: balances.filter((row) => row.available !== 0n || row.held !== 0n) };
	});
}

test("what it says: each shard's epoch in the ledger, in the log, and from now on", async () => {
	const venue = await restoredVenue(1);
	const raised = await venue.finish(raiseEpochs(venue.ports()));
	expect(raised.map(({ shard }) => shard)).toEqual(Array.from({ length: SHARDS + 1 }, (_, i) => i));
	for (const { shard, inLedger, inLog, raisedTo } of raised) {
		expect(inLedger).toBeLessThan(inLog);
		expect(raisedTo).toBeGreaterThan(inLog);
		expect(venue.database.load(shard).epoch).toBe(raisedTo);
	}
	await venue.close();
});

test("a ledger of before the log was recovered is first recovered again, then brought to what the log says", async () => {
	const venue = new LossyVenue(4);
	await venue.open();
	await venue.trade(20);
	const restoreOlder = venue.database.backup();
	venue.cutLedger(1);
	await venue.trade(7);
	venue.lose();
	const restore = venue.database.backup();
	await venue.finish(recover(venue.ports(), () => {}));
	await venue.start();
	await venue.trade(40);
	await venue.time.advance(2_000);
	const balances = () => [1, 2].map((shard) => venue.database.load(shard).balances);
	const before = [balances(), await venue.openIds()];
	venue.kill();

	restoreOlder();
	const again = () => venue.finish(recover(venue.ports(), () => {}));
	await expect(again()).rejects.toThrow("of the ledger is of an earlier moment than the plan");
	restore();
	const raised = () => venue.finish(raiseEpochs(venue.ports()));
	await expect(raised()).rejects.toThrow("stands in the log first, and this is the log log-2");
	await again();
	await raised();
	await venue.start();
	await venue.time.advance(3_000);
	expect(await venue.faults()).toEqual([]);
	expect([balances(), await venue.openIds()]).toEqual(before);
	await venue.close();
});
