/**
 * Signatures of order calls, each good once, remembered until its timestamp can no longer pass. They
 * stand in buckets by the second in which they run out, so forgetting costs nothing per signature.
 */
export class SeenSignatures {
	private readonly max: number;
	private readonly buckets = new Map<number, Set<string>>();
	private oldestSecond = 0;
	private count = 0;

	constructor(max: number) {
		this.max = max;
	}

	/** Whether there is no room, for who may take so much of the bound. */
	isFull(share = 1): boolean {
		return this.count >= this.max * share;
	}

	/** Whether a signature was seen before, whenever it was said to run out: there is a bucket for a minute's seconds at most. */
	has(digest: string): boolean {
		for (const bucket of this.buckets.values()) if (bucket.has(digest)) return true;
		return false;
	}

	remember(digest: string, runsOutAtMs: number): void {
		const second = Math.floor(runsOutAtMs / 1_000);
		let bucket = this.buckets.get(second);
		if (bucket === undefined) {
			bucket = new Set();
			this.buckets.set(second, bucket);
		}
		bucket.add(digest);
		this.count += 1;
	}

	/** Drops those that ran out more than a second ago; cheap to call often. */
	forget(nowMs: number): void {
		const second = Math.floor(nowMs / 1_000) - 1;
		if (second <= this.oldestSecond) return;
		this.oldestSecond = second;
		for (const [at, bucket] of this.buckets) {
			if (at >= second) continue;
			this.count -= bucket.size;
			this.buckets.delete(at);
		}
	}
}
