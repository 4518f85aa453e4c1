import { VENUE_SHARD } from "../../schemas/command.ts";
import { invariant } from "../../schemas/invariant.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { LOG_LOST } from "./log-lost.ts";
import { retried } from "./patience.ts";

/** The topics of one log. */
export interface Topics {
	readonly orders: Pick<Log<unknown>, "logId">;
	readonly trades: Pick<Log<unknown>, "logId">;
}

/** How positions in both topics name the log they are of. */
export function logIdOf({ orders, trades }: Topics): string {
	return orders.logId === trades.logId ? orders.logId : `${orders.logId} ${trades.logId}`;
}

/**
 * Positions mean nothing in another log, even where it has a record at the same offset.
 *
 * @param of whose positions they are
 * @param named the log they name; null when they are of a version that named none
 * @throws InvariantViolation when they are of another log than this one
 */
export function checkLogId(of: string, named: string | null, logId: string): void {
	invariant(
		named === null || named === logId,
		`${of} stands in the log ${named}, and this is the log ${logId}: another log was put in its place, or ${LOG_LOST}`,
	);
}

/**
 * Holds the log to what every shard of the ledger stands in, the venue's first; changes nothing. For one process
 * that has all of them, before anybody writes to the log.
 *
 * @throws InvariantViolation as `checkLogId`
 */
export async function checkLogOfLedger(
	topics: Topics,
	ledger: Ledger,
	accountShards: number,
	scheduler: Scheduler,
): Promise<void> {
	for (let shard = VENUE_SHARD; shard <= accountShards; shard += 1) {
		const { logId } = await retried(scheduler, () => ledger.positions(shard));
		checkLogId(`shard ${shard} of the ledger`, logId, logIdOf(topics));
	}
}
