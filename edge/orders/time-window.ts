import { ApiError, badCombination } from "../api-error.ts";

const LONGEST_MS = 86_400_000;

/**
 * A window of an account's past.
 *
 * @throws ApiError -1127 for more than 24 hours, -1128 when it ends before it starts
 */
export function checkWindow(startMs: number | undefined, endMs: number | undefined): void {
	if (startMs === undefined || endMs === undefined) return;
	if (startMs > endMs) throw badCombination();
	if (endMs - startMs > LONGEST_MS) {
		throw new ApiError(-1127, "More than 24 hours between startTime and endTime.");
	}
}

/** A bound as ranges have it, where 0 means none: a client's 0 is the beginning of ids and times. */
export function fromOne(bound: number | undefined): number {
	return bound === undefined ? 0 : Math.max(1, bound);
}
