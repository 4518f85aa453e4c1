import { invariant } from "../../schemas/invariant.ts";
import type { Clock } from "../../schemas/ports/clock.ts";

/** A clock further than this behind the log's time is wrong, ms. */
const MAX_CLOCK_ERROR_MS = 500;

/**
 * A worker whose clock is behind the log's time does not start: it would stamp a past that the log has
 * left. How far a clock is ahead the log cannot tell, since an exchange may have been away for long.
 *
 * @param logMs the greatest ts in the log that the worker knows
 * @throws InvariantViolation
 */
export function checkClock(clock: Clock, logMs: number): void {
	const behindMs = logMs - clock.nowMs();
	invariant(behindMs <= MAX_CLOCK_ERROR_MS, `the clock is ${behindMs} ms behind the log`);
}
