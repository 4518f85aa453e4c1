import * as v from "valibot";
import {
	AUDIT_GENESIS,
	type AuditRecord,
	brokenAuditRecord,
} from "../../../schemas/ports/audit-log.ts";
import { action, flagsOf, numberFlag } from "./action.ts";

/** Records that are read, and held to the chain, at a time. */
const PAGE = 1_000;

const auditLog = action({
	name: "audit log",
	usage: "[--from ID] [--limit 100]",
	says: "who did what to whom: sign-ins, keys, and all that the operator changed, oldest first",
	flags: flagsOf({
		from: v.optional(numberFlag("must be an entry's number"), "1"),
		limit: v.optional(
			v.pipe(numberFlag(`must be 1 to ${PAGE}`), v.maxValue(PAGE, `must be 1 to ${PAGE}`)),
			"100",
		),
	}),
	run: ({ edge }, { from, limit }) => edge.audit.read(from, limit),
});

/** The exit code of the command line follows `sound`. An end that was cut off shows in `entries` only. */
const auditVerify = action({
	name: "audit verify",
	usage: "",
	says: "whether the audit log is as it was written: each entry's hash covers the one before",
	flags: flagsOf({}),
	async run({ edge }) {
		let last: Pick<AuditRecord, "id" | "hash"> = { id: 0, hash: AUDIT_GENESIS };
		for (;;) {
			const page = await edge.audit.read(last.id + 1, PAGE);
			const brokenAt = await brokenAuditRecord(last.hash, page, (text) =>
				edge.signatures.sha256(text),
			);
			if (brokenAt !== null) return { sound: false, brokenAt };
			last = page.at(-1) ?? last;
			if (page.length < PAGE) return { sound: true, entries: last.id, lastHash: last.hash };
		}
	},
});

export const auditLogActions = [auditLog, auditVerify];
