import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { invariant } from "../../schemas/invariant.ts";
import { LogUnavailable } from "../../schemas/ports/log.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";

/** A batch as it stands in the file. */
export interface StoredBatch {
	readonly firstOffset: number;
	/** One record per line. */
	readonly lines: readonly string[];
}

interface PendingAppend {
	readonly partition: PartitionBounds;
	readonly count: number;
	/** The records, one per line. */
	readonly text: string;
	/** Called after the commit, in order of the appends. */
	stored(firstOffset: number): void;
	failed(error: LogUnavailable): void;
}

interface PartitionBounds {
	readonly topic: string;
	readonly partition: number;
	/** The oldest offset still stored. */
	first: number;
	end: number;
}

/** Format of the file; a file of another version is refused. */
const VERSION = 1;

/** Rows deleted per transaction when trimming, so that the main thread is never long away. */
const TRIM_ROWS = 500;

/** What can wait for company waits at most this long. */
const LATEST_MS = 5;

/** Pages in the write-ahead log before they go to the file: fewer, longer checkpoints. */
const CHECKPOINT_PAGES = 4_000;

/**
 * The file under a log: one row per appended batch, in one table for all topics and partitions.
 * Appends of one turn, whatever their topic, share a transaction and so one fsync.
 *
 * The file is locked while open: a second writer would break the offsets, so it is refused.
 */
export class SqliteLogFile {
	readonly logId: string;
	private readonly db: Database;
	private readonly scheduler: Scheduler;
	private readonly bounds = new Map<string, PartitionBounds[]>();
	private pending: PendingAppend[] = [];
	/** A flush is due this turn; and one at the latest, for what can wait for company. */
	private flushing = false;
	private cancelLater: Cancel | null = null;
	private closed = false;

	private constructor(db: Database, scheduler: Scheduler, logId: string) {
		this.db = db;
		this.scheduler = scheduler;
		this.logId = logId;
	}

	/**
	 * Opens the file, or makes it with this number of partitions and a new identity.
	 *
	 * @throws Error when it is in use, of another version, or has another number of partitions
	 */
	static open(
		path: string,
		topics: readonly string[],
		partitions: number,
		scheduler: Scheduler,
	): SqliteLogFile {
		mkdirSync(dirname(path), { recursive: true });
		const db = new Database(path, { create: true, strict: true });
		try {
			prepare(db);
			const file = new SqliteLogFile(db, scheduler, identify(db, path, partitions));
			for (const topic of topics) file.loadBounds(topic, partitions);
			return file;
		} catch (error) {
			db.close();
			throw error;
		}
	}

	end(topic: string, partition: number): number {
		return this.partitionOf(topic, partition).end;
	}

	first(topic: string, partition: number): number {
		return this.partitionOf(topic, partition).first;
	}

	/**
	 * Queues a batch for this turn's transaction; one that can wait, for the next transaction there is,
	 * or its own after LATEST_MS. Exactly one of the two functions is called, later.
	 *
	 * @param text the records, one per line
	 */
	append(
		topic: string,
		partition: number,
		count: number,
		text: string,
		canWait: boolean,
		stored: (firstOffset: number) => void,
		failed: (error: LogUnavailable) => void,
	): void {
		if (this.closed) {
			failed(new LogUnavailable("the log is closed"));
			return;
		}
		this.pending.push({
			partition: this.partitionOf(topic, partition),
			count,
			text,
			stored,
			failed,
		});
		if (canWait) this.flushLater();
		else this.flushSoon();
	}

	private flushSoon(): void {
		if (this.flushing) return;
		this.flushing = true;
		this.scheduler.soon(() => this.flush());
	}

	/** One timer at a time, and not taken back: it is cheaper to find nothing to do. */
	private flushLater(): void {
		this.cancelLater ??= this.scheduler.after(LATEST_MS, () => {
			this.cancelLater = null;
			this.flush();
		});
	}

	/** The offset that the next append to the partition will get, after those that are queued. */
	nextOffset(topic: string, partition: number): number {
		const at = this.partitionOf(topic, partition);
		return this.pending.reduce((end, p) => (p.partition === at ? end + p.count : end), at.end);
	}

	/** The stored batches that overlap [from, to), oldest first. */
	batches(topic: string, partition: number, from: number, to: number): readonly StoredBatch[] {
		if (this.closed) throw new LogUnavailable("the log is closed");
		const start = this.db
			.query(
				`SELECT first_offset FROM batch WHERE topic = ? AND partition = ? AND first_offset <= ?
				ORDER BY first_offset DESC LIMIT 1`,
			)
			.values(topic, partition, from);
		const rows = this.db
			.query(
				`SELECT first_offset, count, text FROM batch
				WHERE topic = ? AND partition = ? AND first_offset >= ? AND first_offset < ?
				ORDER BY first_offset`,
			)
			.values(topic, partition, (start[0]?.[0] as number | undefined) ?? from, to) as [
			number,
			number,
			string,
		][];
		return rows.map(([firstOffset, count, text]) => {
			const lines = text.split("\n");
			invariant(
				lines.length === count,
				`batch at ${topic}/${partition}/${firstOffset} is not whole`,
			);
			return { firstOffset, lines };
		});
	}

