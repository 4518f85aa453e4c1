import type { EdgeServices } from "../services.ts";

/** Writes into the audit log what a user did to his own account, and from where. */
export async function auditOwn(
	services: Pick<EdgeServices, "audit" | "clock">,
	userId: number,
	action: string,
	ip: string,
): Promise<void> {
	const user = `user:${userId}`;
	const atMs = services.clock.nowMs();
	await services.audit.append({ atMs, actor: user, action, subject: user, details: { ip } });
}
