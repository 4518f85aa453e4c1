/** What the operator does by `castle recover` stands in the audit log, as everything else that he changes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { openFileLog } from "../../db/log/file-log.ts";
import { systemScheduler } from "../../db/machine/system-time.ts";
import { CommandKind } from "../../schemas/command.ts";
import { RunningExchange } from "./testing/running-exchange.ts";

const RECOVERY = resolve(import.meta.dir, "../recovery/main.ts");
const exchange = new RunningExchange();
const log = join(exchange.dataDir, "log");

beforeAll(async () => {
	await exchange.start();
	await exchange.createUser({ USDT: "1" });
});
afterAll(() => exchange.dispose());

async function recover(...flags: string[]): Promise<void> {
	const child = Bun.spawn([process.execPath, RECOVERY, ...flags], {
		env: exchange.environment(),
		stdout: "pipe",
	});
	const out = await new Response(child.stdout).text();
	expect([await child.exited, out]).toEqual([0, expect.stringContaining("done: start")]);
}

/** Entries that are there by now and were not before. */
async function entriesOf(...subjects: string[]) {
	const entries = await exchange.operator<Record<string, unknown>[]>("audit", "log");
	const told = entries.map(({ actor, action, subject }) => ({ actor, action, subject }));
	return told.filter(({ subject }) => subjects.includes(String(subject)));
}

/** A command that matching has not answered; gives its seq. */
async function leaveCommand(): Promise<number> {
	const files = await openFileLog({ folder: log, partitions: 1, scheduler: systemScheduler });
	const lines = await files.orders.read(0, 0, 1_000_000);
	const last = lines.findLast(({ record }) => record.shard === 1 && record.command !== null);
	if (last === undefined || last.record.command === null) throw new Error("shard 1 has no command");
	const seq = last.record.seq + 1;
	await files.orders.append(0, [{ ...last.record, seq, command: { kind: CommandKind.Beat } }]);
	await files.close();
	return seq;
}

test("a skipped command, a restored ledger, a lost log", async () => {
	await exchange.stop();
	const seq = await leaveCommand();
	await recover(`--skip=0:1:${seq}`, "--apply");
	await recover("--ledger-restored", "--apply");
	await exchange.start();
	await exchange.stop();
	rmSync(log, { recursive: true });
	await recover("--apply");
	await exchange.start();
	expect(await entriesOf(`command:0:1:${seq}`, "ledger", "log")).toEqual([
		{ actor: "operator", action: "recover.skip", subject: `command:0:1:${seq}` },
		{ actor: "operator", action: "recover.ledger-restored", subject: "ledger" },
		{ actor: "operator", action: "recover", subject: "log" },
	]);
	expect(await exchange.operator("audit", "verify")).toMatchObject({ sound: true });
	expect(await exchange.operator("audit")).toMatchObject({ sound: true });
});
