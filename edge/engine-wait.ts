import type { Scheduler } from "../schemas/ports/scheduler.ts";
import type { Reply } from "./call.ts";
import { statusUnknown } from "./http/errors.ts";

/** How many steps a wait is measured in; it may be longer by one of them. */
const STEPS = 20;
const LEAST_STEP_MS = 10;

/** A reply that an answer is waited for; null once it was told. */
interface Waiting {
	reply: Reply | null;
	/** The step in which it began. */
	readonly step: number;
	/** Its place among those that wait. */
	place: number;
}

/**
 * Answers that did not come in time are -1007. Steps of one timer are enough to measure all waits, and
 * who has been answered is forgotten at once.
 */
export class EngineWait {
	private readonly scheduler: Scheduler;
	private readonly stepMs: number;
	private readonly steps: number;
	private readonly waiting: Waiting[] = [];
	private step = 0;
	private stepping = false;

	constructor(waitMs: number, scheduler: Scheduler) {
		this.scheduler = scheduler;
		this.stepMs = Math.max(LEAST_STEP_MS, waitMs / STEPS);
		this.steps = Math.ceil(waitMs / this.stepMs);
	}

	/** Tells the reply of the answer, or after the wait of -1007. */
	within(answer: Promise<unknown>, reply: Reply): void {
		const entry: Waiting = { reply, step: this.step, place: this.waiting.length };
		this.waiting.push(entry);
		if (!this.stepping) this.stepLater();
		answer.then(
			(result) => this.take(entry)?.succeed(result),
			(error: unknown) => this.take(entry)?.fail(error),
		);
	}

	/** The reply, for whoever comes first: the answer or the end of the wait. */
	private take(entry: Waiting): Reply | null {
		const { reply } = entry;
		if (reply === null) return null;
		entry.reply = null;
		const last = this.waiting.pop()!;
		if (last !== entry) {
			this.waiting[entry.place] = last;
			last.place = entry.place;
		}
		return reply;
	}

	private stepLater(): void {
		this.stepping = true;
		this.scheduler.after(this.stepMs, () => this.endStep());
	}

	/** A step may have begun just before its end, so that one more has to go by. */
	private endStep(): void {
		this.step += 1;
		const late = this.waiting.filter((entry) => entry.step < this.step - this.steps);
		for (const entry of late) this.take(entry)?.fail(statusUnknown());
		this.stepping = false;
		if (this.waiting.length > 0) this.stepLater();
	}
}
