import type { Scheduler } from "../../schemas/ports/scheduler.ts";

/** Market data that is further behind than this is not there. */
const LONGEST_WAIT_MS = 1_000;

/** Questions that wait until a partition has come as far as they need. */
export class Waits {
	private readonly scheduler: Scheduler;
	private readonly waiting = new Set<{ readonly evSeq: number; readonly done: () => void }>();

	constructor(scheduler: Scheduler) {
		this.scheduler = scheduler;
	}

	/** Resolves when it was told that this evSeq is reached; rejects when that takes too long. */
	until(evSeq: number): Promise<void> {
		return new Promise((resolve, reject) => {
			const cancel = this.scheduler.after(LONGEST_WAIT_MS, () => {
				this.waiting.delete(wait);
				reject(new Error(`market data is behind evSeq ${evSeq}`));
			});
			const done = (): void => {
				cancel();
				resolve();
			};
			const wait = { evSeq, done };
			this.waiting.add(wait);
		});
	}

	reached(evSeq: number): void {
		if (this.waiting.size === 0) return;
		for (const wait of this.waiting) {
			if (wait.evSeq > evSeq) continue;
			this.waiting.delete(wait);
			wait.done();
		}
	}
}
