import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
	AUDIT_GENESIS,
	type AuditLog,
	brokenAuditRecord,
} from "../../../schemas/ports/audit-log.ts";

/** An audit log under test, empty at first. */
export interface AuditLogSubject {
	readonly auditLog: AuditLog;
	close(): Promise<void>;
}

export function sha256Hex(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

/** What every `AuditLog` must do. */
export function auditLogContract(name: string, open: () => Promise<AuditLogSubject>): void {
	describe(`${name} keeps the contract of an audit log`, () => {
		let subject: AuditLogSubject;
		beforeAll(async () => {
			subject = await open();
		}, 60_000);
		afterAll(() => subject.close());

		test("entries come back in order and chained, also those of the same moment", async () => {
			const { auditLog } = subject;
			const first = await auditLog.append({
				atMs: 1_700_000_000_000,
				actor: "user:1",
				action: "login",
				subject: "user:1",
				details: { zone: "é\"'", ok: true, tries: 2, none: null },
			});
			expect(first.id).toBe(1);
			await Promise.all(
				[1, 2, 3, 4, 5].map((n) =>
					auditLog.append({
						atMs: n,
						actor: "operator",
						action: "user.freeze",
						subject: `user:${n}`,
						details: {},
					}),
				),
			);
			const records = await auditLog.read(1, 100);
			expect(records.map((record) => record.id)).toEqual([1, 2, 3, 4, 5, 6]);
			expect(records[0]).toEqual(first);
			expect(await brokenAuditRecord(AUDIT_GENESIS, records, sha256Hex)).toBeNull();
			expect(await auditLog.read(3, 2)).toEqual(records.slice(2, 4));
			expect(await brokenAuditRecord(records[1]!.hash, records.slice(2), sha256Hex)).toBeNull();
		});

		test("what is done once by its id outside stands once, however often it is said", async () => {
			const { auditLog } = subject;
			const before = (await auditLog.read(1, 100)).length;
			const entry = { atMs: 5, actor: "operator", action: "withdraw", subject: "user:7" };
			const once = { ...entry, details: { asset: "BTC", id: "wire-'1" } };
			const others = [
				{ ...once, action: "deposit" },
				{ ...once, subject: "user:8" },
				{ ...once, details: { asset: "BTC", id: "wire-2" } },
			];
			await Promise.all(
				[once, { ...once, atMs: 6 }, ...others].map((one) => auditLog.appendOnce(one)),
			);
			await auditLog.appendOnce({ ...once, atMs: 7 });
			const records = (await auditLog.read(1, 100)).slice(before);
			expect(records).toMatchObject([once, ...others]);
			const { hash } = (await auditLog.read(before, 1))[0]!;
			expect(await brokenAuditRecord(hash, records, sha256Hex)).toBeNull();
		});

		test("a changed or missing entry is seen", async () => {
			const records = await subject.auditLog.read(1, 100);
			const changed = records.map((r) => (r.id === 3 ? { ...r, subject: "user:9" } : r));
			expect(await brokenAuditRecord(AUDIT_GENESIS, changed, sha256Hex)).toBe(3);
			const detail = records.map((r) =>
				r.id === 1 ? { ...r, details: { ...r.details, tries: 3 } } : r,
			);
			expect(await brokenAuditRecord(AUDIT_GENESIS, detail, sha256Hex)).toBe(1);
			const missing = records.filter((r) => r.id !== 4);
			expect(await brokenAuditRecord(AUDIT_GENESIS, missing, sha256Hex)).toBe(5);
		});
	});
}
