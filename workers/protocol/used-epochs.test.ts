import { expect, test } from "bun:test";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { raiseEpochs } from "../recovery/restored-ledger.ts";
import { LossyVenue, SHARDS } from "../recovery/testing/lossy-venue.ts";
import { checkUsedEpochs } from "./used-epochs.ts";

const ALL = Array.from({ length: SHARDS + 1 }, (_, shard) => shard);

test("a ledger of an earlier moment, or a new one, is refused as often as it is asked, until its epochs are raised", async () => {
	const venue = new LossyVenue(5);
	const ports = venue.ports();
	const isNew = venue.database.backup();
	await venue.open();
	await venue.trade(5);
	const isEarlier = venue.database.backup();
	const check = async () => {
		const asked = ALL.map((shard) =>
			checkUsedEpochs(venue.orders, ports.ledger, shard, venue.time).catch(String),
		);
		return (await venue.finish(Promise.all(asked))).find((says) => says !== undefined);
	};
	for (const restored of [isEarlier, isNew]) {
		venue.kill();
		await venue.start();
		await venue.trade(5);
		venue.kill();
		expect(await check()).toBeUndefined();
		restored();
		const before = ALL.map((shard) => venue.database.load(shard).epoch);
		for (let attempt = 0; attempt < 10; attempt += 1) {
			expect(await check()).toContain("docs/runbooks/ledger-restored.md");
			expect(await check()).toContain(new InvariantViolation("").name);
		}
		expect(ALL.map((shard) => venue.database.load(shard).epoch)).toEqual(before);
		await venue.finish(raiseEpochs(ports));
		expect(await check()).toBeUndefined();
		await venue.start();
		expect(await venue.faults()).toEqual([]);
	}
	await venue.close();
});
