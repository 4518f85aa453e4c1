import type { Clock } from "../../schemas/ports/clock.ts";

/** A moment on both clocks. */
export interface Moment {
	readonly wallMs: number;
	readonly monotonicMs: number;
}

export function momentOf(clock: Clock): Moment {
	return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
}

/**
 * Milliseconds since a moment: the larger of what the two clocks say, so that neither a paused process
 * nor a wall clock set back makes time seem shorter than it was.
 */
export function sinceMs(clock: Clock, moment: Moment): number {
	return Math.max(clock.nowMs() - moment.wallMs, clock.monotonicMs() - moment.monotonicMs);
}