	/** Removes whole batches that lie before the offset; never a partition's last one. */
	async trim(topic: string, partition: number, beforeOffset: number): Promise<void> {
		const bounds = this.partitionOf(topic, partition);
		while (this.trimSome(bounds, beforeOffset)) {
			await new Promise<void>((resolve) => this.scheduler.soon(resolve));
		}
	}

	/** Writes what is queued and closes the file. */
	close(): void {
		if (this.closed) return;
		this.flush();
		this.cancelLater?.();
		this.closed = true;
		this.db.close();
	}

	private flush(): void {
		this.flushing = false;
		const batch = this.pending;
		this.pending = [];
		if (batch.length === 0) return;
		let offsets: readonly number[];
		try {
			offsets = this.write(batch);
		} catch (error) {
			const unavailable = new LogUnavailable(`the log could not be written: ${error}`);
			for (const append of batch) append.failed(unavailable);
			return;
		}
		for (let i = 0; i < batch.length; i += 1) {
			const append = batch[i] as PendingAppend;
			append.partition.end += append.count;
			append.stored(offsets[i] as number);
		}
	}

	/** One transaction; the first offset of each append. */
	private write(batch: readonly PendingAppend[]): readonly number[] {
		const insert = this.db.query(
			"INSERT INTO batch (topic, partition, first_offset, count, text) VALUES (?, ?, ?, ?, ?)",
		);
		const ends = new Map<PartitionBounds, number>();
		const offsets: number[] = [];
		this.db.run("BEGIN IMMEDIATE");
		try {
			for (const { partition: at, count, text } of batch) {
				const first = ends.get(at) ?? at.end;
				insert.run(at.topic, at.partition, first, count, text);
				offsets.push(first);
				ends.set(at, first + count);
			}
			this.db.run("COMMIT");
		} catch (error) {
			// SQLite ends the transaction by itself after some faults (a full disk), not after all.
			if (this.db.inTransaction) this.db.run("ROLLBACK");
			throw error;
		}
		return offsets;
	}

	/** True when there may be more to remove. */
	private trimSome(bounds: PartitionBounds, beforeOffset: number): boolean {
		if (this.closed) throw new LogUnavailable("the log is closed");
		const { topic, partition } = bounds;
		let removed: number;
		try {
			removed = this.db
				.query(
					`DELETE FROM batch WHERE rowid IN (
						SELECT rowid FROM batch WHERE topic = ?1 AND partition = ?2 AND first_offset < ?3
							AND first_offset + count <= ?3 AND first_offset + count < ?4
						ORDER BY first_offset LIMIT ?5)`,
				)
				.run(topic, partition, beforeOffset, bounds.end, TRIM_ROWS).changes;
		} catch (error) {
			throw new LogUnavailable(`the log could not be trimmed: ${error}`);
		}
		this.readBounds(bounds);
		return removed === TRIM_ROWS;
	}

	private loadBounds(topic: string, partitions: number): void {
		const list = Array.from({ length: partitions }, (_, partition) => {
			const bounds: PartitionBounds = { topic, partition, first: 0, end: 0 };
			this.readBounds(bounds);
			return bounds;
		});
		this.bounds.set(topic, list);
	}

	private readBounds(bounds: PartitionBounds): void {
		const at = "FROM batch WHERE topic = ? AND partition = ? ORDER BY first_offset";
		const { topic, partition } = bounds;
		const first = this.db.query(`SELECT first_offset ${at} LIMIT 1`).values(topic, partition);
		const last = this.db
			.query(`SELECT first_offset + count ${at} DESC LIMIT 1`)
			.values(topic, partition);
		bounds.first = (first[0]?.[0] as number | undefined) ?? 0;
		bounds.end = (last[0]?.[0] as number | undefined) ?? 0;
	}

	private partitionOf(topic: string, partition: number): PartitionBounds {
		const bounds = this.bounds.get(topic)?.[partition];
		invariant(bounds !== undefined, `the log has no partition ${topic}/${partition}`);
		return bounds;
	}
}

function prepare(db: Database): void {
	db.run("PRAGMA locking_mode = EXCLUSIVE");
	db.run("PRAGMA journal_mode = WAL");
	db.run("PRAGMA synchronous = FULL");
	db.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
	db.run("CREATE TABLE IF NOT EXISTS log (version INTEGER, log_id TEXT, partitions INTEGER)");
	// With rowids, so that the texts are written one after the other; the key only leads to them.
	db.run(
		`CREATE TABLE IF NOT EXISTS batch (topic TEXT NOT NULL, partition INTEGER NOT NULL,
			first_offset INTEGER NOT NULL, count INTEGER NOT NULL, text TEXT NOT NULL,
			PRIMARY KEY (topic, partition, first_offset))`,
	);
}

/** The file's identity, given to it when it is new. */
function identify(db: Database, path: string, partitions: number): string {
	const row = db.query("SELECT version, log_id, partitions FROM log").values()[0];
	if (row === undefined) {
		const logId = crypto.randomUUID();
		db.query("INSERT INTO log VALUES (?, ?, ?)").run(VERSION, logId, partitions);
		return logId;
	}
	const [version, logId, made] = row as [number, string, number];
	if (version !== VERSION) {
		throw new Error(`the log ${path} is of version ${version}; this program reads ${VERSION}`);
	}
	if (made !== partitions) {
		throw new Error(
			`the log ${path} was made with ${made} partitions and cannot be opened with ${partitions}: ` +
				"their number is fixed when a venue begins",
		);
	}
	return logId;
}
