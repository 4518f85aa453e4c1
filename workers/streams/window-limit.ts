/** At most so many within a window of time that starts with the first; then a new window. */
export class WindowLimit {
	private readonly limit: number;
	private readonly windowMs: number;
	private startedMs = Number.NEGATIVE_INFINITY;
	private taken = 0;

	constructor(limit: number, windowMs: number) {
		this.limit = limit;
		this.windowMs = windowMs;
	}

	/** False beyond the limit. Time is monotonic ms. */
	take(nowMs: number): boolean {
		if (this.endsInMs(nowMs) <= 0) {
			this.startedMs = nowMs;
			this.taken = 0;
		}
		this.taken += 1;
		return this.taken <= this.limit;
	}

	/** How long the window still lasts; 0 or less when it is over. */
	endsInMs(nowMs: number): number {
		return this.startedMs + this.windowMs - nowMs;
	}
}
