import {
	type Command,
	CommandKind,
	type CommandRecord,
	type OrdersRecord,
	VENUE_SHARD,
} from "../../../../schemas/command.ts";
import { type Event, EventKind, type EventRecord } from "../../../../schemas/event.ts";
import { SymbolState } from "../../../../schemas/order.ts";
import { ordersCodec, tradesCodec } from "../../../../schemas/record-codec.ts";
import { Rejection } from "../../../../schemas/rejection.ts";
import { ANSWER_KINDS, isAnswer } from "../../../../schemas/testing/answer-kinds.ts";
import type { QueueBounds } from "../short-queue.ts";
import type { Tally } from "../tally.ts";

/** By kind. */
const EVENT_NAMES = new Map(Object.entries(EventKind).map(([name, kind]) => [kind, name]));

interface Mark {
	epoch: number;
	seq: number;
	ts: number;
	/** By seq: what was first written under it in the current epoch. */
	written: Map<number, OrdersRecord>;
	/** Commands of the current epoch that have no answer yet. */
	waiting: Record<Lane, number>;
}

/** Cancels keep a lane of their own. */
type Lane = "order" | "cancel";

const LANES = new Map<CommandKind, Lane>([
	...([
		CommandKind.PlaceOrder,
		CommandKind.CancelReplace,
		CommandKind.AmendOrder,
		CommandKind.Deposit,
		CommandKind.Withdraw,
	].map((kind) => [kind, "order"]) as [CommandKind, Lane][]),
	[CommandKind.CancelOrder, "cancel"],
	[CommandKind.CancelAllOrders, "cancel"],
]);

interface Partition {
	readonly marks: Map<number, Mark>;
	/** Lines that count, in their order: each is answered once, in this order. */
	readonly lines: OrdersRecord[];
	/** By evSeq, from 1. */
	readonly records: EventRecord[];
	answered: number;
	parts: number;
	/** The symbol whose halt is told next; null without one. */
	haltDue: number | null;
	/** By shard: evSeq and seq of its answered commands, ascending. */
	readonly answers: Map<number, { readonly evSeq: number; readonly seq: number }[]>;
}

/**
 * The two topics as the protocol has them: which lines of `orders` count, and that `trades` answers
 * each of them once, in their order, whoever wrote it how often (5, 10, 11, 14).
 */
export class LogReferee {
	private readonly fault: (text: string) => void;
	private readonly tally: Tally;
	private readonly bounds: QueueBounds;
	private readonly breaks: (symbolId: number, ts: number) => boolean;
	private readonly partitions: Partition[] = [];

	/**
	 * @param bounds of the commands of a shard that wait for their answers
	 * @param breaks whether an order of a symbol breaks every engine at a partition's time
	 */
	constructor(
		fault: (text: string) => void,
		tally: Tally,
		bounds: QueueBounds,
		breaks: (symbolId: number, ts: number) => boolean,
	) {
		this.fault = fault;
		this.tally = tally;
		this.bounds = bounds;
		this.breaks = breaks;
	}

	/** A line of `orders` was stored; true when it counts. */
	ordered(partition: number, record: OrdersRecord): boolean {
		const part = this.of(partition);
		const mark = this.markOf(part, record.shard);
		if (record.command === null) {
			if (record.epoch <= mark.epoch) {
				this.tally.add("ignored: an old epoch record");
				return false;
			}
			mark.epoch = record.epoch;
			mark.written = new Map();
			mark.waiting = { order: 0, cancel: 0 };
			part.lines.push(record);
			return true;
		}
		if (record.epoch !== mark.epoch) {
			this.tally.add(
				record.epoch < mark.epoch ? "ignored: a zombie's line" : "ignored: no epoch yet",
			);
			return false;
		}
		this.sameBytes(partition, mark, record);
		if (record.seq !== mark.seq + 1) {
			this.tally.add(record.seq <= mark.seq ? "ignored: a repeated line" : "ignored: behind a gap");
			return false;
		}
		mark.seq = record.seq;
		if (record.ts < mark.ts) this.fault(`13: shard ${record.shard} goes back in time`);
		mark.ts = Math.max(mark.ts, record.ts);
		this.checkAmend(part, record.command);
		part.lines.push(record);
		this.waits(mark, record);
		return true;
	}

