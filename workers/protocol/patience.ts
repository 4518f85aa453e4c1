import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { type Log, LogUnavailable } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";

/** Pause before a port that is away is asked again, ms. */
const RETRY_MS = 50;

/** Resolves after at least this long. */
export function pause(scheduler: Scheduler, delayMs: number): Promise<void> {
	return new Promise((resolve) => {
		scheduler.after(delayMs, resolve);
	});
}

/** Asks until the log or the ledger answers; only for calls that may be made twice. */
export async function retried<T>(scheduler: Scheduler, call: () => Promise<T>): Promise<T> {
	for (;;) {
		try {
			return await call();
		} catch (error) {
			const isAway = error instanceof LedgerUnavailable || error instanceof LogUnavailable;
			if (!isAway) throw error;
			await pause(scheduler, RETRY_MS);
		}
	}
}

/** The same log, whose `end` and `read` wait until it answers: one read of many that fails costs no start. */
export function patient<R>(log: Log<R>, scheduler: Scheduler): Log<R> {
	return {
		...{ topic: log.topic, partitions: log.partitions, logId: log.logId },
		append: (partition, records) => log.append(partition, records),
		end: (partition) => retried(scheduler, () => log.end(partition)),
		read: (partition, from, limit) => retried(scheduler, () => log.read(partition, from, limit)),
		follow: (partition, from, deliver) => log.follow(partition, from, deliver),
	};
}
