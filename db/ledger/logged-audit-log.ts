import type {
	AuditEntry,
	AuditEntryOnce,
	AuditLog,
	AuditRecord,
} from "../../schemas/ports/audit-log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";

/** Details that a log may have: whose key or account it was. Others stay in the audit log alone. */
const TOLD: readonly string[] = ["userId", "email", "type", "scopes"];

/**
 * An audit log that tells the log of the process, too: who restores the database from a backup reads there
 * what was done to users and keys since (docs/runbooks/ledger-restored.md).
 */
export class LoggedAuditLog implements AuditLog {
	private readonly audit: AuditLog;
	private readonly logger: Logger;

	constructor(audit: AuditLog, logger: Logger) {
		this.audit = audit;
		this.logger = logger;
	}

	async append(entry: AuditEntry): Promise<AuditRecord> {
		const record = await this.audit.append(entry);
		this.tell(entry);
		return record;
	}

	async appendOnce(entry: AuditEntryOnce): Promise<void> {
		await this.audit.appendOnce(entry);
		this.tell(entry);
	}

	read(fromId: number, limit: number): Promise<readonly AuditRecord[]> {
		return this.audit.read(fromId, limit);
	}

	private tell({ actor, action, subject, details }: AuditEntry): void {
		const told = Object.entries(details).filter(([name]) => TOLD.includes(name));
		this.logger.info("audit", { ...Object.fromEntries(told), actor, action, subject });
	}
}
