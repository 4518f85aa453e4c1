import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import {
	type Log,
	type LogEntry,
	LogUnavailable,
	type StopFollowing,
} from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { type Codec, ordersCodec, tradesCodec } from "../../schemas/record-codec.ts";
import { type FileLock, lockFile } from "../data-dir/file-lock.ts";
import { AppendQueue } from "./append-queue.ts";
import { Followers } from "./followers.ts";
import { LogTrimmed } from "./log-trimmed.ts";
import type { Disk } from "./segment-writer.ts";
import { type OldSegment, SegmentedLog } from "./segmented-log.ts";
import { storedRecord } from "./stored-record.ts";

export interface FileLogOptions {
	/** Of its files; made when it is not there. */
	readonly folder: string;
	/** Of either topic. Fixed when the log is made. */
	readonly partitions: number;
	readonly scheduler: Scheduler;
	/** A file that is longer is followed by the next one. */
	readonly segmentBytes?: number;
	/** The machine's when it is not given. */
	readonly disk?: Disk;
	/** Told when the files cannot be written, and when they can again. */
	readonly logger?: Logger;
}

/** Small enough that the last one is read in a moment at a start, and that old ones go soon. */
const SEGMENT_BYTES = 64 << 20;

/** By partition: the first record of either topic that somebody may still read. */
export interface LogOffsets {
	readonly orders: readonly number[];
	readonly trades: readonly number[];
}

/** Both topics of the embedded venue. */
export interface FileLog {
	readonly orders: Log<OrdersRecord>;
	readonly trades: Log<EventRecord>;
	readonly logId: string;
	/**
	 * Retention: removes the oldest files, to which nothing was written since that time, ms, and of which
	 * nobody may read a record any more. `read` and `follow` from what they held fail with LogTrimmed. One
	 * call at a time.
	 *
	 * @param needed asked when there is a file so old
	 * @param keep brings a file to where it stays, before it is removed; false leaves it and all after it
	 * @returns how many were removed
	 */
	trim(
		unwrittenSinceMs: number,
		needed: () => Promise<LogOffsets>,
		keep: (file: OldSegment) => Promise<boolean>,
	): Promise<number>;
	/** The oldest offset that is still stored. */
	first(topic: "orders" | "trades", partition: number): number;
	/** False from a write of its files that failed to the next one that did not. */
	isWritable(): boolean;
	/** Makes what was appended durable, then closes the files. Followers hear no more. */
	close(): Promise<void>;
}

/**
 * The embedded log: files of its own, durable against power loss, written by the thread pool
 * (docs/adr/0006).
 *
 * @throws Error when it is in use, of another version, or has another number of partitions
 */
export async function openFileLog(options: FileLogOptions): Promise<FileLog> {
	const { folder, partitions, scheduler } = options;
	const lanes = 2 * partitions;
	const lock = lockLog(folder);
	const file = await SegmentedLog.open({ segmentBytes: SEGMENT_BYTES, ...options, lanes }).catch(
		(error) => {
			lock.release();
			throw error;
		},
	);
	const queue = new AppendQueue(file, lanes, scheduler, options.logger ?? null);
	const store = { file, queue, scheduler, partitions };
	const orders = new FileTopic(store, "orders", 0, ordersCodec, false);
	const trades = new FileTopic(store, "trades", partitions, tradesCodec, true);
	return {
		orders,
		trades,
		logId: file.logId,
		async trim(unwrittenSinceMs, needed, keep) {
			if (file.oldSegment(unwrittenSinceMs) === null) return 0;
			const { orders, trades } = await needed();
			const lanesNeeded = [...orders, ...trades];
			invariant(lanesNeeded.length === lanes, "every partition of both topics has its readers");
			for (let removed = 0; ; removed += 1) {
				const old = file.oldSegment(unwrittenSinceMs);
				if (old === null) return removed;
				if (old.ends.some((end, lane) => end > (lanesNeeded[lane] as number))) return removed;
				if (!(await keep(old))) return removed;
				await file.remove(old);
			}
		},
		first: (topic, partition) =>
			file.first(topic === "orders" ? partition : partitions + partition),
		isWritable: () => queue.isWritable(),
		async close() {
			orders.dropFollowers();
			trades.dropFollowers();
			await queue.close();
			await file.close();
			lock.release();
		},
	};
}

/** What both topics share. */
interface Store {
	readonly file: SegmentedLog;
	readonly queue: AppendQueue;
	readonly scheduler: Scheduler;
	readonly partitions: number;
}

class FileTopic<R> implements Log<R> {
	readonly topic: string;
	readonly partitions: number;
	readonly logId: string;
	private readonly store: Store;
	private readonly codec: Codec<R>;
	/** The lane of its partition 0; those of the others follow. */
	private readonly firstLane: number;
	/**
	 * Its records follow from those of another topic, which are stored: followers get them at once, and
	 * they share the next write. After a crash they are worked out again, the same at the same offsets
	 * (docs/adr/0005).
	 */
	private readonly derived: boolean;
	private readonly followers: readonly Followers<R>[];

