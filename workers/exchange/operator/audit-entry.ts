import type { AuditDetails, AuditEntryOnce } from "../../../schemas/ports/audit-log.ts";
import type { OperatorServices } from "./services.ts";

/**
 * Writes down what the operator does, in the log that nothing is ever taken out of. First, where what is done has a
 * name before and can wait for that: so it is not in force without a word of it. Said again, it stands there again.
 *
 * @param subject what it was done to: "user:7", "symbol:BTCUSDT"
 */
export async function audit(
	{ edge }: Pick<OperatorServices, "edge">,
	action: string,
	subject: string,
	details: AuditDetails,
): Promise<void> {
	await edge.audit.append({ ...spokenNow(edge), action, subject, details });
}

/**
 * The same of what is done once by its id and may be refused, such as a withdrawal: each time it is known to be done.
 * Until then nobody is told that it is; whoever is told "unknown" says it again, and has his answer with the entry.
 */
export async function auditOnce(
	{ edge }: Pick<OperatorServices, "edge">,
	action: string,
	subject: string,
	details: AuditEntryOnce["details"],
): Promise<void> {
	await edge.audit.appendOnce({ ...spokenNow(edge), action, subject, details });
}

function spokenNow({ clock }: OperatorServices["edge"]) {
	return { atMs: clock.nowMs(), actor: "operator" };
}
