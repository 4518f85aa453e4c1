/**
 * A worker that is killed and started again, from snapshots or from the log's beginning, says what one says that lives;
 * also beside others of its partition, which were thought dead, and go on or stop.
 */
import { afterEach, expect, type Mock, spyOn, test } from "bun:test";
import type { AppendFate } from "../../db/log/memory-log.ts";
import { Engine } from "../../engine/engine.ts";
import { type Command, CommandKind } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { Dice } from "../accounts/testing/random-requests.ts";
import { RandomVenue } from "../accounts/testing/random-venue.ts";
import { PartitionState } from "./partition-state.ts";
import { World } from "./testing/world.ts";
import type { MatchingWorker } from "./worker.ts";

const SEEDS = Number(process.env["MATCHING_SEEDS"] ?? 5);
const FIRST_SEED = Number(process.env["MATCHING_FIRST_SEED"] ?? 1);
const STEPS = 100;
const FATES: readonly AppendFate[] = ["ok", "ok", "ok", "lost ack", "not written", "late", "twice"];

let engine: Mock<Engine["apply"]> | null = null;

afterEach(() => {
	engine?.mockRestore();
	engine = null;
});

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`a start goes on as if it had lived: seed ${seed}`, async () => {
		const world = await livedThrough(seed);
		expect(await world.published()).toEqual(await world.expected());
	});

	test(`and as if it had refused what breaks the engine: seed ${seed}`, async () => {
		const world = await livedThrough(seed, breakEngines);
		expect(await world.published()).toEqual(await expectedWithRefusals(world));
	});
}

/** A world with random lines, and workers of random lives that took them all. */
async function livedThrough(seed: number, prepare = () => {}): Promise<World> {
	const dice = new Dice(seed * 7_919);
	const venue = new RandomVenue(seed);
	await venue.open();
	for (let step = 0; step < STEPS; step += 1) await venue.step();
	const lines = [...venue.world.orders.all(0)];

	prepare();
	const world = new World();
	let workers: MatchingWorker[] = [await world.worker()];
	while (lines.length > 0) {
		for (let n = 0; n < 20; n += 1) world.fates.push(FATES[dice.roll(FATES.length)] as AppendFate);
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
	return world;
}

/** From here on engines break where they have done all of some orders but say so. */
function breakEngines(): void {
	const { apply } = Engine.prototype;
	engine = spyOn(Engine.prototype, "apply").mockImplementation(function (this: Engine, ...given) {
		apply.apply(this, given);
		if (isBreaking(given[0])) throw new InvariantViolation("rehearsed");
	});
}

function isBreaking(command: Command | null): boolean {
	return command?.kind === CommandKind.PlaceOrder && command.qtyLots === 7;
}

async function expectedWithRefusals(world: World): Promise<EventRecord[]> {
	const state = PartitionState.empty(0, "naive");
	return world.orders.all(0).flatMap((line) => {
		const counts = state.gateAhead().judge(line) === "accepted";
		const refused = counts && line.command !== null && isBreaking(line.command);
		return refused ? state.refuse(line) : state.apply(line);
	});
}
