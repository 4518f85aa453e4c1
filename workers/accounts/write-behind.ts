import type { Clock } from "../../schemas/ports/clock.ts";
import { type Ledger, type LedgerBatch, LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { BEAT_AFTER_MS, type Lease } from "../protocol/lease.ts";
import { type Moment, momentOf, sinceMs } from "../protocol/stopwatch.ts";
import { Superseded } from "../protocol/take-over.ts";
import { Absence } from "../shared/absence.ts";
import { WriteBehindCounts } from "./write-behind-counts.ts";

/** Pause before a batch whose outcome is unknown is sent again. */
const RETRY_MS = 50;

export interface WriteBehindOptions {
	readonly shard: number;
	/** The batch that the ledger has. */
	readonly batch: number;
	readonly ledger: Ledger;
	readonly lease: Lease;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	readonly everyMs: number;
	/** Whether there is something to write. */
	isDirty(): boolean;
	/** Copies what changed and marks it clean, in one synchronous step. */
	copy(batch: number): LedgerBatch;
	/** Superseded, or an error that is not the ledger's absence. */
	onFatal(error: unknown): void;
}

/**
 * Brings the state behind itself into the ledger: one transaction at a time, absolute values, and the
 * same batch again while its outcome is unknown.
 */
export class WriteBehind {
	private readonly options: WriteBehindOptions;
	private batch: number;
	private inFlight: LedgerBatch | null = null;
	private lastSent: Moment;
	/** The last time that nothing but what is in flight was to be written: what is dirty is younger. */
	private cleanAt: Moment;
	/** When the oldest change that is not committed may have been made. */
	private oldestChange: Moment | null = null;
	private cancelTimer: Cancel = () => {};
	private stopped = false;
	private onIdle: (() => void)[] = [];
	/** Of the batch in flight: when the oldest change in it may have been made. */
	private changedSince: Moment | null = null;
	private readonly counts = new WriteBehindCounts();
	private readonly absence: Absence;

	constructor(options: WriteBehindOptions) {
		this.options = options;
		this.batch = options.batch;
		this.absence = new Absence(options.logger, "the ledger", { shard: options.shard });
		this.lastSent = momentOf(options.clock);
		this.cleanAt = this.lastSent;
	}

	/** Sends the first batch at once: it proves the epoch. Resolves when it is committed. */
	start(): Promise<void> {
		this.cancelTimer = this.options.scheduler.every(this.options.everyMs, () => this.turn());
		return this.commitNow();
	}

	/** One more batch, of whatever there is; resolves when it is committed. */
	commitNow(): Promise<void> {
		return new Promise((resolve) => {
			const go = (): void => {
				const busy = this.inFlight !== null;
				this.onIdle.push(busy ? go : resolve);
				if (!busy) this.send();
			};
			go();
		});
	}

	/** Nothing is sent any more. */
	stop(): void {
		this.stopped = true;
		this.cancelTimer();
	}

	/** Age of the oldest change that the ledger does not have, ms. */
	lagMs(): number {
		return this.oldestChange === null ? 0 : sinceMs(this.options.clock, this.oldestChange);
	}

	/** What this worker has committed. */
	committed(): WriteBehindCounts {
		return this.counts;
	}

	private look(): void {
		if (this.options.isDirty()) this.oldestChange ??= this.cleanAt;
		else this.cleanAt = momentOf(this.options.clock);
	}

	private turn(): void {
		this.look();
		if (this.stopped || this.inFlight !== null) return;
		const idle = sinceMs(this.options.clock, this.lastSent) >= BEAT_AFTER_MS;
		if (this.options.isDirty() || idle) this.send();
	}

	private send(): void {
		if (this.stopped) return;
		this.batch += 1;
		this.changedSince = this.oldestChange;
		this.inFlight = this.options.copy(this.batch);
		this.cleanAt = momentOf(this.options.clock);
		this.attempt(this.inFlight, momentOf(this.options.clock));
	}

	/** @param firstSentAt what proves the epoch: the next owner finds this time in the batch, and no later one */
	private attempt(batch: LedgerBatch, firstSentAt: Moment): void {
		const { ledger, shard, clock, scheduler, lease } = this.options;
		this.lastSent = momentOf(clock);
		ledger.commit(shard, batch).then(
			(result) => {
				if (this.stopped) return;
				if (result === "superseded") {
					return this.options.onFatal(new Superseded(`shard ${shard}: batch ${batch.batch}`));
				}
				this.absence.answered();
				lease.prove(firstSentAt);
				this.finished(batch);
			},
			(error: unknown) => {
				if (this.stopped) return;
				if (!(error instanceof LedgerUnavailable)) return this.options.onFatal(error);
				this.absence.failed(error);
				scheduler.after(RETRY_MS, () => {
					if (!this.stopped) this.attempt(batch, firstSentAt);
				});
			},
		);
	}

	private finished(batch: LedgerBatch): void {
		const { clock } = this.options;
		this.inFlight = null;
		const lagMs = this.changedSince === null ? 0 : sinceMs(clock, this.changedSince);
		this.counts.add(batch, lagMs);
		this.oldestChange = null;
		this.look();
		const waiting = this.onIdle;
		this.onIdle = [];
		for (const run of waiting) run();
	}
}
