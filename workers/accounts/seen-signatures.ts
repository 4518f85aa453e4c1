/** So long a stretch shares a bucket: few are looked through, and what has run out is not kept for long. */
const BUCKET_MS = 8_000;

/**
 * Signatures of order calls, each good once, remembered until its timestamp can no longer pass. They
 * stand in buckets by when they run out, so forgetting costs nothing per signature.
 */
export class SeenSignatures {
	private readonly max: number;
	private readonly buckets = new Map<number, Set<string>>();
	private oldest = 0;
	private count = 0;

	constructor(max: number) {
		this.max = max;
	}

	/** Whether there is no room, for who may take so much of the bound. */
	isFull(share = 1): boolean {
		return this.count >= this.max * share;
	}

	/** Whether a signature was seen before, whenever it was said to run out. */
	has(digest: string): boolean {
		for (const bucket of this.buckets.values()) if (bucket.has(digest)) return true;
		return false;
	}

	remember(digest: string, runsOutAtMs: number): void {
		const at = Math.floor(runsOutAtMs / BUCKET_MS);
		let bucket = this.buckets.get(at);
		if (bucket === undefined) {
			bucket = new Set();
			this.buckets.set(at, bucket);
		}
		bucket.add(digest);
		this.count += 1;
	}

	/** Drops buckets of which all ran out more than a second ago; cheap to call often. */
	forget(nowMs: number): void {
		const oldest = Math.floor((nowMs - 1_000) / BUCKET_MS);
		if (oldest <= this.oldest) return;
		this.oldest = oldest;
		for (const [at, bucket] of this.buckets) {
			if (at >= oldest) continue;
			this.count -= bucket.size;
			this.buckets.delete(at);
		}
	}
}
