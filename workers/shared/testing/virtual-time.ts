import type { Clock } from "../../../schemas/ports/clock.ts";
import type { Cancel, Scheduler } from "../../../schemas/ports/scheduler.ts";

interface Timer {
	readonly dueMs: number;
	/** Timers due at the same moment run in the order they were set. */
	readonly order: number;
	readonly run: () => void;
	/** 0 for a timer that runs once. */
	readonly periodMs: number;
	readonly handle: { active: boolean };
}

/**
 * Time that only moves when told to: the clock and the timers of a test or a simulation. Timers run in
 * the order they are due, and promises settle between them, so a run is the same every time.
 */
export class VirtualTime implements Clock, Scheduler {
	private elapsedMs = 0;
	private made = 0;
	/** A binary heap, the earliest first. */
	private readonly heap: Timer[] = [];
	private startMs: number;

	constructor(startMs = 1_700_000_000_000) {
		this.startMs = startMs;
	}

	nowMs(): number {
		return this.startMs + this.elapsedMs;
	}

	monotonicMs(): number {
		return this.elapsedMs;
	}

	/** Sets the wall clock back; what is due is due by the other clock. */
	setWallBack(ms: number): void {
		this.startMs -= ms;
	}

	after(delayMs: number, run: () => void): Cancel {
		return this.add(delayMs, 0, run);
	}

	every(periodMs: number, run: () => void): Cancel {
		return this.add(periodMs, Math.max(1, periodMs), run);
	}

	soon(run: () => void): void {
		this.add(0, 0, run);
	}

	/**
	 * Moves time by this much; runs every timer that falls due, each at its own moment, and lets
	 * promises settle after each.
	 */
	async advance(ms: number): Promise<void> {
		const untilMs = this.elapsedMs + ms;
		await this.settle();
		while (this.nextDueMs() <= untilMs) {
			this.step();
			await this.settle();
		}
		this.elapsedMs = untilMs;
	}

	/** Runs the next timer, moving time to it; false when there is none. Promises do not settle in it. */
	step(): boolean {
		const timer = this.take();
		if (timer === undefined) return false;
		this.elapsedMs = Math.max(this.elapsedMs, timer.dueMs);
		if (timer.periodMs > 0) {
			this.push({ ...timer, dueMs: timer.dueMs + timer.periodMs, order: this.nextOrder() });
		} else {
			timer.handle.active = false;
		}
		timer.run();
		return true;
	}

	/** Resolves when every promise that can settle without a timer has. */
	settle(): Promise<void> {
		return new Promise((resolve) => setImmediate(resolve));
	}

	/** When the next timer is due, in elapsed ms; Infinity when there is none. */
	nextDueMs(): number {
		this.dropCanceled();
		return this.heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
	}

	private add(delayMs: number, periodMs: number, run: () => void): Cancel {
		const handle = { active: true };
		const dueMs = this.elapsedMs + Math.max(0, delayMs);
		this.push({ dueMs, order: this.nextOrder(), run, periodMs, handle });
		return () => {
			handle.active = false;
		};
	}

	private nextOrder(): number {
		this.made += 1;
		return this.made;
	}

	private take(): Timer | undefined {
		this.dropCanceled();
		return this.pop();
	}

	private dropCanceled(): void {
		while (this.heap.length > 0 && !(this.heap[0] as Timer).handle.active) this.pop();
	}

	private push(timer: Timer): void {
		const heap = this.heap;
		let at = heap.push(timer) - 1;
		while (at > 0) {
			const parent = (at - 1) >>> 1;
			if (!isBefore(timer, heap[parent] as Timer)) break;
			heap[at] = heap[parent] as Timer;
			at = parent;
		}
		heap[at] = timer;
	}

	private pop(): Timer | undefined {
		const heap = this.heap;
		const first = heap[0];
		const last = heap.pop();
		if (first === undefined || last === undefined || heap.length === 0) return first;
		let at = 0;
		for (;;) {
			let child = at * 2 + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) {
				child += 1;
			}
			if (!isBefore(heap[child] as Timer, last)) break;
			heap[at] = heap[child] as Timer;
			at = child;
		}
		heap[at] = last;
		return first;
	}
}

function isBefore(a: Timer, b: Timer): boolean {
	return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