	constructor(store: Store, topic: string, firstLane: number, codec: Codec<R>, derived: boolean) {
		this.store = store;
		this.topic = topic;
		this.partitions = store.partitions;
		this.logId = store.file.logId;
		this.codec = codec;
		this.firstLane = firstLane;
		this.derived = derived;
		this.followers = Array.from({ length: store.partitions }, (_, partition) => {
			const end = () => this.endNow(partition);
			const read = (from: number, limit: number) => this.readNow(partition, from, limit);
			return new Followers<R>({ end, read }, store.scheduler);
		});
	}

	append(partition: number, records: readonly R[]): Promise<number> {
		return new Promise((resolve, reject) => {
			if (records.length === 0) return resolve(this.endNow(partition));
			const text = this.encode(records);
			const deliver = (firstOffset: number) => this.deliver(partition, firstOffset, records);
			const stored = (firstOffset: number) => {
				// Again, for who has only now caught up with what is stored; others have these entries.
				deliver(firstOffset);
				resolve(firstOffset);
			};
			const { derived } = this;
			const { queue } = this.store;
			const lane = this.lane(partition);
			const firstOffset = queue.nextOffset(lane);
			queue.add({ lane, count: records.length, text, stored, failed: reject }, derived);
			if (derived) queue.handOn(() => deliver(firstOffset));
		});
	}

	async end(partition: number): Promise<number> {
		return this.endNow(partition);
	}

	/** In a turn of its own: whoever reads a long log from one end to the other leaves timers and signals theirs. */
	async read(partition: number, from: number, limit: number): Promise<readonly LogEntry<R>[]> {
		await new Promise<void>((turn) => this.store.scheduler.soon(turn));
		return this.readNow(partition, from, limit);
	}

	follow(
		partition: number,
		from: number,
		deliver: (entries: readonly LogEntry<R>[]) => void,
	): StopFollowing {
		this.checkStored(partition, from);
		return this.followersOf(partition).follow(from, deliver);
	}

	dropFollowers(): void {
		for (const followers of this.followers) followers.dropAll();
	}

	private deliver(partition: number, firstOffset: number, records: readonly R[]): void {
		const entries = records.map((record, i) => ({ offset: firstOffset + i, record }));
		this.followersOf(partition).appended(firstOffset, entries.length, (from) =>
			from === firstOffset ? entries : entries.slice(from - firstOffset),
		);
	}

	private readNow(partition: number, from: number, limit: number): readonly LogEntry<R>[] {
		this.checkStored(partition, from);
		const to = Math.min(from + limit, this.endNow(partition));
		if (from >= to) return [];
		const entries: LogEntry<R>[] = [];
		for (const { firstOffset, lines } of this.batchesNow(partition, from, to)) {
			const start = Math.max(0, from - firstOffset);
			const stop = Math.min(lines.length, to - firstOffset);
			for (let i = start; i < stop; i += 1) {
				const offset = firstOffset + i;
				const place = { topic: this.topic, partition, offset };
				entries.push({ offset, record: storedRecord(this.codec, lines[i] as string, place) });
			}
		}
		invariant(entries.length === to - from, `${this.topic}/${partition} has a hole after ${from}`);
		return entries;
	}

	private batchesNow(partition: number, from: number, to: number) {
		try {
			return this.store.file.batches(this.lane(partition), from, to);
		} catch (error) {
			if (error instanceof InvariantViolation) throw error;
			throw new LogUnavailable(`the log could not be read: ${error}`);
		}
	}

	private checkStored(partition: number, from: number): void {
		const first = this.store.file.first(this.lane(partition));
		if (from < first) throw new LogTrimmed(this.topic, partition, from, first);
	}

	private lane(partition: number): number {
		if (partition < this.partitions) return this.firstLane + partition;
		throw new InvariantViolation(`the log has no partition ${this.topic}/${partition}`);
	}

	private endNow(partition: number): number {
		return this.store.file.end(this.lane(partition));
	}

	private followersOf(partition: number): Followers<R> {
		const followers = this.followers[partition];
		if (followers !== undefined) return followers;
		throw new InvariantViolation(`the log has no partition ${this.topic}/${partition}`);
	}

	private encode(records: readonly R[]): string {
		let text = "";
		for (const record of records) {
			const line = this.codec.encode(record);
			invariant(!line.includes("\n"), "a record is one line");
			text += text === "" ? line : `\n${line}`;
		}
		return text;
	}
}

/** A second writer would break the offsets. */
function lockLog(folder: string): FileLock {
	mkdirSync(folder, { recursive: true });
	const lock = lockFile(join(folder, "lock"));
	if (lock === null) throw new Error(`the log ${folder} is locked: it is open already`);
	return lock;
}
