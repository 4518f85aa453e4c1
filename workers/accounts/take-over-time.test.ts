import { expect, test } from "bun:test";
import { TAKE_OVER_WAIT_MS } from "../protocol/lease.ts";
import { pause } from "../protocol/patience.ts";
import { Superseded } from "../protocol/take-over.ts";
import { Access } from "./access.ts";
import { takeShard, untilSilent } from "./start.ts";
import { but, standbyIn } from "./testing/standby.ts";
import { World } from "./testing/world.ts";

const LOAD_MS = 2_000;

/** Takes a shard over whose ledger takes its time for a load; what else happens in that time. */
async function takingOver(meanwhile: (world: World) => void = () => {}) {
	const { world } = await World.open({ exclusive: false });
	const { time } = world;
	const parts = standbyIn(world);
	const ledger = but(parts.ledger, {
		async load(shard: number) {
			await pause(time, LOAD_MS);
			meanwhile(world);
			return await parts.ledger.load(shard);
		},
	});
	const options = { ...parts, ledger, access: new Access() };
	const begunMs = time.monotonicMs();
	const silent = takeShard(options).then((taken) => untilSilent(options, taken));
	return { world, silent, tookMs: () => time.monotonicMs() - begunMs };
}

test("a ledger that takes two seconds for a load is waited for while the old owner falls silent", async () => {
	const { world, silent, tookMs } = await takingOver();
	await world.finish(silent);
	expect(tookMs()).toBeGreaterThanOrEqual(TAKE_OVER_WAIT_MS);
	expect(tookMs()).toBeLessThan(TAKE_OVER_WAIT_MS + 200);
});

test("who is succeeded while the ledger is loaded goes on from nothing", async () => {
	const { world, silent } = await takingOver(({ database }) => database.raiseEpoch(1, 0));
	await expect(world.finish(silent)).rejects.toThrow(Superseded);
});
