import type { MarketDataMessage } from "../../schemas/market.ts";

export type FeedStep = "first" | "next" | "repeated" | "broken";

/** Checks in a row that heard nothing, after which a partition has fallen silent. */
const SILENT_CHECKS = 4;

interface Place {
	readonly run: string;
	readonly seq: number;
	quietChecks: number;
	/** Runs that others have followed. */
	readonly followed: Set<string>;
}

/**
 * Whether the messages of the channel `market-data` follow one another, per partition: the channel may
 * lose and repeat, and a market-data worker that starts again begins a new run. One that has lost no more
 * than its lease publishes beside its successor until it hears of that: the later run is the one heard.
 */
export class FeedOrder {
	private readonly last = new Map<number, Place>();

	/** How many partitions were heard so far. */
	get partitions(): number {
		return this.last.size;
	}

	/**
	 * "repeated" when it was heard, or is of a run that another has followed; "broken" when something lies
	 * between the last message and this one, "first" when there was none before; it is the last from now on.
	 */
	step(message: MarketDataMessage): FeedStep {
		const last = this.last.get(message.partition);
		const { partition, run, seq } = message;
		const followed = last?.followed ?? new Set();
		if (followed.has(run) || (last?.run === run && seq <= last.seq)) return "repeated";
		this.last.set(partition, { run, seq, quietChecks: 0, followed });
		if (last === undefined) return "first";
		if (last.run !== run) followed.add(last.run);
		return last.run === run && message.seq === last.seq + 1 ? "next" : "broken";
	}

	/**
	 * To be called at an even pace; the partitions that have just been without a message for four calls in
	 * a row. Calls are counted, not time, so that a pause of this whole process is nobody's silence.
	 */
	fallenSilent(): number[] {
		const silent: number[] = [];
		for (const [partition, place] of this.last) {
			place.quietChecks += 1;
			if (place.quietChecks !== SILENT_CHECKS) continue;
			silent.push(partition);
			// Whoever speaks now is heard, whichever run it is of.
			place.followed.clear();
		}
		return silent;
	}
}
