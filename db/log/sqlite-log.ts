import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { invariant } from "../../schemas/invariant.ts";
import {
	type Log,
	type LogEntry,
	LogUnavailable,
	type StopFollowing,
} from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { type Codec, ordersCodec, tradesCodec } from "../../schemas/record-codec.ts";
import { Followers } from "./followers.ts";
import { LogTrimmed } from "./log-trimmed.ts";
import { SqliteLogFile } from "./sqlite-log-file.ts";

export interface SqliteLogOptions {
	/** The file; its folder is made. */
	readonly path: string;
	/** Of either topic. Fixed when the file is made. */
	readonly partitions: number;
	readonly scheduler: Scheduler;
}

/** Both topics of the embedded venue, in one file. */
export interface SqliteLog {
	readonly orders: Log<OrdersRecord>;
	readonly trades: Log<EventRecord>;
	readonly logId: string;
	/**
	 * Retention: removes whole batches whose records all lie before `beforeOffset`. Nobody may read
	 * there any more: `read` and `follow` from there on fail with LogTrimmed.
	 *
	 * @throws LogUnavailable
	 */
	trim(topic: "orders" | "trades", partition: number, beforeOffset: number): Promise<void>;
	/** Makes what was appended durable, then closes the file. Followers hear no more. */
	close(): Promise<void>;
}

/**
 * The embedded log: a SQLite file on this thread, durable against power loss. (On a thread of its own
 * it was slower: the hand-over costs more than the write.)
 *
 * @throws Error when the file is in use, of another version, or has another number of partitions
 */
export function openSqliteLog(options: SqliteLogOptions): SqliteLog {
	const { path, partitions, scheduler } = options;
	const file = SqliteLogFile.open(path, ["orders", "trades"], partitions, scheduler);
	const orders = new SqliteTopic(file, "orders", partitions, ordersCodec, false, scheduler);
	const trades = new SqliteTopic(file, "trades", partitions, tradesCodec, true, scheduler);
	return {
		orders,
		trades,
		logId: file.logId,
		trim: (topic, partition, beforeOffset) => file.trim(topic, partition, beforeOffset),
		async close() {
			orders.dropFollowers();
			trades.dropFollowers();
			file.close();
		},
	};
}

class SqliteTopic<R> implements Log<R> {
	readonly topic: string;
	readonly partitions: number;
	readonly logId: string;
	private readonly file: SqliteLogFile;
	private readonly codec: Codec<R>;
	/**
	 * Its records follow from those of another topic, which are stored: followers get them at once, and
	 * they share the next transaction. After a crash they are worked out again, the same at the same
	 * offsets (docs/adr/0005).
	 */
	private readonly derived: boolean;
	private readonly followers: readonly Followers<R>[];

	constructor(
		file: SqliteLogFile,
		topic: string,
		partitions: number,
		codec: Codec<R>,
		derived: boolean,
		scheduler: Scheduler,
	) {
		this.file = file;
		this.topic = topic;
		this.partitions = partitions;
		this.logId = file.logId;
		this.codec = codec;
		this.derived = derived;
		this.followers = Array.from({ length: partitions }, (_, partition) => {
			const end = () => file.end(topic, partition);
			const read = (from: number, limit: number) => this.readNow(partition, from, limit);
			return new Followers<R>({ end, read }, scheduler);
		});
	}

	append(partition: number, records: readonly R[]): Promise<number> {
		return new Promise((resolve, reject) => {
			if (records.length === 0) return resolve(this.file.end(this.topic, partition));
			const text = this.encode(records);
			const deliver = (firstOffset: number) => this.deliver(partition, firstOffset, records);
			const stored = (firstOffset: number) => {
				// Again, for who has only now caught up with what is stored; others have these entries.
				deliver(firstOffset);
				resolve(firstOffset);
			};
			const { file, topic, derived } = this;
			const firstOffset = file.nextOffset(topic, partition);
			file.append(topic, partition, records.length, text, derived, stored, reject);
			if (derived) deliver(firstOffset);
		});
	}

	async end(partition: number): Promise<number> {
		return this.file.end(this.topic, partition);
	}

	async read(partition: number, from: number, limit: number): Promise<readonly LogEntry<R>[]> {
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
		const to = Math.min(from + limit, this.file.end(this.topic, partition));
		if (from >= to) return [];
		const entries: LogEntry<R>[] = [];
		for (const { firstOffset, lines } of this.batchesNow(partition, from, to)) {
			const start = Math.max(0, from - firstOffset);
			const stop = Math.min(lines.length, to - firstOffset);
			for (let i = start; i < stop; i += 1) {
				entries.push({ offset: firstOffset + i, record: this.codec.decode(lines[i] as string) });
			}
		}
		invariant(entries.length === to - from, `${this.topic}/${partition} has a hole after ${from}`);
		return entries;
	}

	private batchesNow(partition: number, from: number, to: number) {
		try {
			return this.file.batches(this.topic, partition, from, to);
		} catch (error) {
			throw new LogUnavailable(`the log could not be read: ${error}`);
		}
	}

	private checkStored(partition: number, from: number): void {
		const first = this.file.first(this.topic, partition);
		if (from < first) throw new LogTrimmed(this.topic, partition, from, first);
	}

	private followersOf(partition: number): Followers<R> {
		const followers = this.followers[partition];
		invariant(followers !== undefined, `the log has no partition ${this.topic}/${partition}`);
		return followers;
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
