import type { BookKind } from "../../engine/book.ts";
import { isForMarket } from "../../engine/engine.ts";
import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import { type Log, type LogEntry, LogUnavailable } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { patient } from "../protocol/patience.ts";
import { countInAppend } from "./append-size.ts";
import { EngineFault, tellRefusal } from "./engine-fault.ts";
import { metricsText } from "./metrics.ts";
import { PartitionState } from "./partition-state.ts";
import {
	compare,
	type LastPublished,
	lastPublished,
	PublishedRecords,
} from "./published-records.ts";
import { isSkipped } from "./skips.ts";
import { linesUntilSnapshot, readSnapshot, writeSnapshot } from "./snapshot.ts";

/** Lines that the engine foresees together: few enough to stay in the processor's nearest cache. */
const AHEAD = 32;
/** Lines read at a time while replaying. */
const CHUNK = 5_000;
/** Pause before an append whose outcome is unknown is repeated. */
const RETRY_MS = 20;
/** With so many records unpublished it takes no more lines until half of them have gone. */
const MAX_UNPUBLISHED = 100_000;
/** A snapshot is due after this long with any line… */
const SNAPSHOT_EVERY_MS = 30_000;
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
	/** Instead of the usual time between two snapshots, ms. */
	readonly snapshotEveryMs?: number;
	/** Instead of the usual size of a record of `trades`. */
	readonly eventsPerRecord?: number;
	/** Instead of the newest version of the engine's rules that this program knows. */
	readonly newestVersion?: number | undefined;
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
	/** `trades` offset at or before the first record that is not acknowledged, unless another worker is ahead. */
	private tradesOffset = 0;
	private readonly unpublished: EventRecord[] = [];
	private publishing = false;
	/** The append on its way is not tried again. */
	private gaveUp = false;
	private publishedEvSeq = 0;
	private snapshotting: Promise<void> | null = null;
	private snapshotEvSeq = 0;
	private snapshotBytes = 0;
	private linesSinceSnapshot = 0;
	/** Null while it takes no lines. */
	private unfollow: Cancel | null = null;
	private cancelSnapshots: Cancel = () => {};
	private stopped = false;
	private whenPublished: (() => void)[] = [];
	/** Offsets in `orders` of commands that broke the engine once: it may have been the memory that was damaged. */
	private readonly suspected = new Set<number>();
	/** …and of those that it cannot take. */
	private readonly refused = new Set<number>();
	/** The engine broke in the midst of a command: until the state is read anew, it is of no use. */
	private broken = false;
	private rebuilding: Promise<void> = Promise.resolve();

	constructor(options: MatchingOptions) {
		const { orders, trades, scheduler } = options;
		this.options = {
			...options,
			orders: patient(orders, scheduler),
			trades: patient(trades, scheduler),
		};
		this.state = PartitionState.empty(options.partition, options.book, options.newestVersion);
	}

	/**
	 * Restores, replays, compares with what was published, publishes the rest, goes live. Resolves when
	 * `trades` has everything that the lines read so far give: readers may have seen more of it than was
	 * stored when the process died, and start after this.
	 *
	 * @throws InvariantViolation for a fork, or when a topic has lost records
	 */
	async start(): Promise<void> {
		const { scheduler, snapshotEveryMs = SNAPSHOT_EVERY_MS } = this.options;
		await this.catchUp();
		if (this.stopped) return;
		this.publish();
		// A process that is killed again and again must not have more to replay each time.
		this.snapshot(SNAPSHOT_AFTER_REPLAY);
		this.follow();
		this.cancelSnapshots = scheduler.every(snapshotEveryMs, () => this.snapshot(1));
		await this.published();
	}

	/** Takes no more lines, publishes what it has; a last snapshot makes the next start short. */
	async stop(): Promise<void> {
		this.stopped = true;
		this.unfollow?.();
		this.cancelSnapshots();
		await this.rebuilding;
		await this.published();
		await this.snapshotting;
		const isWhole = !this.broken && this.unpublished.length === 0 && !this.publishing;
		if (isWhole && this.linesSinceSnapshot > 0) await this.writeSnapshot();
	}

	/** The engine, for audits and simulation; nobody changes it but this worker. */
	engine(): PartitionState["engine"] {
		return this.state.engine;
	}

	/** The last record that it has made, published or not; null while its state is read anew. */
	evSeq(): number | null {
		return this.broken ? null : this.state.marks().evSeq;
	}

	/** Prometheus lines. */
	metrics(): string {
		return metricsText(this.options.partition, {
			orders_offset: this.ordersOffset,
			ev_seq: this.state.marks().evSeq,
			unpublished: this.unpublished.length,
			refused_commands: this.refused.size,
			engine_version: this.state.engine.version,
			unpublished_bound: MAX_UNPUBLISHED,
		});
	}

	/**
	 * From the newest snapshot to the end of `orders`. Where the engine cannot take a command, the same once more,
	 * with that command refused: what was published of it says so too.
	 */
	private async catchUp(): Promise<void> {
		const { partition, trades, logger } = this.options;
		for (;;) {
			const published = await lastPublished(trades, partition);
			this.publishedEvSeq = published.evSeq;
			const fromSnapshot = await this.restore(published);
			const from = this.ordersOffset;
			try {
				await this.replay(new PublishedRecords(trades, partition, this.tradesOffset));
			} catch (error) {
				if (!(error instanceof EngineFault)) throw error;
				await this.refuse(error);
				continue;
			}
			const [replayed, { evSeq }] = [this.ordersOffset - from, this.state.marks()];
			return logger.info("matching is live", { partition, fromSnapshot, replayed, evSeq });
		}
	}

	private async restore(published: LastPublished): Promise<boolean> {
		const { partition, orders, archive, book, logger, eventsPerRecord, newestVersion } =
			this.options;
		const engine = { partition, book, newestVersion };
		const restored = await readSnapshot(
			...([archive, orders.logId, engine, published] as const),
			(name, why) => logger.warn("a snapshot is of no use", { partition, name, why }),
		);
		this.state = restored?.state ?? PartitionState.empty(partition, book, newestVersion);
		this.state.eventsPerRecord = eventsPerRecord ?? this.state.eventsPerRecord;
		this.ordersOffset = restored?.ordersOffset ?? 0;
		this.tradesOffset = restored?.tradesOffset ?? 0;
		this.snapshotEvSeq = this.state.marks().evSeq;
		this.linesSinceSnapshot = 0;
		this.unpublished.length = 0;
		return restored !== null;
	}

	/**
	 * The last line taken broke the engine, of a state that was read from the log. When it did so before, it does for
	 * everyone: its symbol halts; a command for no symbol waits for the operator.
	 *
	 * @throws InvariantViolation when no operator has spoken yet
	 */
	private async refuse(fault: EngineFault): Promise<void> {
		const { orders, partition, logger } = this.options;
		const offset = this.ordersOffset - 1;
		if (!this.suspected.has(offset)) return this.suspect(fault);
		const { command, shard, seq } = fault.line;
		const fields = { partition, offset, shard, seq, kind: command.kind, why: String(fault.cause) };
		if (isForMarket(command)) {
			tellRefusal(logger, this.state.marks().evSeq < this.publishedEvSeq, fields);
		} else if (await isSkipped(orders, partition, offset + 1, this.state.gateAhead(), fault.line)) {
			logger.error("the engine cannot take a command: it is skipped", fields);
		} else {
			throw new InvariantViolation(
				`orders ${partition} at ${offset}: ${fault.message}; see docs/runbooks/engine-fault.md`,
			);
		}
		this.refused.add(offset);
	}

	/** The state is of no use; the command is tried once more, on one that is read anew. */
	private suspect(fault: EngineFault): void {
		const fields = { partition: this.options.partition, why: fault.message };
		this.options.logger.error("the engine broke: its state is read anew", fields);
		this.suspected.add(this.ordersOffset - 1);
	}

	private applied({ offset, record }: LogEntry<OrdersRecord>): EventRecord[] {
		this.ordersOffset = offset + 1;
		const refused = record.command !== null && this.refused.has(offset);
		return refused ? this.state.refuse(record) : this.state.apply(record);
	}

	/** Reads the state anew, and tries the command again on it: it may be the memory that was damaged. */
	private rebuild(fault: EngineFault): void {
		this.suspect(fault);
		this.broken = true;
		this.unfollow?.();
		this.unfollow = null;
		this.rebuilding = this.readAnew().catch(this.options.onFatal);
	}

	private async readAnew(): Promise<void> {
		await this.published();
		await this.snapshotting;
		if (this.stopped) return;
		await this.catchUp();
		this.broken = false;
		if (this.stopped) return;
		this.publish();
		this.follow();
	}

	/** Takes the stored lines, until what they give is all that `trades` has, and more. */
	private async replay(published: PublishedRecords): Promise<void> {
		const { orders, partition } = this.options;
		for (;;) {
			const end = await orders.end(partition);
			invariant(
				end >= this.ordersOffset,
				`orders ${partition} has lost data: it ends at ${end}, ${this.ordersOffset} were taken`,
			);
			await this.replayTo(end, published);
			if ((await published.at(this.state.marks().evSeq + 1)) === null) break;
			// Another worker of this partition may be ahead, with lines that came after `end`.
			invariant(
				(await orders.end(partition)) > end,
				`orders ${partition} has lost data: trades goes on after what its ${end} lines give`,
			);
			published = new PublishedRecords(this.options.trades, partition, this.tradesOffset);
		}
	}

	private async replayTo(end: number, published: PublishedRecords): Promise<void> {
		const { orders, partition } = this.options;
		while (this.ordersOffset < end) {
			const entries = await orders.read(partition, this.ordersOffset, CHUNK);
			invariant(entries.length > 0, `orders ${partition} has nothing at ${this.ordersOffset}`);
			// Where `trades` ends is asked for once in a chunk, not for each record that it lacks.
			let isPublished = true;
			for (const entry of entries) {
				this.linesSinceSnapshot += 1;
				for (const record of this.applied(entry)) {
					const before: EventRecord | null = isPublished ? await published.at(record.evSeq) : null;
					isPublished = before !== null;
					if (before === null) this.unpublished.push(record);
					else compare(before, record);
				}
			}
		}
		this.tradesOffset = published.offset();
	}

	private follow(): void {
		const { orders, partition } = this.options;
		this.unfollow = orders.follow(partition, this.ordersOffset, (entries) => this.take(entries));
	}

	private take(entries: readonly LogEntry<OrdersRecord>[]): void {
		for (let from = 0; from < entries.length; from += AHEAD) {
			const next = entries.slice(from, from + AHEAD);
			this.state.foresee(next.map((entry) => entry.record));
			try {
				for (const entry of next) {
					for (const record of this.applied(entry)) this.unpublished.push(record);
				}
			} catch (error) {
				if (!(error instanceof EngineFault)) throw error;
				this.publish();
				return this.rebuild(error);
			}
		}
		this.linesSinceSnapshot += entries.length;
		if (this.unpublished.length >= MAX_UNPUBLISHED) {
			this.unfollow?.();
			this.unfollow = null;
		}
		this.publish();
		this.snapshot(linesUntilSnapshot(this.snapshotBytes));
	}

	/** Resolves when nothing is on its way to `trades`, or never will be. */
	private published(): Promise<void> {
		if (!this.publishing || this.gaveUp) return Promise.resolve();
		return new Promise((resolve) => {
			this.whenPublished.push(resolve);
		});
	}

	private idle(): void {
		const waiting = this.whenPublished;
		this.whenPublished = [];
		for (const resolve of waiting) resolve();
	}

	/** One append in flight, repeated until acknowledged: a record published twice is the same bytes. */
	private publish(): void {
		if (this.publishing || this.unpublished.length === 0) return;
		this.publishing = true;
		this.append(this.unpublished.splice(0, countInAppend(this.unpublished)));
	}

	private append(records: readonly EventRecord[]): void {
		const { trades, partition, scheduler, onFatal } = this.options;
		trades.append(partition, records).then(
			(first) => {
				this.tradesOffset = first + records.length;
				this.publishedEvSeq = records.at(-1)?.evSeq ?? this.publishedEvSeq;
				this.publishing = false;
				this.publish();
				if (!this.publishing) this.idle();
				const room = this.unpublished.length <= MAX_UNPUBLISHED / 2;
				const mayFollow = !this.broken && !this.stopped;
				if (room && this.unfollow === null && mayFollow) this.follow();
			},
			(error: unknown) => {
				const isAway = error instanceof LogUnavailable;
				if (!isAway) onFatal(error);
				this.gaveUp = !isAway || this.stopped;
				if (this.gaveUp) this.idle();
				else scheduler.after(RETRY_MS, () => this.append(records));
			},
		);
	}

	/**
	 * Not before the snapshot before is in `trades`: of the two that are kept, one can always be started
	 * from.
	 */
	private snapshot(dueAfterLines: number): void {
		if (this.linesSinceSnapshot < dueAfterLines || this.snapshotting !== null) return;
		if (this.stopped || this.broken || this.publishedEvSeq < this.snapshotEvSeq) return;
		void this.writeSnapshot();
	}

	/** Resolves when it is written, or cannot be. */
	private writeSnapshot(): Promise<void> {
		const { archive, scheduler, orders } = this.options;
		const { state, ordersOffset, tradesOffset } = this;
		this.linesSinceSnapshot = 0;
		this.snapshotEvSeq = state.marks().evSeq;
		const writing = writeSnapshot(
			...([archive, scheduler, orders.logId, state, ordersOffset, tradesOffset] as const),
		);
		this.snapshotting = this.written(writing);
		return this.snapshotting;
	}

	/** Without a snapshot the next start is longer, and nothing is lost: the next one is tried in time. */
	private async written(writing: Promise<number>): Promise<void> {
		const { logger, partition, onFatal } = this.options;
		try {
			this.snapshotBytes = await writing;
		} catch (error) {
			if (error instanceof InvariantViolation) return onFatal(error);
			logger.error("no snapshot could be written", { partition, error: String(error) });
		}
		this.snapshotting = null;
	}
}
