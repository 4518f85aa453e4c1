/** PostgreSQL is that of a backup: the exchange refuses to start, `castle recover` brings it back. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { RunningExchange } from "./testing/running-exchange.ts";

const RECOVERY = resolve(import.meta.dir, "../recovery/main.ts");
const exchange = new RunningExchange();
const live = join(exchange.dataDir, "postgres");
const backup = join(tmpdir(), `castle-backup-${crypto.randomUUID()}`);

beforeAll(async () => {
	await exchange.start();
});
afterAll(async () => {
	await exchange.dispose();
	rmSync(backup, { recursive: true, force: true });
});

/** The folder with its owner, who is not root. */
async function copyFolder(from: string, to: string): Promise<void> {
	rmSync(to, { recursive: true, force: true });
	expect(await Bun.spawn(["cp", "-a", from, to]).exited).toBe(0);
}

async function recover(...flags: string[]): Promise<string> {
	const child = Bun.spawn([process.execPath, RECOVERY, ...flags], {
		env: exchange.environment(),
		stdout: "pipe",
	});
	const out = await new Response(child.stdout).text();
	expect(await child.exited).toBe(0);
	return out;
}

test("what was traded since the backup is settled again, and no number of a user or a key is given twice", async () => {
	await exchange.createUser({ USDT: "1" });
	await exchange.stop();
	await copyFolder(live, backup);
	await exchange.start();
	const lost = await exchange.createUser({ USDT: "77" });
	await exchange.stop();
	await copyFolder(backup, live);
	await expect(exchange.start()).rejects.toThrow("docs/runbooks/ledger-restored.md");

	expect(await recover("--ledger-restored")).toContain("nothing was changed");
	const told = await recover("--ledger-restored", "--apply");
	expect(told).toContain("done: start the exchange");
	// Broken off in between, it leaves an exchange that does not start.
	expect(told).toMatch(/users: the next .*shard 1: raised to /s);
	await exchange.start();
	expect((await exchange.operator<{ sound: boolean }>("audit")).sound).toBe(true);

	const since = exchange.log();
	for (const [action, subject] of [
		["user.create", `user:${lost.userId}`],
		["key.create", `key:${lost.keyId}`],
	] as const) {
		expect(since).toContain(`"actor":"operator","action":"${action}","subject":"${subject}"`);
	}

	const next = await exchange.createUser({});
	expect(next.keyId).toBeGreaterThan(lost.keyId);
	expect(next.userId).toBeGreaterThan(lost.userId);
	expect(told).toContain(`the next one's number is ${next.userId} or more`);
	const { balances } = await exchange.operator<{ balances: unknown[] }>(
		...["balances", "--user", String(next.userId)],
	);
	expect(balances).toEqual([]);
});

test("with the log lost too, who came after the backup gives his number to nobody either", async () => {
	await exchange.stop();
	await copyFolder(live, backup);
	await exchange.start();
	const lost = await exchange.createUser({ USDT: "77" });
	await exchange.kill(true);
	await copyFolder(backup, live);
	rmSync(join(exchange.dataDir, "log"), { recursive: true });

	const told = await recover("--apply");
	expect(told).toContain("done: start the exchange");
	await exchange.start();
	expect((await exchange.operator<{ sound: boolean }>("audit")).sound).toBe(true);
	const next = await exchange.createUser({});
	expect(next.keyId).toBeGreaterThan(lost.keyId);
	expect(next.userId).toBeGreaterThan(lost.userId);
	expect(told).toContain(`the next one's number is ${next.userId} or more`);
});
