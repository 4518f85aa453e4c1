import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { statusUnknown } from "../http/errors.ts";
import type { EdgeServices } from "../services.ts";

/** How often the order log's position is looked at while it is behind, ms. */
const POLL_MS = 20;

/**
 * Waits until the order log has everything that the account worker may have forgotten. Below that
 * floor, what is not there may still exist; at or above it, what is not there does not.
 *
 * @throws ApiError -1007 when it does not get there in the time an engine's answer may take
 */
export async function orderLogReaches(
	services: EdgeServices,
	partition: number,
	floorEvSeq: number,
): Promise<void> {
	const { orderLog, clock, scheduler, settings } = services;
	const startedAtMs = clock.monotonicMs();
	while ((await orderLog.position(partition)).evSeq < floorEvSeq) {
		if (clock.monotonicMs() - startedAtMs >= settings.engineWaitMs) throw statusUnknown();
		await pause(scheduler);
	}
}

function pause(scheduler: Scheduler): Promise<void> {
	return new Promise((resolve) => {
		scheduler.after(POLL_MS, resolve);
	});
}
