/**
 * Kafka dies under load and its disk is empty: the runbook `docs/runbooks/log-lost.md`, step by step, on real
 * servers. What was at rest before is all there; what was under way may be lost, and the books agree.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { KillLoad } from "./testing/kill/load.ts";
import type { TestUser } from "./testing/running-exchange.ts";
import { StackUnderTest } from "./testing/stack-kills/stack-under-test.ts";

const FUNDS = { BTC: "100", ETH: "1000", USDT: "10000000" };
const CLIENTS_PER_USER = 4;
const GO_ON_AFTER_MS = 50;
const ORDERS = 500;
const exchange = new StackUnderTest(() => {});
const users: TestUser[] = [];

beforeAll(async () => {
	await exchange.start();
	for (let i = 0; i < 4; i += 1) users.push(await exchange.createUser(FUNDS));
});
afterAll(() => exchange.dispose());

/** Trades until so many more orders were answered; then until `over` resolves. */
async function trade(load: KillLoad, over: () => Promise<void> = async () => {}): Promise<void> {
	const enough = load.answered + ORDERS;
	const ending = until(() => load.answered >= enough).then(over);
	await Promise.all([load.trade(CLIENTS_PER_USER, ending), ending]);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await holds())) await Bun.sleep(50);
}

/** Everything that was answered is in the ledger and in the order log. */
async function isSettled(): Promise<boolean> {
	const texts = ["accounts-1", "accounts-2", "accounts-standby", "order-log"].map(async (name) => {
		return (await fetch(`http://127.0.0.1:${exchange.part(name).port}/metrics`)).text();
	});
	const lags = (await Promise.all(texts)).flatMap((text) => [
		...text.matchAll(/^castle_(?:order_log_lag|account_write_behind_lag_seconds)\{.*\} (.+)$/gm),
	]);
	return lags.length >= 4 && lags.every(([, lag]) => lag === "0");
}

test("the exchange comes back with every settled balance and order, and trades", async () => {
	const before = new KillLoad(exchange, users, GO_ON_AFTER_MS);
	await trade(before);
	await until(isSettled);

	const during = new KillLoad(exchange, users, GO_ON_AFTER_MS, "during");
	await trade(during, async () => {
		await exchange.wipeKafka();
		await exchange.killProcesses();
	});
	expect(await exchange.run("db/stores/main.ts")).toContain("created");
	const preview = await exchange.run("workers/recovery/main.ts", "--servers", "--orders");
	expect(preview).toContain("nothing was changed");
	const done = await exchange.run("workers/recovery/main.ts", "--servers", "--apply");
	expect(done).toContain("done: start the exchange");
	await exchange.startProcesses();

	expect(await exchange.operator.operator("audit", {})).toMatchObject({ sound: true });
	expect(await before.faults()).toEqual([]);
	const lost = (await during.faults()).length;
	console.log(`${during.answered} orders answered before the disk was wiped, ${lost} of them lost`);
	expect(lost).toBeLessThan(during.answered);

	const after = new KillLoad(exchange, users, GO_ON_AFTER_MS, "after");
	await trade(after);
	expect(await after.faults()).toEqual([]);
	expect(await exchange.operator.operator("audit", {})).toMatchObject({ sound: true });
});
