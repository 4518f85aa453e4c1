import type { Scheduler } from "../../schemas/ports/scheduler.ts";

/** The machine's timers, for tests whose outcome does not depend on when they fire. */
export const turnScheduler: Scheduler = {
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
