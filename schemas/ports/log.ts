/** A record and where it stands in its partition. */
export interface LogEntry<R> {
	/** From 0, growing by one. */
	readonly offset: number;
	readonly record: R;
}

/** Ends a `follow`. */
export type StopFollowing = () => void;

/** An append or read failed and its outcome is unknown: repeat the same call, or die. */
export class LogUnavailable extends Error {
	override readonly name = "LogUnavailable";
}

/**
 * One topic of the log (`orders`, `trades`). Records are whole values; the implementation encodes
 * them with the topic's codec, and may hand the very same objects to followers in the same process,
 * so records are never changed.
 */
export interface Log<R> {
	readonly topic: string;
	readonly partitions: number;
	/** Identity of this log's history; snapshots and positions name the log they belong to. */
	readonly logId: string;
	/**
	 * Appends in order; resolves with the first record's offset when all are durable. Callers keep one
	 * append in flight per partition.
	 *
	 * @throws LogUnavailable
	 */
	append(partition: number, records: readonly R[]): Promise<number>;
	/** The offset the next record will get. */
	end(partition: number): Promise<number>;
	/** At most `limit` entries from `from` on; fewer (or none) at the end. */
	read(partition: number, from: number, limit: number): Promise<readonly LogEntry<R>[]>;
	/**
	 * Delivers every entry from `from` on, in order, in batches, first what is stored and then what
	 * comes. `deliver` is synchronous; what it throws stops the process.
	 */
	follow(
		partition: number,
		from: number,
		deliver: (entries: readonly LogEntry<R>[]) => void,
	): StopFollowing;
}
