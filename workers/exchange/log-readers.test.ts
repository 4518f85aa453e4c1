import { expect, test } from "bun:test";
import { LossyVenue, PARTITIONS, SHARDS } from "../recovery/testing/lossy-venue.ts";
import { neededOffsets } from "./log-readers.ts";

const SEEDS = Number(process.env["TRIM_SEEDS"] ?? 8);
const MINUTE_MS = 60_000;
const logger = { info() {}, warn() {}, error() {} };

for (let seed = 1; seed <= SEEDS; seed += 1) {
	test(`trimmed to the last record that somebody needs, killed, started, again and again: seed ${seed}`, async () => {
		const venue = new LossyVenue(seed);
		const { dice } = venue;
		await venue.open();
		let trimmed = 0;
		for (let round = 0; round < 8; round += 1) {
			await venue.trade(10 + dice.roll(30));
			// A reader that stays behind, and a snapshot that is lost.
			letLag(venue, round);
			await venue.trade(10 + dice.roll(30));
			// Time for all others to go past it: the venue says only every 5 s how far it is.
			if (dice.chance(700)) await venue.time.advance(dice.roll(12_000));
			await venue.trade(10 + dice.roll(30));
			trimmed += await trim(venue);
			if (dice.chance(500)) await venue.trade(dice.roll(20));
			venue.kill();
			if (dice.chance(500)) await loseNewestSnapshot(venue);
			venue.mend();
			await venue.start();
			await venue.time.advance(3_000);
			expect(await venue.faults()).toEqual([]);
			const { books, ...others } = await venue.openIds();
			expect(others).toEqual({ accounts: books, ledger: books, orderLog: books });
		}
		expect(trimmed).toBeGreaterThan(0);
		await venue.close();
	});
}

test("with one good snapshot of two, whoever would start from it needs everything", async () => {
	for (const kind of ["matching", "market-data"]) {
		const venue = new LossyVenue(1);
		await venue.open();
		await venue.trade(60);
		await venue.time.advance(3_000);
		expect(await trim(venue)).toBeGreaterThan(0);
		await loseNewestSnapshot(venue, [kind]);
		const { orders, trades } = await needed(venue);
		expect(trades).toEqual([0, 0]);
		if (kind === "matching") expect(orders).toEqual([0, 0]);
		venue.kill();
		await venue.close();
	}
});

test("a partition that a shard has nothing to say to does not keep the log", async () => {
	const venue = new LossyVenue(1);
	await venue.open();
	await venue.time.advance(10 * MINUTE_MS);
	const { orders } = await needed(venue);
	for (let partition = 0; partition < PARTITIONS; partition += 1) {
		const end = await venue.finish(venue.orders.end(partition));
		// Ten minutes are 2,400 ticks.
		expect(end - (orders[partition] ?? 0)).toBeLessThan(500);
	}
	venue.kill();
	await venue.close();
});

/** One after the other falls behind, until everything is killed. */
function letLag(venue: LossyVenue, round: number): void {
	const { dice } = venue;
	if (round === 1 || round === 6) venue.cutLedger(1 + dice.roll(SHARDS));
	if (round === 2 || round === 6) venue.cutHistory();
	if (round === 3 || round === 6) venue.cutOrderLog(dice.roll(PARTITIONS));
	if (round === 5) venue.cutMatching();
}

function needed(venue: LossyVenue) {
	return venue.finish(neededOffsets({ ...venue.ports(), logger }, 1));
}

/** Without a margin but for the record before a position, which readers look at. */
async function trim(venue: LossyVenue): Promise<number> {
	const offsets = await needed(venue);
	let trimmed = 0;
	for (let partition = 0; partition < PARTITIONS; partition += 1) {
		const [orders, trades] = [offsets.orders[partition] ?? 0, offsets.trades[partition] ?? 0];
		venue.orders.trim(partition, orders);
		venue.trades.trim(partition, trades);
		trimmed += orders + trades;
	}
	return trimmed;
}

/** Of each kind and partition; the older must do. */
async function loseNewestSnapshot(
	{ archive, time }: LossyVenue,
	kinds = ["matching", "market-data"],
): Promise<void> {
	for (const kind of kinds) {
		for (let partition = 0; partition < PARTITIONS; partition += 1) {
			const names = archive.list(`${kind}/${partition}/`);
			await time.advance(1);
			const newest = (await names).at(-1);
			if (newest !== undefined) void archive.delete(newest);
		}
	}
	await time.advance(1);
}
