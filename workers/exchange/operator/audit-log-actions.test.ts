import { beforeEach, expect, test } from "bun:test";
import * as v from "valibot";
import { sha256Hex } from "../../../db/ledger/contract/audit-log-contract.ts";
import { microtaskScheduler } from "../../../db/ledger/contract/microtask-scheduler.ts";
import { MemoryAuditLog } from "../../../db/ledger/memory-audit-log.ts";
import { MemoryDatabase } from "../../../db/ledger/memory-database.ts";
import { fakeServices } from "../../../edge/testing/fake-services.ts";
import type { AuditLog } from "../../../schemas/ports/audit-log.ts";
import { OPERATOR_ACTIONS } from "./actions.ts";
import type { OperatorServices } from "./services.ts";

/** More than are read at a time. */
const ENTRIES = 2_345;

const database = new MemoryDatabase();
const { auditRecords } = database;
let log: AuditLog;

function say(name: string, flags: Readonly<Record<string, string>> = {}) {
	const wanted = OPERATOR_ACTIONS.get(name);
	if (wanted === undefined) throw new Error(`there is no command ${name}`);
	const services = { edge: { ...fakeServices(), audit: log } } as unknown as OperatorServices;
	return wanted.run(services, v.parse(wanted.flags, flags));
}

beforeEach(async () => {
	auditRecords.length = 0;
	log = new MemoryAuditLog(database, microtaskScheduler, sha256Hex);
	for (let n = 1; n <= ENTRIES; n += 1) {
		const entry = { atMs: n, actor: "operator", action: "user.freeze", subject: `user:${n}` };
		await log.append({ ...entry, details: {} });
	}
});

test("entries are listed from where one asks, so many as one asks for", async () => {
	expect(await say("audit log")).toEqual(auditRecords.slice(0, 100));
	expect(await say("audit log", { from: "2340" })).toEqual(auditRecords.slice(2_339));
	expect(await say("audit log", { from: "7", limit: "2" })).toEqual(auditRecords.slice(6, 8));
	for (const limit of ["0", "1001", "x"]) {
		expect(() => say("audit log", { limit })).toThrow("must be 1 to 1000");
	}
});

test("a log that is as it was written is sound", async () => {
	const lastHash = auditRecords.at(-1)?.hash as string;
	expect(await say("audit verify")).toEqual({ sound: true, entries: ENTRIES, lastHash });
});

test("an empty log is sound", async () => {
	auditRecords.length = 0;
	expect(await say("audit verify")).toMatchObject({ sound: true, entries: 0 });
});

test.each([1, 2, 1_000, 1_001, ENTRIES])("entry %p changed: it is named", async (id) => {
	auditRecords[id - 1] = {
		...(auditRecords[id - 1] as (typeof auditRecords)[0]),
		subject: "user:0",
	};
	expect(await say("audit verify")).toEqual({ sound: false, brokenAt: id });
});

test.each([1, 2, 1_000, 1_001])("entry %p taken out: the next is named", async (id) => {
	// By their ids, as a table has them.
	const left = auditRecords.filter((record) => record.id !== id);
	log = {
		...log,
		read: async (fromId, limit) => left.filter(({ id }) => id >= fromId).slice(0, limit),
	};
	expect(await say("audit verify")).toEqual({ sound: false, brokenAt: id + 1 });
});
