/** kill -9 under load, again and again, on the same data folder; half the times PostgreSQL dies too. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { KillLoad } from "./testing/kill-load.ts";
import { RunningExchange, type TestUser } from "./testing/running-exchange.ts";

const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 20);
const READY_MS = 5_000;

const exchange = new RunningExchange();
const users: TestUser[] = [];
let load: KillLoad;

beforeAll(async () => {
	await exchange.start();
	for (let i = 0; i < 4; i += 1) {
		users.push(await exchange.createUser({ BTC: "100", ETH: "1000", USDT: "10000000" }));
	}
	load = new KillLoad(exchange, users);
});

afterAll(() => exchange.dispose());

test.each(Array.from({ length: ROUNDS }, (_, i) => [i + 1, i % 2 === 1] as const))(
	"kill %d, PostgreSQL too: %p",
	async (_round, postgresToo) => {
		const moment = 300 + Math.random() * 1_200;
		const killed = Bun.sleep(moment).then(() => exchange.kill(postgresToo));
		await load.trade(4, killed);
		const readyMs = await exchange.start();
		console.log(
			`killed after ${moment.toFixed(0)} ms${postgresToo ? " with PostgreSQL" : ""}; ready again in ${readyMs.toFixed(0)} ms`,
		);
		expect(readyMs).toBeLessThan(READY_MS);
		expect(await load.faults()).toEqual([]);
		expect(await load.doubles()).toEqual([]);
		const audit = await exchange.operator("audit");
		expect(audit["sound"]).toBe(true);
		await load.clear();
	},
);

test("the load was one: orders were answered, and some died on the way", () => {
	console.log(`${load.answered} orders answered, ${load.unknown} with unknown outcome`);
	expect(load.answered).toBeGreaterThan(ROUNDS * 20);
	expect(load.unknown).toBeGreaterThan(0);
});
