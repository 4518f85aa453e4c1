/**
 * A worker that is killed and started again, from snapshots or from the log's beginning, says what one says that lives;
 * also beside others of its partition, which were thought dead, and go on or stop.
 */
import { expect, test } from "bun:test";
import type { AppendFate } from "../../db/log/memory-log.ts";
import { Dice } from "../accounts/testing/random-requests.ts";
import { RandomVenue } from "../accounts/testing/random-venue.ts";
import { World } from "./testing/world.ts";
import type { MatchingWorker } from "./worker.ts";

const SEEDS = Number(process.env["MATCHING_SEEDS"] ?? 5);
const FIRST_SEED = Number(process.env["MATCHING_FIRST_SEED"] ?? 1);
const STEPS = 100;
const FATES: readonly AppendFate[] = ["ok", "ok", "ok", "lost ack", "not written", "late", "twice"];

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`a start goes on as if it had lived: seed ${seed}`, async () => {
		const dice = new Dice(seed * 7_919);
		const venue = new RandomVenue(seed);
		await venue.open();
		for (let step = 0; step < STEPS; step += 1) await venue.step();
		const lines = [...venue.world.orders.all(0)];

		const world = new World();
		let workers: MatchingWorker[] = [await world.worker()];
		while (lines.length > 0) {
			for (let n = 0; n < 20; n += 1)
				world.fates.push(FATES[dice.roll(FATES.length)] as AppendFate);
			await world.lines(lines.splice(0, 1 + dice.roll(5)));
			// Long enough for a snapshot, now and then.
			await world.time.advance(dice.chance(100) ? 31_000 : dice.roll(20));
			if (dice.chance(500)) continue;
			const stopping = dice.chance(300) ? workers.shift()?.stop() : undefined;
			if (workers.length === 0 || dice.chance(200)) {
				await world.settled(Promise.resolve(stopping));
				world.orders.dropFollowers();
				world.trades.dropCallers();
				workers = [];
			}
			if (workers.length < 3) workers.push(await world.worker());
		}
		world.fates.length = 0;
		await world.time.advance(1_000);
		expect(world.fatal).toEqual([]);
		expect(await world.published()).toEqual(await world.expected());
	});
}
