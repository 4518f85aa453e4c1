import { Engine } from "../../../engine/engine.ts";
import type { Command, OrdersRecord } from "../../../schemas/command.ts";
import { type Event, EventKind, type EventRecord } from "../../../schemas/event.ts";
import { decodeEvents, EventBuffer } from "../../../schemas/event-words.ts";
import type { Log, LogEntry } from "../../../schemas/ports/log.ts";
import { LogUnavailable } from "../../../schemas/ports/log.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import { RunningHash } from "../../../schemas/running-hash.ts";
import { SequenceGate } from "../../protocol/sequence-gate.ts";

/**
 * A matching worker reduced to what account tests need: the real engine, the real rule for `orders`,
 * one batch in flight. Records can be made short, so that answers split; what an operator skips is refused.
 */
export class Matcher {
	readonly engine: Engine;
	private readonly gate = new SequenceGate();
	private readonly buffer = new EventBuffer();
	private readonly hash = new RunningHash();
	private readonly queue: EventRecord[] = [];
	private inFlight = false;
	private evSeq = 0;
	private ts = 0;
	private readonly partition: number;
	private readonly trades: Log<EventRecord>;
	private readonly scheduler: Scheduler;
	private readonly maxEvents: number;
	private readonly refuses: (command: Command) => boolean;

	constructor(
		partition: number,
		orders: Log<OrdersRecord>,
		trades: Log<EventRecord>,
		scheduler: Scheduler,
		maxEvents = 1_000,
		refuses: (command: Command) => boolean = () => false,
	) {
		this.partition = partition;
		this.trades = trades;
		this.scheduler = scheduler;
		this.maxEvents = maxEvents;
		this.refuses = refuses;
		this.engine = new Engine({ partition, book: "naive" });
		orders.follow(partition, 0, (entries) => this.take(entries));
	}

	private take(entries: readonly LogEntry<OrdersRecord>[]): void {
		for (const { record } of entries) {
			const verdict = this.gate.judge(record);
			if (verdict === "ignored") continue;
			this.ts = Math.max(this.ts, record.ts);
			this.answer(record, this.eventsOf(record));
		}
		this.flush();
	}

	private eventsOf(record: OrdersRecord): Event[] {
		if (record.command === null) {
			return [{ kind: EventKind.EpochRaised, shard: record.shard, epoch: record.epoch }];
		}
		const { command } = record;
		if (this.refuses(command)) this.engine.refuse(command, this.ts, this.buffer);
		else this.engine.apply(command, this.ts, this.buffer);
		return decodeEvents(this.buffer.words, 0, this.buffer.length);
	}

	private answer(record: OrdersRecord, events: readonly Event[]): void {
		for (let at = 0, part = 0; at < events.length; at += this.maxEvents, part += 1) {
			this.evSeq += 1;
			this.hash.add(this.evSeq);
			this.queue.push({
				partition: this.partition,
				evSeq: this.evSeq,
				ts: this.ts,
				shard: record.shard,
				epoch: record.epoch,
				seq: record.command === null ? 0 : record.seq,
				part,
				last: at + this.maxEvents >= events.length,
				command: record.command,
				events: events.slice(at, at + this.maxEvents),
				hash: this.hash.digest(),
			});
		}
	}

	private flush(): void {
		if (this.inFlight || this.queue.length === 0) return;
		this.inFlight = true;
		this.send(this.queue.splice(0));
	}

	private send(batch: readonly EventRecord[]): void {
		this.trades.append(this.partition, batch).then(
			() => {
				this.inFlight = false;
				this.flush();
			},
			(error: unknown) => {
				if (!(error instanceof LogUnavailable)) throw error;
				this.scheduler.after(20, () => this.send(batch));
			},
		);
	}
}
