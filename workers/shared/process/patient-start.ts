import { InvariantViolation } from "../../../schemas/invariant.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import { pause } from "../../protocol/patience.ts";

/** Pause before a start that a store did not let happen is tried again. */
const RETRY_MS = 250;

/**
 * Starts something that reads from stores first, again while they are away.
 *
 * @param attempt leaves nothing behind when it fails
 * @param isStopped true when it is no longer wanted
 */
export async function startPatiently(
	options: { readonly scheduler: Scheduler; readonly logger: Logger },
	attempt: () => Promise<void>,
	isStopped: () => boolean,
): Promise<void> {
	const told = new Set<string>();
	while (!isStopped()) {
		try {
			return await attempt();
		} catch (error) {
			if (error instanceof InvariantViolation) throw error;
			const why = String(error);
			if (!told.has(why)) options.logger.warn("cannot start yet", { why });
			told.add(why);
			await pause(options.scheduler, RETRY_MS);
		}
	}
}
