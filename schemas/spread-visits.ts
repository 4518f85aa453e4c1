import type { Cancel, Scheduler } from "./ports/scheduler.ts";

const SLICES = 20;
const SLICE_MS = 50;

/**
 * Visits many, a part of them at a time and all within a second: whoever they all turn to has not all of
 * them at once.
 */
export class SpreadVisits<T> {
	private readonly scheduler: Scheduler;
	private readonly visit: (one: T) => void;
	/** In the order in which their turn comes. */
	private due = new Set<T>();
	private sliceSize = 0;
	private cancel: Cancel | null = null;

	constructor(scheduler: Scheduler, visit: (one: T) => void) {
		this.scheduler = scheduler;
		this.visit = visit;
	}

	/** Visits each of them once from now on, also those whose turn is still to come from an earlier call. */
	visitAll(all: Iterable<T>): void {
		for (const one of all) this.due.add(one);
		this.sliceSize = Math.ceil(this.due.size / SLICES);
		if (this.cancel === null) this.next();
	}

	stop(): void {
		this.cancel?.();
		this.cancel = null;
		this.due.clear();
	}

	private next(): void {
		this.cancel = null;
		const slice = [...this.due.values().take(this.sliceSize)];
		for (const one of slice) this.due.delete(one);
		if (this.due.size > 0) this.cancel = this.scheduler.after(SLICE_MS, () => this.next());
		for (const one of slice) this.visit(one);
	}
}
