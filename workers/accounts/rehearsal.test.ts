import { expect, test } from "bun:test";
import { rehearse } from "./start.ts";
import { but, standbyIn } from "./testing/standby.ts";
import { World } from "./testing/world.ts";

const USDT = 2;

async function standby() {
	const { world, process } = await World.open();
	await world.deposit(process, 1, USDT, 10_000_000n);
	await world.time.advance(200);
	return { world, process, parts: standbyIn(world) };
}

test("a rehearsal of a start changes nothing, and the owner goes on", async () => {
	const { world, process, parts } = await standby();
	const everything = async () => [
		world.database.load(1),
		await world.finish(Promise.all([0, 1].map((partition) => world.orders.end(partition)))),
	];
	const before = await everything();
	await world.finish(rehearse(parts));
	expect(await everything()).toEqual(before);
	await world.deposit(process, 1, USDT, 1n);
});

test("a rehearsal fails where a start would", async () => {
	const { world, parts } = await standby();
	const { orders, trades, clock } = parts;
	const end = async () => 0;
	await world.finish(rehearse(parts));
	for (const [differs, why] of [
		[{ clock: but(clock, { nowMs: () => clock.nowMs() - 60_000 }) }, /60000 ms behind/],
		[{ orders: but(orders, { end }) }, /orders \d ends at 0/],
		[{ trades: but(trades, { end }) }, /trades \d ends at 0/],
		[{ orders: but(orders, { logId: "b" }), trades: but(trades, { logId: "b" }) }, /another log/],
	] as const) {
		const failed = world.finish(rehearse({ ...parts, ...differs }));
		await expect(failed).rejects.toThrow(why);
	}
});
