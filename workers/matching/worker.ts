import type { BookKind } from "../../engine/engine.ts";
import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import { type Log, type LogEntry, LogUnavailable } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { PartitionState } from "./partition-state.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";

/** Lines read at a time while replaying. */
const CHUNK = 5_000;
/** Pause before an append whose outcome is unknown is repeated. */
const RETRY_MS = 20;
/** Records in one append to `trades`. */
const BATCH = 2_000;
/** A snapshot is due after this many lines, or after this long with any. */
const SNAPSHOT_LINES = 50_000;
const SNAPSHOT_EVERY_MS = 10_000;
/** …and at the start, when this many had to be replayed. */
const SNAPSHOT_AFTER_REPLAY = 5_000;

export interface MatchingOptions {
	readonly partition: number;
	readonly book: BookKind;
	readonly orders: Log<OrdersRecord>;
	readonly trades: Log<EventRecord>;
	readonly archive: Archive;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	onFatal(error: unknown): void;
}

/**
 * The matching worker of one partition: takes lines of `orders` in their order, applies them, appends
 * what comes out to `trades`. It never reads a clock for what it decides. Every start is a test of
 * determinism: what it regenerates must be what `trades` already holds.
 */
export class MatchingWorker {
	private readonly options: MatchingOptions;
	private state: PartitionState;
	private ordersOffset = 0;
	/** `trades` offset at or before the first record that is not acknowledged. */
	private tradesOffset = 0;
	private readonly unpublished: EventRecord[] = [];
	private publishing = false;
	private snapshotting = false;
	private linesSinceSnapshot = 0;
	private readonly cancels: Cancel[] = [];
	private stopped = false;

	constructor(options: MatchingOptions) {
		this.options = options;
		this.state = PartitionState.empty(options.partition, options.book);
	}

	/** Restores, replays, compares with what was published, publishes the rest, goes live. */
	async start(): Promise<void> {
		const { partition, orders, trades, archive, book, scheduler, logger } = this.options;
		const published = await lastPublished(trades, partition);
		const restored = await readSnapshot(archive, orders.logId, partition, book, published);
		if (restored !== null) {
			this.state = restored.state;
			this.ordersOffset = restored.ordersOffset;
			this.tradesOffset = restored.tradesOffset;
		}
		const from = this.ordersOffset;
		await this.replay(new PublishedRecords(trades, partition, this.tradesOffset));
		logger.info("matching is live", {
			partition,
			fromSnapshot: restored !== null,
			replayed: this.ordersOffset - from,
			evSeq: this.state.marks().evSeq,
		});
		if (this.stopped) return;
		this.publish();
		// A process that is killed again and again must not have more to replay each time.
		this.snapshot(SNAPSHOT_AFTER_REPLAY);
		this.cancels.push(
			orders.follow(partition, this.ordersOffset, (entries) => this.take(entries)),
			scheduler.every(SNAPSHOT_EVERY_MS, () => this.snapshot(1)),
		);
	}

	/** Stops taking lines; a last snapshot makes the next start short. */
	async stop(): Promise<void> {
		this.stopped = true;
		for (const cancel of this.cancels.splice(0)) cancel();
		if (this.unpublished.length === 0 && !this.publishing) await this.writeSnapshot();
	}

	/** The engine, for audits and simulation; nobody changes it but this worker. */
	engine(): PartitionState["engine"] {
		return this.state.engine;
	}

	/** Prometheus lines. */
	metrics(): string {
		const label = `{partition="${this.options.partition}"}`;
		return [
			`castle_matching_orders_offset${label} ${this.ordersOffset}`,
			`castle_matching_ev_seq${label} ${this.state.marks().evSeq}`,
			`castle_matching_unpublished${label} ${this.unpublished.length}`,
			"",
		].join("\n");
	}

