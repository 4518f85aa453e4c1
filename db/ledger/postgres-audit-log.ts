import { createHash } from "node:crypto";
import {
	AUDIT_GENESIS,
	type AuditEntry,
	type AuditLog,
	type AuditRecord,
	auditText,
} from "../../schemas/ports/audit-log.ts";
import type { PostgresSettings } from "./connection-settings.ts";
import { PostgresPool, type RawClient } from "./postgres-pool.ts";
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
		return this.pool.run((sql) =>
			inTransaction(sql, "begin", async (tx) => {
				await tx`select pg_advisory_xact_lock(${AUDIT_LOCK})`;
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
			}),
		);
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
}
