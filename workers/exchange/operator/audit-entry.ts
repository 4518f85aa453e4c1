import type { AuditDetails } from "../../../schemas/ports/audit-log.ts";
import type { OperatorServices } from "./services.ts";

/**
 * Writes down what the operator did, in the log that nothing is ever taken out of.
 *
 * @param subject what it was done to: "user:7", "symbol:BTCUSDT"
 */
export async function audit(
	{ edge }: Pick<OperatorServices, "edge">,
	action: string,
	subject: string,
	details: AuditDetails,
): Promise<void> {
	await edge.audit.append({
		atMs: edge.clock.nowMs(),
		actor: "operator",
		action,
		subject,
		details,
	});
}
