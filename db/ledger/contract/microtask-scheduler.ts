import type { Scheduler } from "../../../schemas/ports/scheduler.ts";

/** Runs everything as soon as it can, whatever the delay: for tests whose subject is not time. */
export const microtaskScheduler: Scheduler = {
	after(_delayMs, run) {
		let canceled = false;
		queueMicrotask(() => {
			if (!canceled) run();
		});
		return () => {
			canceled = true;
		};
	},
	every() {
		throw new Error("nothing here repeats");
	},
	soon: queueMicrotask,
};
