import { createHash } from "node:crypto";
import {
	AUDIT_GENESIS,
	type AuditEntry,
	type AuditEntryOnce,
	type AuditLog,
	type AuditRecord,
	auditText,
} from "../../schemas/ports/audit-log.ts";
import type { PostgresSettings } from "./connection-settings.ts";
import { PostgresPool, type RawClient, type RawTransaction } from "./postgres-pool.ts";
import { inTransaction } from "./transaction.ts";

/** Any number will do, as long as it stays: entries are chained one after the other. */
const AUDIT_LOCK = 4_211_734;

/** The audit log in PostgreSQL. Migrations must have been applied. */
export class PostgresAuditLog implements AuditLog {
	private readonly pool: PostgresPool<RawClient>;

	constructor(settings: PostgresSettings) {
		this.pool = new PostgresPool(settings, 1, (client) => client);
	}

	append(entry: AuditEntry): Promise<AuditRecord> {
		return this.alone((tx) => put(tx, entry));
	}

	appendOnce(entry: AuditEntryOnce): Promise<void> {
		const { action, subject, details } = entry;
		return this.alone(async (tx) => {
			const there = await tx`
				select from audit_log
				where subject = ${subject} and details ->> 'id' = ${details.id} and action = ${action} limit 1`;
			if (there.count === 0) await put(tx, entry);
		});
	}

	read(fromId: number, limit: number): Promise<readonly AuditRecord[]> {
		return this.pool.run(
			(sql) => sql<AuditRecord[]>`
				select id, at_ms, actor, action, subject, details, hash from audit_log
				where id >= ${fromId} order by id limit ${limit}`,
		);
	}

	close(): Promise<void> {
		return this.pool.close();
	}

	/** In a transaction that no other entry is written beside. */
	private alone<T>(work: (tx: RawTransaction) => Promise<T>): Promise<T> {
		return this.pool.run((sql) =>
			inTransaction(sql, "begin", async (tx) => {
				await tx`select pg_advisory_xact_lock(${AUDIT_LOCK})`;
				return work(tx);
			}),
		);
	}
}

async function put(tx: RawTransaction, entry: AuditEntry): Promise<AuditRecord> {
	const [last] = await tx<{ id: number; hash: string }[]>`
		select id, hash from audit_log order by id desc limit 1`;
	const id = (last?.id ?? 0) + 1;
	const text = auditText(last?.hash ?? AUDIT_GENESIS, id, entry);
	const hash = createHash("sha256").update(text).digest("hex");
	await tx`
		insert into audit_log (id, at_ms, actor, action, subject, details, hash)
		values (${id}, ${entry.atMs}, ${entry.actor}, ${entry.action}, ${entry.subject},
			${JSON.stringify(entry.details)}::text::jsonb, ${hash})`;
	return { ...entry, id, hash };
}
