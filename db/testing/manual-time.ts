import type { Clock } from "../../schemas/ports/clock.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";

interface Timer {
	atMs: number;
	readonly periodMs: number | null;
	readonly run: () => void;
}

/** Clock and timers that move only when a test moves them. */
export class ManualTime implements Clock, Scheduler {
	private now = 1_700_000_000_000;
	private timers: Timer[] = [];
	private readonly due: (() => void)[] = [];

	nowMs(): number {
		return this.now;
	}

	monotonicMs(): number {
		return this.now;
	}

	after(delayMs: number, run: () => void): Cancel {
		return this.add({ atMs: this.now + delayMs, periodMs: null, run });
	}

	every(periodMs: number, run: () => void): Cancel {
		return this.add({ atMs: this.now + periodMs, periodMs, run });
	}

	soon(run: () => void): void {
		this.due.push(run);
	}

	/** Runs one turn: what was scheduled with `soon` until now. Gives how many that were. */
	turn(): number {
		const now = this.due.splice(0);
		for (const run of now) run();
		return now.length;
	}

	/** Turns, with what follows from them in promises, until nothing is due. */
	async settle(): Promise<void> {
		do await Promise.resolve();
		while (this.turn() > 0 || this.due.length > 0);
	}

	/** Moves time on, running every timer on the way. */
	advance(ms: number): void {
		const end = this.now + ms;
		for (;;) {
			const next = this.timers.filter((t) => t.atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
			if (next === undefined) break;
			this.now = next.atMs;
			if (next.periodMs === null) this.timers = this.timers.filter((t) => t !== next);
			else next.atMs += next.periodMs;
			next.run();
		}
		this.now = end;
	}

	private add(timer: Timer): Cancel {
		this.timers.push(timer);
		return () => {
			this.timers = this.timers.filter((t) => t !== timer);
		};
	}
}
