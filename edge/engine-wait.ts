import type { Clock } from "../schemas/ports/clock.ts";
import type { Scheduler } from "../schemas/ports/scheduler.ts";
import { statusUnknown } from "./http/errors.ts";

interface Waiting {
	readonly untilMs: number;
	readonly giveUp: () => void;
	done: boolean;
}

/**
 * Answers that did not come in time are -1007. All waits are equally long, so they end in the order
 * they began, and one timer is enough for all of them.
 */
export class EngineWait {
	private readonly waitMs: number;
	private readonly clock: Clock;
	private readonly scheduler: Scheduler;
	private waiting: Waiting[] = [];
	private sweeping = false;

	constructor(waitMs: number, clock: Clock, scheduler: Scheduler) {
		this.waitMs = waitMs;
		this.clock = clock;
		this.scheduler = scheduler;
	}

	/** The answer, or after the wait a rejection with -1007. */
	within<T>(answer: Promise<T>): Promise<T> {
		return new Promise<T>((resolve, reject) => {
			const entry: Waiting = {
				untilMs: this.clock.monotonicMs() + this.waitMs,
				giveUp: () => reject(statusUnknown()),
				done: false,
			};
			this.waiting.push(entry);
			this.sweepLater();
			answer.then(
				(value) => {
					entry.done = true;
					resolve(value);
				},
				(error: unknown) => {
					entry.done = true;
					reject(error);
				},
			);
		});
	}

	private sweepLater(): void {
		if (this.sweeping) return;
		this.sweeping = true;
		this.scheduler.after(Math.max(10, this.waitMs / 20), () => this.sweep());
	}

	private sweep(): void {
		this.sweeping = false;
		const nowMs = this.clock.monotonicMs();
		for (const entry of this.waiting) {
			if (entry.untilMs > nowMs) break;
			if (!entry.done) entry.giveUp();
		}
		this.waiting = this.waiting.filter((entry) => !entry.done && entry.untilMs > nowMs);
		if (this.waiting.length > 0) this.sweepLater();
	}
}
