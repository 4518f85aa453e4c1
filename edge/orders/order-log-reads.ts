import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { statusUnknown } from "../http/errors.ts";
import type { EdgeServices } from "../services.ts";
import { answerOf } from "./account-answer.ts";

/** The order log's position is looked at again after so long, ms, then after twice as long each time. */
const FIRST_PAUSE_MS = 20;
/** A store that is behind is not asked more often than this by each who waits, ms. */
const LONGEST_PAUSE_MS = 160;

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
	let pauseMs = FIRST_PAUSE_MS;
	while ((await orderLog.position(partition)).evSeq < floorEvSeq) {
		if (clock.monotonicMs() - startedAtMs >= settings.engineWaitMs) throw statusUnknown();
		await pause(scheduler, pauseMs);
		pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
	}
}

/**
 * Waits until the order log has everything that was done to an order as far as its account worker knows.
 *
 * @throws ApiError as `orderLogReaches`
 */
export async function orderLogHas(
	services: EdgeServices,
	userId: number,
	symbolId: number,
	orderId: number,
): Promise<void> {
	const account = services.accounts(userId);
	const asked = account.findOrder(userId, { symbolId, orderId, clientOrderId: "" });
	const found = await answerOf(services, "query", asked);
	if (!found.found) return orderLogReaches(services, found.partition, found.floorEvSeq);
	return orderLogReaches(services, found.order.partition, found.order.evSeq);
}

function pause(scheduler: Scheduler, ms: number): Promise<void> {
	return new Promise((resolve) => {
		scheduler.after(ms, resolve);
	});
}
