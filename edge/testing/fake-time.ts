import type { Clock } from "../../schemas/ports/clock.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";

interface Timer {
	atMs: number;
	readonly periodMs: number | null;
	readonly run: () => void;
}

/** Clock and timers that move when the test says so. */
export class FakeTime implements Clock, Scheduler {
	now: number;
	/** How far the wall clock is set wrong. */
	wrongMs = 0;
	private timers: Timer[] = [];

	constructor(now: number) {
		this.now = now;
	}

	nowMs(): number {
		return this.now + this.wrongMs;
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
		this.after(0, run);
	}

	advance(ms: number): void {
		const end = this.now + ms;
		for (;;) {
			const next = this.timers.filter((t) => t.atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
			if (next === undefined) break;
			this.now = Math.max(this.now, next.atMs);
			if (next.periodMs === null) this.timers.splice(this.timers.indexOf(next), 1);
			else next.atMs += next.periodMs;
			next.run();
		}
		this.now = end;
	}

	private add(timer: Timer): Cancel {
		this.timers.push(timer);
		return () => {
			const at = this.timers.indexOf(timer);
			if (at >= 0) this.timers.splice(at, 1);
		};
	}
}