	private async replay(published: PublishedRecords): Promise<void> {
		const { orders, partition } = this.options;
		const end = await orders.end(partition);
		while (this.ordersOffset < end) {
			const entries = await orders.read(partition, this.ordersOffset, CHUNK);
			invariant(entries.length > 0, `orders ${partition} has nothing at ${this.ordersOffset}`);
			for (const entry of entries) {
				this.ordersOffset = entry.offset + 1;
				this.linesSinceSnapshot += 1;
				for (const record of this.state.apply(entry.record)) {
					const before = await published.at(record.evSeq);
					if (before === null) this.unpublished.push(record);
					else compare(before, record);
				}
			}
		}
		this.tradesOffset = published.offset();
	}

	private take(entries: readonly LogEntry<OrdersRecord>[]): void {
		for (const entry of entries) {
			this.ordersOffset = entry.offset + 1;
			for (const record of this.state.apply(entry.record)) this.unpublished.push(record);
		}
		this.linesSinceSnapshot += entries.length;
		this.publish();
		this.snapshot(SNAPSHOT_LINES);
	}

	/** One append in flight, repeated until acknowledged: a record published twice is the same bytes. */
	private publish(): void {
		if (this.publishing || this.unpublished.length === 0) return;
		this.publishing = true;
		this.append(this.unpublished.splice(0, BATCH));
	}

	private append(records: readonly EventRecord[]): void {
		const { trades, partition, scheduler, onFatal } = this.options;
		trades.append(partition, records).then(
			(first) => {
				this.tradesOffset = first + records.length;
				this.publishing = false;
				this.publish();
			},
			(error: unknown) => {
				if (!(error instanceof LogUnavailable)) return onFatal(error);
				if (!this.stopped) scheduler.after(RETRY_MS, () => this.append(records));
			},
		);
	}

	private snapshot(dueAfterLines: number): void {
		if (this.linesSinceSnapshot < dueAfterLines || this.snapshotting || this.stopped) return;
		this.writeSnapshot().catch(this.options.onFatal);
	}

	private async writeSnapshot(): Promise<void> {
		if (this.snapshotting) return;
		this.snapshotting = true;
		this.linesSinceSnapshot = 0;
		const { archive, orders } = this.options;
		await writeSnapshot(archive, orders.logId, this.state, this.ordersOffset, this.tradesOffset);
		this.snapshotting = false;
	}
}

/** The records of `trades` from an offset on, without their repetitions, one after the other. */
class PublishedRecords {
	private readonly trades: Log<EventRecord>;
	private readonly partition: number;
	private next: number;
	private chunk: readonly LogEntry<EventRecord>[] = [];
	private index = 0;
	private atEnd = false;

	constructor(trades: Log<EventRecord>, partition: number, offset: number) {
		this.trades = trades;
		this.partition = partition;
		this.next = offset;
	}

	/** The record with this evSeq; null when `trades` ends before it. Ask in ascending order. */
	async at(evSeq: number): Promise<EventRecord | null> {
		for (;;) {
			while (this.index < this.chunk.length) {
				const { record, offset } = this.chunk[this.index] as LogEntry<EventRecord>;
				if (record.evSeq > evSeq) {
					throw new InvariantViolation(`trades ${this.partition} lacks evSeq ${evSeq}`);
				}
				this.index += 1;
				this.next = offset + 1;
				if (record.evSeq === evSeq) return record;
			}
			if (this.atEnd) return null;
			this.chunk = await this.trades.read(this.partition, this.next, CHUNK);
			this.index = 0;
			this.atEnd = this.chunk.length === 0;
		}
	}

	/** The offset after the last record given. */
	offset(): number {
		return this.next;
	}
}

function compare(published: EventRecord, regenerated: EventRecord): void {
	invariant(
		published.hash === regenerated.hash,
		`fork: partition ${published.partition} evSeq ${published.evSeq} was published with hash ${published.hash}, replay gives ${regenerated.hash}`,
	);
}

/** The highest evSeq in `trades`; 0 when it is empty. */
async function lastPublished(trades: Log<EventRecord>, partition: number): Promise<number> {
	const end = await trades.end(partition);
	if (end === 0) return 0;
	const [last] = await trades.read(partition, end - 1, 1);
	return last?.record.evSeq ?? 0;
}
