import { invariant } from "../../schemas/invariant.ts";
import {
	AUDIT_GENESIS,
	type AuditEntry,
	type AuditEntryOnce,
	type AuditLog,
	type AuditRecord,
	auditText,
	saysSame,
} from "../../schemas/ports/audit-log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import type { MemoryDatabase } from "./memory-database.ts";

/** The audit log of a simulation. `sha256` must answer at once: lower-case hex. */
export class MemoryAuditLog implements AuditLog {
	private readonly database: MemoryDatabase;
	private readonly scheduler: Scheduler;
	private readonly sha256: (text: string) => string;

	constructor(database: MemoryDatabase, scheduler: Scheduler, sha256: (text: string) => string) {
		this.database = database;
		this.scheduler = scheduler;
		this.sha256 = sha256;
	}

	append(entry: AuditEntry): Promise<AuditRecord> {
		return new Promise((resolve) => {
			this.scheduler.soon(() => resolve(this.put(entry)));
		});
	}

	appendOnce(entry: AuditEntryOnce): Promise<void> {
		return new Promise((resolve) => {
			this.scheduler.soon(() => {
				const { auditRecords } = this.database;
				if (!auditRecords.some((record) => saysSame(record, entry))) this.put(entry);
				resolve();
			});
		});
	}

	read(fromId: number, limit: number): Promise<readonly AuditRecord[]> {
		invariant(fromId >= 1, "audit records count from 1");
		return new Promise((resolve) => {
			this.scheduler.soon(() =>
				resolve(this.database.auditRecords.slice(fromId - 1, fromId - 1 + limit)),
			);
		});
	}

	private put(entry: AuditEntry): AuditRecord {
		const { auditRecords } = this.database;
		const id = auditRecords.length + 1;
		const previous = auditRecords.at(-1)?.hash ?? AUDIT_GENESIS;
		const hash = this.sha256(auditText(previous, id, entry));
		const record = { ...entry, id, hash };
		auditRecords.push(record);
		return record;
	}
}
