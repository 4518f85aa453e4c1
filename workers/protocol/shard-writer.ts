import type { Command, CommandRecord, OrdersRecord } from "../../schemas/command.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import { type Log, LogUnavailable } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { type Moment, momentOf, sinceMs } from "./stopwatch.ts";

/** Most commands in one append. */
const BATCH = 1_000;
/** Pause before an append whose outcome is unknown is repeated. */
const RETRY_MS = 20;
/** An append of so many says that there is much to do. */
const MANY = 4;

/** The first sending of a batch. */
interface Sending {
	readonly firstSeq: number;
	readonly lastSeq: number;
	readonly at: Moment;
}

/** One partition's side of a writer. */
interface Lane {
	readonly partition: number;
	nextSeq: number;
	readonly queue: CommandRecord[];
	inFlight: readonly CommandRecord[] | null;
	/** First sendings whose events have not been read yet, oldest first. */
	readonly sent: Sending[];
	flushing: boolean;
	/** No append begins before: it gathers what comes until then. */
	restsUntilMs: number;
}

export interface ShardWriterOptions {
	readonly shard: number;
	readonly epoch: number;
	/** By partition: the last accepted seq in the log. */
	readonly lastSeqs: readonly number[];
	/** The greatest ts this shard ever stamped. */
	readonly lastTs: number;
	readonly log: Log<OrdersRecord>;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	/** After an append of many the next begins no sooner than this after its beginning, ms; absent: at once. */
	readonly gatherMs?: number;
	/** An append was acknowledged; `endOffset` is the offset after it. */
	onAcknowledged(partition: number, records: readonly CommandRecord[], endOffset: number): void;
	/** An append failed for another reason than LogUnavailable: the worker must stop. */
	onFatal(error: unknown): void;
}

/**
 * A shard's pen: stamps commands with epoch, gapless seq and time, and appends them in batches, one in
 * flight per partition. An append whose outcome is unknown is repeated, the same records with the same
 * seq, until it is acknowledged or the worker dies.
 */
export class ShardWriter {
	private readonly options: ShardWriterOptions;
	private readonly lanes: Lane[];
	private lastTs: number;
	private lastWrite: Moment;
	private stopped = false;

	constructor(options: ShardWriterOptions) {
		this.options = options;
		this.lastTs = options.lastTs;
		this.lastWrite = momentOf(options.clock);
		this.lanes = options.lastSeqs.map((seq, partition) => ({
			partition,
			nextSeq: seq + 1,
			queue: [],
			inFlight: null,
			sent: [],
			flushing: false,
			restsUntilMs: 0,
		}));
	}

	/** Stamps the command and queues it; commands of the same turn leave together. */
	write(partition: number, command: Command): CommandRecord {
		const lane = this.lane(partition);
		this.lastTs = Math.max(this.lastTs, this.options.clock.nowMs());
		const record: CommandRecord = {
			shard: this.options.shard,
			epoch: this.options.epoch,
			seq: lane.nextSeq,
			ts: this.lastTs,
			command,
		};
		lane.nextSeq += 1;
		lane.queue.push(record);
		if (lane.queue.length === 1) this.lastWrite = momentOf(this.options.clock);
		this.flushSoon(lane);
		return record;
	}

	/** Commands not acknowledged yet, over all partitions. */
	pending(): number {
		let count = 0;
		for (const lane of this.lanes) count += lane.queue.length + (lane.inFlight?.length ?? 0);
		return count;
	}

	/** Nothing of this partition waits for its acknowledgement. */
	isIdle(partition: number): boolean {
		const lane = this.lane(partition);
		return lane.inFlight === null && lane.queue.length === 0;
	}

	/** How long nothing was written: after BEAT_AFTER_MS of it a beat is due. */
	msSinceWrite(): number {
		return sinceMs(this.options.clock, this.lastWrite);
	}

	/** The last time stamped. */
	lastStampedTs(): number {
		return this.lastTs;
	}

	/**
	 * An event that answers `seq` of this writer's own epoch was read back: returns when that command
	 * was first sent, and forgets older sendings, so ask for every event. Null when it was not sent by
	 * this writer, or is older than what was asked before: a later sending is no proof of it.
	 */
	takeSentAt(partition: number, seq: number): Moment | null {
		const sent = this.lane(partition).sent;
		while (sent.length > 0 && (sent[0] as Sending).lastSeq < seq) sent.shift();
		const [sending] = sent;
		return sending !== undefined && sending.firstSeq <= seq ? sending.at : null;
	}

	/** Nothing is sent any more; what is in flight stays unknown. */
	stop(): void {
		this.stopped = true;
	}

	private lane(partition: number): Lane {
		const lane = this.lanes[partition];
		if (lane !== undefined) return lane;
		throw new InvariantViolation(`shard ${this.options.shard} has no partition ${partition}`);
	}

	private flushSoon(lane: Lane): void {
		if (lane.flushing || lane.inFlight !== null) return;
		lane.flushing = true;
		const { scheduler } = this.options;
		const flush = (): void => {
			lane.flushing = false;
			this.flush(lane);
		};
		const restMs = this.restMs(lane);
		if (restMs > 0) scheduler.after(restMs, flush);
		else scheduler.soon(flush);
	}

	private restMs(lane: Lane): number {
		return lane.restsUntilMs - this.options.clock.monotonicMs();
	}

	private flush(lane: Lane): void {
		if (this.stopped || lane.queue.length === 0) return;
		const records = lane.queue.splice(0, BATCH);
		lane.inFlight = records;
		const first = records[0] as CommandRecord;
		const last = records[records.length - 1] as CommandRecord;
		lane.sent.push({ firstSeq: first.seq, lastSeq: last.seq, at: momentOf(this.options.clock) });
		const { clock, gatherMs = 0 } = this.options;
		if (records.length >= MANY) lane.restsUntilMs = clock.monotonicMs() + gatherMs;
		this.append(lane, records);
	}

	private append(lane: Lane, records: readonly CommandRecord[]): void {
		this.options.log.append(lane.partition, records).then(
			(first) => {
				if (this.stopped) return;
				lane.inFlight = null;
				this.options.onAcknowledged(lane.partition, records, first + records.length);
				if (this.restMs(lane) > 0) this.flushSoon(lane);
				else this.flush(lane);
			},
			(error: unknown) => {
				if (this.stopped) return;
				if (!(error instanceof LogUnavailable)) return this.options.onFatal(error);
				this.options.scheduler.after(RETRY_MS, () => {
					if (!this.stopped) this.append(lane, records);
				});
			},
		);
	}
}
