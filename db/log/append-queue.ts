import { LogUnavailable } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import type { Append, SegmentedLog } from "./segmented-log.ts";

/** An append that waits to be stored. */
export interface QueuedAppend extends Append {
	/** Called when it is durable, in order of the appends. */
	stored(firstOffset: number): void;
	failed(error: LogUnavailable): void;
}

/** What can wait for company waits at most this long. */
const LATEST_MS = 5;

/**
 * Appends of all lanes on their way into the file: those of one turn, and what came while a write was
 * under way, are one write. So this thread never waits for the disk, and the busier it is the more
 * share a write.
 */
export class AppendQueue {
	private readonly log: SegmentedLog;
	private readonly scheduler: Scheduler;
	private readonly logger: Logger | null;
	private queue: QueuedAppend[] = [];
	/** By lane: the offset after what is durable, under way, and queued. */
	private readonly next: number[];
	private underWay: Promise<void> | null = null;
	/** A write is due this turn; when one is under way, right after it; at the latest by the timer. */
	private due = false;
	/** What is handed on when the next write has been started; null when nothing has just been stored. */
	private handingOn: (() => void)[] | null = null;
	private cancelLater: Cancel | null = null;
	private closed = false;
	/** The last write failed, which has been told. */
	private isAway = false;

	/** @param logger told when the files cannot be written, and when they can again; null: nobody */
	constructor(log: SegmentedLog, lanes: number, scheduler: Scheduler, logger: Logger | null) {
		this.log = log;
		this.scheduler = scheduler;
		this.logger = logger;
		this.next = Array.from({ length: lanes }, (_, lane) => log.end(lane));
	}

	/**
	 * Queues a batch for this turn's write, or one that can wait for the next write there is, or its own
	 * after LATEST_MS. Exactly one of its two functions is called, later.
	 */
	add(append: QueuedAppend, canWait: boolean): void {
		if (this.closed) return append.failed(new LogUnavailable("the log is closed"));
		this.queue.push(append);
		this.next[append.lane] = this.nextOffset(append.lane) + append.count;
		if (canWait) this.writeLater();
		else this.writeSoon();
	}

	/**
	 * Runs it now; but while what was just stored is passed on, once the next write has been started: that
	 * is on its way to the disk while this thread does what follows.
	 */
	handOn(run: () => void): void {
		if (this.handingOn === null) run();
		else this.handingOn.push(run);
	}

	/** The offset that the next append to the lane will get, after those that are not durable yet. */
	nextOffset(lane: number): number {
		return this.next[lane] as number;
	}

	/** False from a write that failed to the next one that did not. */
	isWritable(): boolean {
		return !this.isAway;
	}

	/** Writes what is queued; takes nothing afterwards. */
	async close(): Promise<void> {
		this.closed = true;
		this.cancelLater?.();
		while (this.underWay !== null || this.queue.length > 0) {
			if (this.underWay === null) this.write();
			await this.underWay;
		}
	}

	private writeSoon(): void {
		if (this.due) return;
		this.due = true;
		this.scheduler.soon(() => this.write());
	}

	/** One timer at a time, and not taken back: it is cheaper to find nothing to do. */
	private writeLater(): void {
		this.cancelLater ??= this.scheduler.after(LATEST_MS, () => {
			this.cancelLater = null;
			this.due = true;
			this.write();
		});
	}

	private write(): void {
		if (this.underWay !== null) return;
		this.due = false;
		const batch = this.queue;
		this.queue = [];
		if (batch.length === 0) return;
		this.underWay = this.log.append(batch).then(
			(firstOffsets) => this.done(batch, firstOffsets),
			(error: unknown) => this.failed(batch, error),
		);
	}

	private done(batch: readonly QueuedAppend[], firstOffsets: readonly number[]): void {
		this.underWay = null;
		if (this.isAway) this.logger?.info("the log is back");
		this.isAway = false;
		const handingOn: (() => void)[] = [];
		this.handingOn = handingOn;
		for (const [i, append] of batch.entries()) append.stored(firstOffsets[i] as number);
		// After those who waited for these appends, who have queued their next ones by then.
		queueMicrotask(() => {
			this.handingOn = null;
			if (this.due) this.write();
			for (const run of handingOn) run();
		});
	}

	/** With those that were queued meanwhile: their offsets count on these. */
	private failed(batch: readonly QueuedAppend[], error: unknown): void {
		this.underWay = null;
		this.due = false;
		if (!this.isAway) this.logger?.error("the log cannot be written", { error: String(error) });
		this.isAway = true;
		const all = [...batch, ...this.queue];
		this.queue = [];
		for (const { lane } of all) this.next[lane] = this.log.end(lane);
		const unavailable = new LogUnavailable(`the log could not be written: ${error}`);
		for (const append of all) append.failed(unavailable);
	}
}
