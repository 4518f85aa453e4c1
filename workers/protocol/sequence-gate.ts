import type { OrdersRecord } from "../../schemas/command.ts";

/** What the rule says of one line of `orders`. */
export type Verdict = "accepted" | "epoch" | "ignored";

/** Where a shard stands: its current epoch and the last seq accepted, which goes on over epochs. */
export interface ShardMark {
	readonly shard: number;
	readonly epoch: number;
	readonly seq: number;
}

/**
 * The rule by which everyone who reads a partition of `orders` takes or drops its lines: only
 * `seq = last + 1` of the shard's current epoch counts. Doubled, late and zombie lines, and everything
 * behind a gap, are ignored alike by all readers; nothing ignored was ever answered.
 */
export class SequenceGate {
	private readonly marks = new Map<number, { epoch: number; seq: number }>();

	constructor(marks: readonly ShardMark[] = []) {
		this.adopt(marks);
	}

	/** These shards go on from there. */
	adopt(marks: readonly ShardMark[]): void {
		for (const mark of marks) this.marks.set(mark.shard, { epoch: mark.epoch, seq: mark.seq });
	}

	/** Judges the next line and moves on when it counts. */
	judge(record: OrdersRecord): Verdict {
		const mark = this.markOf(record.shard);
		if (record.command === null) {
			if (record.epoch <= mark.epoch) return "ignored";
			mark.epoch = record.epoch;
			return "epoch";
		}
		if (record.epoch !== mark.epoch || record.seq !== mark.seq + 1) return "ignored";
		mark.seq = record.seq;
		return "accepted";
	}

	/** The last accepted seq; 0 when there was none. */
	seqOf(shard: number): number {
		return this.marks.get(shard)?.seq ?? 0;
	}

	/** The current epoch; 0 before the first. */
	epochOf(shard: number): number {
		return this.marks.get(shard)?.epoch ?? 0;
	}

	/** By shard, ascending: part of snapshots and their hashes. */
	state(): ShardMark[] {
		return [...this.marks]
			.map(([shard, mark]) => ({ shard, epoch: mark.epoch, seq: mark.seq }))
			.sort((a, b) => a.shard - b.shard);
	}

	private markOf(shard: number): { epoch: number; seq: number } {
		let mark = this.marks.get(shard);
		if (mark === undefined) {
			mark = { epoch: 0, seq: 0 };
			this.marks.set(shard, mark);
		}
		return mark;
	}
}
