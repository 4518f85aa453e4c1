/**
 * kill -9 under load, again and again, on the same data folder, at the moments that hurt most; after each
 * all that can be asked of the exchange is asked: its log, its audit, its API, its streams, its clients.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { AtRest } from "./testing/kill/at-rest.ts";
import { faultsAtRest } from "./testing/kill/at-rest-checks.ts";
import { DurableLog } from "./testing/kill/durable-log.ts";
import { KillFunds } from "./testing/kill/funds.ts";
import { KillLoad } from "./testing/kill/load.ts";
import { type KillRound, roundTable } from "./testing/kill/round-table.ts";
import { KILL_SCENES, type KillScene } from "./testing/kill/scenes.ts";
import { KillWitness } from "./testing/kill/witness.ts";
import { RunningExchange, type TestUser } from "./testing/running-exchange.ts";
import { TestMarkets } from "./testing/test-markets.ts";

/** Each scene twice; 50 by hand. */
const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 2 * KILL_SCENES.length);
const READY_MS = 5_000;
const CLIENTS_PER_USER = 4;
const FUNDS = { BTC: "100", ETH: "1000", USDT: "10000000" };

const exchange = new RunningExchange();
const users: TestUser[] = [];
const log = new DurableLog(exchange.dataDir);
const rounds: KillRound[] = [];
let load: KillLoad;
let funds: KillFunds;
let venue: AtRest;
let witness: KillWitness;

beforeAll(async () => {
	await exchange.start();
	for (let i = 0; i < 4; i += 1) users.push(await exchange.createUser(FUNDS));
	load = new KillLoad(exchange, users);
	funds = new KillFunds(new TestMarkets(exchange), users, FUNDS);
	venue = new AtRest(exchange, users);
	await venue.read();
	witness = await KillWitness.open(exchange, venue);
});

afterAll(async () => {
	await exchange.dispose();
	const table = roundTable(rounds);
	console.log(table);
	const file = process.env["KILL_TABLE"];
	if (file !== undefined) writeFileSync(file, `# kill -9 under load\n\n${table}\n`);
});

test.each(Array.from({ length: ROUNDS }, (_, i) => [i + 1, sceneOf(i).says, sceneOf(i)] as const))(
	"kill %d: %s",
	async (_round, says, scene) => {
		const { answered, unknown } = load;
		const killed = scene.strike(exchange);
		await Promise.all([load.trade(CLIENTS_PER_USER, killed), funds.move(killed)]);
		const moments = [await killed];
		const faults = [...(await log.faults()), ...load.notIn(log.placed)];
		if (scene.again !== undefined) moments.push(await scene.again(exchange));
		const readyMs = await exchange.start();
		const { heard } = witness;
		faults.push(...(await load.faults()), ...(await funds.faults()), ...(await askAll()));
		rounds.push({
			...{ says, moment: moments.join(", then "), readyMs, heard, faults },
			...{ answered: load.answered - answered, unknown: load.unknown - unknown },
			trades: [...venue.trades.values()].reduce((sum, rows) => sum + rows.length, 0),
			logRecords: log.records,
		});
		expect(faults).toEqual([]);
		expect(readyMs).toBeLessThan(READY_MS);
	},
);

test("the load was one: orders were answered, and some died on the way", () => {
	console.log(`${load.answered} orders answered, ${load.unknown} with unknown outcome`);
	expect(load.answered).toBeGreaterThan(ROUNDS * 20);
	expect(load.unknown).toBeGreaterThan(0);
});

test("the whole log, read again from its beginning", async () => {
	await witness.close();
	await exchange.stop();
	const whole = new DurableLog(exchange.dataDir);
	expect(await whole.faults()).toEqual([]);
	expect(whole.records).toBeGreaterThanOrEqual(log.records);
});

/** Audit, API and streams of the exchange that came back; then the streams of clients that resume. */
async function askAll(): Promise<string[]> {
	const audit = await exchange.operator("audit");
	const faults = audit["sound"] === true ? [] : [`audit: ${JSON.stringify(audit)}`];
	await venue.read();
	faults.push(...(await faultsAtRest(venue, funds.totals)), ...witness.faults());
	await witness.close();
	witness = await KillWitness.open(exchange, venue);
	// Also so that the bound on open orders does not end the trading.
	await load.clear();
	await venue.read();
	faults.push(...(await witness.missing()), ...witness.faults());
	return faults;
}

function sceneOf(round: number): KillScene {
	return KILL_SCENES[round % KILL_SCENES.length] as KillScene;
}