	/** A record of `trades` was stored; true when it is new. */
	traded(partition: number, record: EventRecord): boolean {
		const part = this.of(partition);
		const last = part.records.length;
		if (record.evSeq <= last) {
			this.tally.add("repeated: a record of trades");
			this.sameEvent(part.records[record.evSeq - 1] as EventRecord, record);
			return false;
		}
		if (record.evSeq !== last + 1) {
			this.fault(`10: trades ${partition} goes from evSeq ${last} to ${record.evSeq}`);
			return false;
		}
		part.records.push(record);
		this.answers(part, record);
		return true;
	}

	/** The last evSeq of each partition. */
	ends(): number[] {
		return this.partitions.map((part) => part?.records.length ?? 0);
	}

	/** Lines that count and have no answer yet. */
	unanswered(partition: number): number {
		const part = this.of(partition);
		return part.lines.length - part.answered;
	}

	hashAt(partition: number, evSeq: number): string {
		return this.of(partition).records[evSeq - 1]?.hash ?? "";
	}

	record(partition: number, evSeq: number): EventRecord | undefined {
		return this.of(partition).records[evSeq - 1];
	}

	/** The last accepted seq of a shard. */
	lastSeq(partition: number, shard: number): number {
		return this.of(partition).marks.get(shard)?.seq ?? 0;
	}

	/** The greatest time that a line of a partition has. */
	latestTsIn(partition: number): number {
		return Math.max(0, ...[...this.of(partition).marks.values()].map(({ ts }) => ts));
	}

	/** The shard's last command that is answered at a position. */
	answeredSeq(partition: number, shard: number, evSeq: number): number {
		const answers = this.of(partition).answers.get(shard) ?? [];
		for (let i = answers.length - 1; i >= 0; i -= 1) {
			const answer = answers[i] as { evSeq: number; seq: number };
			if (answer.evSeq <= evSeq) return answer.seq;
		}
		return 0;
	}

	/** No other amend of its order is on its way. */
	private checkAmend(part: Partition, amend: Command): void {
		if (amend.kind !== CommandKind.AmendOrder) return;
		const { symbolId, orderId } = amend;
		const isTwo = part.lines.slice(part.answered).some(({ command }) => {
			if (command?.kind !== CommandKind.AmendOrder) return false;
			return command.symbolId === symbolId && command.orderId === orderId;
		});
		if (isTwo) this.fault(`14: order ${orderId} of symbol ${symbolId} has two amends on their way`);
	}

	/** Whether a command of the log that has no answer yet gives, or would give, an order that client id. */
	isOnItsWay(userId: number, clientOrderId: string): boolean {
		return this.partitions.some((part) =>
			part.lines.slice(part.answered).some(({ command }) => {
				if (command === null || !("clientOrderId" in command)) return false;
				return command.userId === userId && command.clientOrderId === clientOrderId;
			}),
		);
	}

	/** Behind the refusal of a command that broke the engine its symbol halts, and nowhere else by itself. */
	private halts(
		part: Partition,
		{ events, evSeq, partition, shard, last, ts }: EventRecord,
	): boolean {
		const [event] = events;
		const due = part.haltDue;
		part.haltDue = haltedBy(events.at(-1));
		if (part.haltDue !== null && !this.breaks(part.haltDue, ts)) {
			this.fault(`14: evSeq ${evSeq} of trades ${partition} refuses what breaks no sound engine`);
		}
		const isHalt = event?.kind === EventKind.SymbolStateSet && shard === VENUE_SHARD && last;
		if (due === null) return false;
		if (!isHalt || event.symbolId !== due || event.state !== SymbolState.Halt) {
			this.fault(`14: evSeq ${evSeq} of trades ${partition} is no halt of symbol ${due}`);
		}
		this.tally.add("a market halts by itself");
		return true;
	}

	private answers(part: Partition, record: EventRecord): void {
		if (this.halts(part, record)) return;
		const line = part.lines[part.answered];
		const where = `14: evSeq ${record.evSeq} of trades ${record.partition}`;
		if (line === undefined) return this.fault(`${where} answers what nobody wrote`);
		const seq = line.command === null ? 0 : line.seq;
		const fits = line.shard === record.shard && line.epoch === record.epoch && seq === record.seq;
		if (!fits || record.part !== part.parts) {
			this.fault(
				`${where} answers ${record.shard}/${record.epoch}/${record.seq}, due is ${line.shard}/${line.epoch}/${seq}`,
			);
		} else if (line.command !== record.command && !sameCommand(line, record)) {
			this.fault(`${where} answers another command than was written`);
		}
		this.count(record);
		if (!isAnsweredOnce(record)) this.fault(`${where} has not one answer of its kind, the last`);
		part.parts += 1;
		if (!record.last) return;
		part.parts = 0;
		part.answered += 1;
		const lane = line.command === null ? undefined : LANES.get(line.command.kind);
		const mark = this.markOf(part, line.shard);
		if (lane !== undefined && line.epoch === mark.epoch) mark.waiting[lane] -= 1;
		let answers = part.answers.get(record.shard);
		if (answers === undefined) {
			answers = [];
			part.answers.set(record.shard, answers);
		}
		if (seq > 0) answers.push({ evSeq: record.evSeq, seq });
	}

