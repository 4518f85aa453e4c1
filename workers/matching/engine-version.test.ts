import { expect, test } from "bun:test";
import { EngineTooOld } from "../../engine/engine-too-old.ts";
import { CommandKind } from "../../schemas/command.ts";
import { World } from "./testing/world.ts";

const NEW_RULES = { kind: CommandKind.SetEngineVersion, version: 2 } as const;

/** Where an older program took some trades, left a snapshot, and then was told of new rules. */
async function toldOfNewRules(): Promise<World> {
	const world = new World();
	await world.begin();
	const older = await world.worker(1);
	await world.trade(3);
	await world.time.advance(5);
	await world.settled(older.stop());
	await world.send(NEW_RULES);
	await world.trade(2);
	return world;
}

test("a newer program goes on from the older one's snapshot, and says which rules are in force", async () => {
	const world = await toldOfNewRules();
	const newer = await world.worker(2);
	await world.time.advance(5);
	expect(await world.published()).toEqual(await world.expected(2));
	expect(newer.metrics()).toContain('castle_matching_engine_version{partition="0"} 2');
	expect([world.fatal, world.warnings]).toEqual([[], []]);
});

test("an older program takes nothing from there on, wherever it meets it", async () => {
	const world = await toldOfNewRules();
	const before = (await world.published()).length;
	await expect(world.worker(1)).rejects.toThrow(EngineTooOld);
	expect(await world.published()).toHaveLength(before);
	await world.settled((await world.worker(2)).stop());
	const whole = await world.published();
	expect(whole.length).toBeGreaterThan(before);
	// The newer one's snapshot is of rules that it does not know.
	await expect(world.worker(1)).rejects.toThrow(EngineTooOld);
	expect(JSON.stringify(world.warnings)).toContain("a snapshot of another version");
	expect(await world.published()).toEqual(whole);
});

test("an older program that trades stops at it", async () => {
	const world = new World();
	await world.begin();
	await world.worker(1);
	await world.trade(2);
	await world.time.advance(5);
	const before = (await world.published()).length;
	await expect(world.send(NEW_RULES)).rejects.toThrow(EngineTooOld);
	await world.time.advance(50);
	expect(await world.published()).toHaveLength(before);
});
