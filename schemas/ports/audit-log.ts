/** Flat facts about an entry. Never a secret or a token. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

/** Something done that must be answerable for later: a login, a key, a withdrawal, a halt. */
export interface AuditEntry {
	readonly atMs: number;
	/** Who did it: "user:7", "operator". */
	readonly actor: string;
	/** What was done: "login", "key.create", "key.revoke", "user.freeze", "withdraw". */
	readonly action: string;
	/** What it was done to: "user:7", "key:12". */
	readonly subject: string;
	readonly details: AuditDetails;
}

/** An entry of what is done once by the id that it has outside. */
export interface AuditEntryOnce extends AuditEntry {
	readonly details: AuditDetails & { readonly id: string };
}

/** An entry in its place. */
export interface AuditRecord extends AuditEntry {
	/** From 1, gapless. */
	readonly id: number;
	/** sha256, lower-case hex, of `auditText`. */
	readonly hash: string;
}

/**
 * Append-only and chained: each hash covers the hash before it, so that nothing can be changed or taken
 * out of the middle without every later hash telling.
 *
 * @throws LedgerUnavailable when its outcome is unknown; said again, the entry may stand twice
 */
export interface AuditLog {
	append(entry: AuditEntry): Promise<AuditRecord>;
	/** Unless an entry of this action and subject has the same id: said again, it stands once all the same. */
	appendOnce(entry: AuditEntryOnce): Promise<void>;
	/** Ascending, from `fromId` on, at most `limit`. */
	read(fromId: number, limit: number): Promise<readonly AuditRecord[]>;
}

/** Whether a record says the same as an entry of what is done once. */
export function saysSame(
	record: AuditRecord,
	{ action, subject, details }: AuditEntryOnce,
): boolean {
	return (
		record.action === action && record.subject === subject && record.details["id"] === details.id
	);
}

/** The hash before the first entry. */
export const AUDIT_GENESIS = "0".repeat(64);

/** The text whose sha256 is the entry's hash. Details go in by sorted name. */
export function auditText(previousHash: string, id: number, entry: AuditEntry): string {
	const details = Object.keys(entry.details)
		.sort()
		.map((name) => [name, entry.details[name]]);
	return JSON.stringify([
		previousHash,
		id,
		entry.atMs,
		entry.actor,
		entry.action,
		entry.subject,
		details,
	]);
}

/**
 * Checks a run of records, `previousHash` being the hash before the first of them.
 *
 * @returns the id of the first record that does not follow, or null when all do
 */
export async function brokenAuditRecord(
	previousHash: string,
	records: readonly AuditRecord[],
	sha256: (text: string) => string | Promise<string>,
): Promise<number | null> {
	let previous = previousHash;
	let expectedId = records[0]?.id ?? 1;
	for (const record of records) {
		const hash = await sha256(auditText(previous, expectedId, record));
		if (record.id !== expectedId || record.hash !== hash) return record.id;
		previous = hash;
		expectedId += 1;
	}
	return null;
}
