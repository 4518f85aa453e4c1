import type { Clock } from "../schemas/ports/clock.ts";
import type { Scheduler } from "../schemas/ports/scheduler.ts";
import type { Reply } from "./call.ts";
import { statusUnknown } from "./http/errors.ts";

interface Waiting {
	readonly untilMs: number;
	readonly reply: Reply;
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

	/** Tells the reply of the answer, or after the wait of -1007. */
	within(answer: Promise<unknown>, reply: Reply): void {
		const untilMs = this.clock.monotonicMs() + this.waitMs;
		const entry: Waiting = { untilMs, reply, done: false };
		this.waiting.push(entry);
		this.sweepLater();
		answer.then(
			(result) => {
				if (entry.done) return;
				entry.done = true;
				reply.succeed(result);
			},
			(error: unknown) => {
				if (entry.done) return;
				entry.done = true;
				reply.fail(error);
			},
		);
	}

	private giveUp(entry: Waiting): void {
		entry.done = true;
		entry.reply.fail(statusUnknown());
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
			if (!entry.done) this.giveUp(entry);
		}
		this.waiting = this.waiting.filter((entry) => !entry.done);
		if (this.waiting.length > 0) this.sweepLater();
	}
}