	private count({ events, part }: EventRecord): void {
		if (part === 1) this.tally.add("an answer has parts");
		for (const event of events) {
			this.tally.add(`event: ${EVENT_NAMES.get(event.kind)}`);
			if (event.kind === EventKind.MatchPrevented) this.tally.add(`prevented: ${event.stpMode}`);
		}
	}

	/** 15: a worker takes no more than it has room for, those apart that it knew no price for at first. */
	private waits(mark: Mark, { shard, command }: CommandRecord): void {
		const lane = LANES.get(command.kind);
		if (lane === undefined) return;
		mark.waiting[lane] += 1;
		let waiting = 0;
		for (const { marks } of this.partitions) {
			const own = marks.get(shard);
			if (own?.epoch === mark.epoch) waiting += own.waiting[lane];
		}
		const slack = lane === "order" ? 2 : 1;
		if (waiting <= slack * this.bounds[lane]) return;
		this.fault(`15: ${waiting} commands of shard ${shard} wait in the lane of ${lane}s`);
	}

	/** What is sent again is the same bytes. */
	private sameBytes(partition: number, mark: Mark, record: CommandRecord): void {
		const before = mark.written.get(record.seq);
		if (before === undefined) mark.written.set(record.seq, record);
		else if (before !== record && ordersCodec.encode(before) !== ordersCodec.encode(record)) {
			this.fault(
				`10: shard ${record.shard} wrote two things under seq ${record.seq} of orders ${partition}`,
			);
		}
	}

	private sameEvent(before: EventRecord, again: EventRecord): void {
		if (before === again) return;
		if (before.hash === again.hash && tradesCodec.encode(before) === tradesCodec.encode(again))
			return;
		this.fault(`11: evSeq ${again.evSeq} of trades ${again.partition} has two meanings`);
	}

	private markOf(part: Partition, shard: number): Mark {
		let mark = part.marks.get(shard);
		if (mark === undefined) {
			mark = {
				...{ epoch: 0, seq: 0, ts: 0, written: new Map() },
				waiting: { order: 0, cancel: 0 },
			};
			part.marks.set(shard, mark);
		}
		return mark;
	}

	private of(partition: number): Partition {
		let part = this.partitions[partition];
		if (part === undefined) {
			part = {
				marks: new Map(),
				lines: [],
				records: [],
				answered: 0,
				parts: 0,
				haltDue: null,
				answers: new Map(),
			};
			this.partitions[partition] = part;
		}
		return part;
	}
}

/** The symbol of a command that broke the engine, by its answer; null for any other event. */
function haltedBy(event: Event | undefined): number | null {
	if (event === undefined || !("symbolId" in event)) return null;
	const reason = "newReason" in event ? event.newReason : "reason" in event ? event.reason : null;
	const isAnswered = isAnswer(event.kind) && reason === Rejection.EngineFault;
	return isAnswered ? event.symbolId : null;
}

/** Of a command's events the last is its answer, of its own kind, and no other is one. */
function isAnsweredOnce({ command, events, last }: EventRecord): boolean {
	const kinds = command === null ? [EventKind.EpochRaised] : ANSWER_KINDS[command.kind];
	return events.every(({ kind }, i) =>
		last && i === events.length - 1 ? kinds.some((one) => one === kind) : !isAnswer(kind),
	);
}

function sameCommand(line: OrdersRecord, record: EventRecord): boolean {
	const seq = line.command === null ? 0 : line.seq;
	const asLine = {
		shard: record.shard,
		epoch: record.epoch,
		ts: line.ts,
		seq,
		command: record.command,
	};
	return ordersCodec.encode(line) === ordersCodec.encode(asLine as OrdersRecord);
}
