import { CommandKind } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { orderLogPositions } from "../../schemas/order-log-position.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { Log, LogEntry } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { OrderLog, OrderLogBatch } from "../../schemas/ports/order-log.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { metricText } from "../../schemas/prometheus-text.ts";
import type { VenueView } from "../../schemas/venue-config.ts";
import { checkLogId } from "../protocol/log-identity.ts";
import { Absence } from "../shared/absence.ts";
import { OrderChanges } from "./order-changes.ts";

/** Pause before a failed write is repeated: writes are idempotent. */
const RETRY_MS = 200;
/** Least time between two writes: one big batch costs far less than many small ones, and readers wait. */
const WRITE_EVERY_MS = 250;
/** The same after a write of many rows. */
const WRITE_MANY_EVERY_MS = 1_000;
const MANY_ROWS = 200;
/** With so many rows waiting it takes no more records until they are being written. */
const MAX_ROWS = 200_000;

export interface OrderLogWorkerOptions {
	readonly trades: Log<EventRecord>;
	readonly partitions: readonly number[];
	readonly orderLog: OrderLog;
	/** Symbols; at least as new as what `trades` holds when this worker starts. */
	readonly venue: VenueView;
	readonly pubsub: PubSub;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	onFatal(error: unknown): void;
}

/**
 * Writes the orders of `trades`, those that end and those that are open, and every fill to the order log,
 * behind: at once when there is little to do, else in big batches, one in flight per partition; and tells
 * how far it is. What an order log that is away cannot take stays in `trades`, not in memory.
 */
export class OrderLogWorker {
	private readonly options: OrderLogWorkerOptions;
	private readonly parts: Partition[] = [];

	constructor(options: OrderLogWorkerOptions) {
		this.options = options;
	}

	/** Goes on where the order log stands. */
	async start(): Promise<void> {
		for (const partition of this.options.partitions) {
			const part = new Partition(this.options, partition);
			await part.start();
			this.parts.push(part);
		}
	}

	/** Writes what is gathered, then stops. */
	async stop(): Promise<void> {
		await Promise.all(this.parts.map((part) => part.stop()));
	}

	/** Prometheus lines. */
	metrics(): string {
		return this.parts.map((part) => part.metrics()).join("");
	}
}

class Partition {
	private readonly options: OrderLogWorkerOptions;
	private readonly partition: number;
	private readonly absence: Absence;
	private changes: OrderChanges;
	/** The last evSeq taken, and its hash; 0 and "" before the first. */
	private evSeq = 0;
	private hash = "";
	private writtenEvSeq = 0;
	/** The offset after the last record taken. */
	private nextOffset = 0;
	private writing = false;
	/** The last write began too short a time ago. */
	private resting = false;
	private stopped = false;
	/** Null while it takes no records. */
	private unfollow: Cancel | null = null;
	private whenIdle: (() => void) | null = null;

	constructor(options: OrderLogWorkerOptions, partition: number) {
		this.options = options;
		this.partition = partition;
		this.absence = new Absence(options.logger, "the order log", { partition });
		this.changes = this.newChanges([]);
	}

	async start(): Promise<void> {
		const { position, open } = await this.stored();
		const { partition, options } = this;
		checkLogId(`partition ${partition} of the order log`, position.logId, options.trades.logId);
		this.changes = this.newChanges(open);
		this.evSeq = position.evSeq;
		this.written(position.evSeq);
		this.nextOffset = position.tradesOffset;
		this.follow();
	}

	/** Position and open orders of one moment: a write of the worker before may come between the two. */
	private async stored() {
		const { orderLog } = this.options;
		for (;;) {
			const position = await orderLog.position(this.partition);
			const open = await orderLog.openOrders(this.partition);
			const { evSeq } = await orderLog.position(this.partition);
			if (evSeq === position.evSeq) return { position, open };
		}
	}

	stop(): Promise<void> {
		this.unfollow?.();
		this.stopped = true;
		this.write();
		if (!this.writing) return Promise.resolve();
		return new Promise((resolve) => {
			this.whenIdle = resolve;
		});
	}

	metrics(): string {
		const of = (name: string, help: string, value: number) =>
			metricText(`castle_order_log_${name}`, help, [[`partition="${this.partition}"`, value]]);
		return [
			of("ev_seq", "evSeq the order log has.", this.writtenEvSeq),
			of("lag", "Records read and not yet written.", this.evSeq - this.writtenEvSeq),
			of("rows_waiting", "Rows on their way to the order log.", this.changes.rows()),
			of("rows_waiting_bound", "With more of them nothing more is read.", MAX_ROWS),
		].join("");
	}

	private newChanges(open: readonly OrderState[]): OrderChanges {
		const { venue } = this.options;
		return new OrderChanges(this.partition, (symbolId) => venue.symbolById(symbolId), open);
	}

	private follow(): void {
		const { trades } = this.options;
		this.unfollow = trades.follow(this.partition, this.nextOffset, (e) => this.read(e));
	}

	private read(entries: readonly LogEntry<EventRecord>[]): void {
		for (const { offset, record } of entries) {
			this.nextOffset = offset + 1;
			if (record.evSeq <= this.evSeq) {
				const forked = record.evSeq === this.evSeq && this.hash !== "" && record.hash !== this.hash;
				if (!forked) continue;
				throw new InvariantViolation(`fork in trades ${this.partition} at evSeq ${record.evSeq}`);
			}
			if (record.evSeq !== this.evSeq + 1 && !isFirstOfLog(record)) {
				throw new InvariantViolation(
					`trades ${this.partition} goes from evSeq ${this.evSeq} to ${record.evSeq}`,
				);
			}
			this.evSeq = record.evSeq;
			this.hash = record.hash;
			this.changes.apply(record, offset + 1);
		}
		if (this.changes.rows() >= MAX_ROWS) {
			this.unfollow?.();
			this.unfollow = null;
		}
		this.write();
	}

	private write(): void {
		if (this.writing || this.changes.isEmpty()) return;
		if (this.resting && !this.stopped) return;
		this.writing = true;
		this.rest(this.changes.rows() < MANY_ROWS ? WRITE_EVERY_MS : WRITE_MANY_EVERY_MS);
		this.attempt({ ...this.changes.take(), logId: this.options.trades.logId });
		if (this.unfollow === null && !this.stopped) this.follow();
	}

	private rest(forMs: number): void {
		this.resting = true;
		this.options.scheduler.after(forMs, () => {
			this.resting = false;
			this.write();
		});
	}

	private attempt(batch: OrderLogBatch): void {
		const { orderLog, scheduler } = this.options;
		orderLog.write(batch).then(
			() => {
				this.absence.answered();
				this.writing = false;
				this.written(batch.evSeq);
				this.write();
				if (!this.writing) this.whenIdle?.();
			},
			(error: unknown) => {
				this.absence.failed(error);
				if (this.stopped) this.whenIdle?.();
				else scheduler.after(RETRY_MS, () => this.attempt(batch));
			},
		);
	}

	private written(evSeq: number): void {
		this.writtenEvSeq = evSeq;
		this.options.pubsub.publish(orderLogPositions, { partition: this.partition, evSeq });
	}
}

/** A log that goes on from one that was lost begins far behind it. */
function isFirstOfLog({ command, evSeq }: EventRecord): boolean {
	return command?.kind === CommandKind.ResumePartition && evSeq === command.evSeq + 1;
}
