import { expect, test } from "bun:test";
import { buy, sell } from "../../engine/testing/commands.ts";
import { World } from "./testing/world.ts";

test("a snapshot comes after 50,000 lines, in books of more orders after as many as they have", async () => {
	const world = new World();
	await world.begin();
	await world.worker();
	const sells = (count: number) =>
		world.send(...Array.from({ length: count }, () => sell(1, 1, 9)));
	const newest = async () => Number((await world.snapshots()).at(-1)?.split("/").at(-1) ?? 0);
	await sells(49_997);
	expect(await newest()).toBe(0);
	await sells(1);
	await world.time.advance(1_000);
	expect(await newest()).toBe(50_000);
	await sells(60_000);
	await world.time.advance(1_000);
	expect(await newest()).toBe(110_000);
	await sells(100_000);
	await world.time.advance(1_000);
	expect(await newest()).toBe(110_000);
	await sells(15_000);
	await world.time.advance(1_000);
	expect(await newest()).toBe(225_000);
});

test("lines that come while a snapshot is written are not in it", async () => {
	const world = new World();
	await world.begin();
	await world.worker();
	const sells = world.send(...Array.from({ length: 49_998 }, () => sell(1, 1, 9)));
	const buys = world.send(...Array.from({ length: 10 }, () => buy(2, 1, 9)));
	await Promise.all([sells, buys]);
	await world.time.advance(1_000);
	expect(await world.snapshots()).toEqual(["matching/0/0000000000050000"]);
	world.orders.dropFollowers();
	await world.worker();
	expect(world.warnings).toEqual([]);
	expect(world.fatal).toEqual([]);
});
