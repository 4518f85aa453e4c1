/** A sum that grows along one partition, asked for at any evSeq. */
export class Series {
	private readonly at: number[] = [];
	private readonly sums: bigint[] = [];

	add(evSeq: number, delta: bigint): void {
		const last = this.at.length - 1;
		const sum = (this.sums[last] ?? 0n) + delta;
		if (this.at[last] === evSeq) {
			this.sums[last] = sum;
			return;
		}
		this.at.push(evSeq);
		this.sums.push(sum);
	}

	/** The sum after that evSeq. */
	sumAt(evSeq: number): bigint {
		let from = 0;
		let to = this.at.length;
		while (from < to) {
			const middle = (from + to) >>> 1;
			if ((this.at[middle] as number) <= evSeq) from = middle + 1;
			else to = middle;
		}
		return this.sums[from - 1] ?? 0n;
	}

	/** Every value it had after `fromEvSeq` and up to now, the one at `fromEvSeq` first. */
	since(fromEvSeq: number): bigint[] {
		const values = [this.sumAt(fromEvSeq)];
		for (let i = this.at.length - 1; i >= 0 && (this.at[i] as number) > fromEvSeq; i -= 1) {
			values.push(this.sums[i] as bigint);
		}
		return values;
	}
}

/**
 * What `trades` says that every account owns, available and held together: a sum per partition, so the
 * balance at any positions is known whoever has read how far.
 */
export class Money {
	private readonly partitions: number;
	private readonly accounts = new Map<string, Series[]>();
	private readonly byShard = new Map<number, Map<string, readonly [number, number]>>();

	constructor(partitions: number) {
		this.partitions = partitions;
	}

	add(
		shard: number,
		accountId: number,
		assetId: number,
		partition: number,
		evSeq: number,
		delta: bigint,
	): void {
		const key = `${shard}/${accountId}/${assetId}`;
		let series = this.accounts.get(key);
		if (series === undefined) {
			series = Array.from({ length: this.partitions }, () => new Series());
			this.accounts.set(key, series);
			let ofShard = this.byShard.get(shard);
			if (ofShard === undefined) {
				ofShard = new Map();
				this.byShard.set(shard, ofShard);
			}
			ofShard.set(key, [accountId, assetId]);
		}
		(series[partition] as Series).add(evSeq, delta);
	}

	/** The balance when each partition has been read up to its evSeq. */
	at(shard: number, accountId: number, assetId: number, evSeqs: readonly number[]): bigint {
		const series = this.accounts.get(`${shard}/${accountId}/${assetId}`);
		if (series === undefined) return 0n;
		let sum = 0n;
		for (const [partition, one] of series.entries()) sum += one.sumAt(evSeqs[partition] ?? 0);
		return sum;
	}

	/** Whether it may be the balance of somebody who has read at least so far. */
	isPossible(
		shard: number,
		accountId: number,
		assetId: number,
		floors: readonly number[],
		total: bigint,
	): boolean {
		const series = this.accounts.get(`${shard}/${accountId}/${assetId}`);
		if (series === undefined) return total === 0n;
		let sums = new Set<bigint>([0n]);
		for (const [partition, one] of series.entries()) {
			const next = new Set<bigint>();
			for (const value of new Set(one.since(floors[partition] ?? 0))) {
				for (const sum of sums) next.add(sum + value);
			}
			sums = next;
		}
		return sums.has(total);
	}

	/** Accounts of a shard with their assets. */
	*ofShard(shard: number): IterableIterator<readonly [accountId: number, assetId: number]> {
		yield* this.byShard.get(shard)?.values() ?? [];
	}
}
