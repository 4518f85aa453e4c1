import type { MarketDataMessage } from "../../schemas/market.ts";

export type FeedStep = "first" | "next" | "repeated" | "broken";

/** Checks in a row that heard nothing, after which a partition has fallen silent. */
const SILENT_CHECKS = 4;

interface Place {
	readonly run: string;
	readonly seq: number;
	quietChecks: number;
}

/**
 * Whether the messages of the channel `market-data` follow one another, per partition: the channel may
 * lose and repeat, and a market-data worker that starts again begins a new run.
 */
export class FeedOrder {
	private readonly last = new Map<number, Place>();

	/** How many partitions were heard so far. */
	get partitions(): number {
		return this.last.size;
	}

	/**
	 * "broken" when something lies between the last message and this one, "first" when there was none
	 * before; it is the last from now on.
	 */
	step(message: MarketDataMessage): FeedStep {
		const last = this.last.get(message.partition);
		if (last !== undefined && last.run === message.run && message.seq <= last.seq) {
			return "repeated";
		}
		this.last.set(message.partition, { run: message.run, seq: message.seq, quietChecks: 0 });
		if (last === undefined) return "first";
		return last.run === message.run && message.seq === last.seq + 1 ? "next" : "broken";
	}

	/**
	 * To be called at an even pace; the partitions that have just been without a message for four calls in
	 * a row. Calls are counted, not time, so that a pause of this whole process is nobody's silence.
	 */
	fallenSilent(): number[] {
		const silent: number[] = [];
		for (const [partition, place] of this.last) {
			place.quietChecks += 1;
			if (place.quietChecks === SILENT_CHECKS) silent.push(partition);
		}
		return silent;
	}
}
