import type { Clock } from "../../schemas/ports/clock.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";

/** The machine's clocks. */
export const systemClock: Clock = {
	nowMs: () => Date.now(),
	monotonicMs: () => performance.now(),
};

/** The machine's timers; `soon` runs after the I/O that is ready now. */
export const systemScheduler: Scheduler = {
	after(delayMs, run) {
		const timer = setTimeout(run, delayMs);
		return () => clearTimeout(timer);
	},
	every(periodMs, run) {
		const timer = setInterval(run, periodMs);
		return () => clearInterval(timer);
	},
	soon(run) {
		setImmediate(run);
	},
};
