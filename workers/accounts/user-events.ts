import type { OrderState } from "../../schemas/order-state.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import { Rejection } from "../../schemas/rejection.ts";
import type {
	ExecutionReport,
	ExecutionType,
	UserEvent,
	UserEventId,
	UserEventMessage,
	UserEventsSince,
} from "../../schemas/user-event.ts";
import { userEvents } from "../../schemas/user-event-channel.ts";
import { Fifo } from "./fifo.ts";

/** An execution report while its answer is being settled: OrderFilled completes the last TRADE. */
export type ReportDraft = { -readonly [K in keyof ExecutionReport]: ExecutionReport[K] };

/** A report that says only what most reports say; the caller changes the rest. */
export function reportOf(execution: ExecutionType, order: OrderState): ReportDraft {
	return {
		kind: "executionReport",
		execution,
		order,
		fill: null,
		lastPreventedLots: 0,
		counterOrderId: 0,
		priceTicks: order.priceTicks,
		origClientOrderId: "",
		clientOrderId: order.clientOrderId,
		rejection: Rejection.None,
	};
}

interface KeptEvents {
	readonly messages: Fifo<UserEventMessage>;
	/** Id of the last message. */
	last: UserEventId;
}

/**
 * What happened to users, in order, each message naming the one before it, so that a gateway sees a
 * gap. The last minute is kept for those who saw one; the number of messages kept has a bound.
 */
export class UserEvents {
	private readonly pubsub: PubSub;
	private readonly epoch: number;
	private readonly keepMs: number;
	private readonly max: number;
	private readonly users = new Map<number, KeptEvents>();
	private readonly oldestFirst = new Fifo<UserEventMessage>();
	private batch: UserEventMessage[] = [];
	private evSeq = 0;
	private partition = -1;
	private n = 0;

	/** @param epoch of the worker that says them */
	constructor(pubsub: PubSub, epoch: number, keepMs: number, max: number) {
		this.pubsub = pubsub;
		this.epoch = epoch;
		this.keepMs = keepMs;
		this.max = max;
	}

	/** Appends an event of a user at a record of `trades`. */
	add(userId: number, partition: number, evSeq: number, ts: number, event: UserEvent): void {
		if (evSeq !== this.evSeq || partition !== this.partition) {
			this.evSeq = evSeq;
			this.partition = partition;
			this.n = 0;
		}
		const id: UserEventId = { partition, evSeq, n: this.n };
		this.n += 1;
		const kept = this.users.get(userId);
		const { epoch } = this;
		const message = { userId, id, epoch, previous: kept?.last ?? null, ts, event };
		if (kept === undefined) {
			const messages = new Fifo<UserEventMessage>();
			messages.push(message);
			this.users.set(userId, { messages, last: id });
		} else {
			kept.messages.push(message);
			kept.last = id;
		}
		this.oldestFirst.push(message);
		if (this.oldestFirst.length > this.max) this.dropOldest();
		this.batch.push(message);
	}

	/** Publishes what was added since the last time, together. */
	publish(): void {
		if (this.batch.length === 0) return;
		const batch = this.batch;
		this.batch = [];
		this.pubsub.publish(userEvents, batch);
	}

	/** A user's events after one of them; with null all that are kept. */
	since(userId: number, after: UserEventId | null): UserEventsSince {
		const kept = this.users.get(userId);
		const { epoch } = this;
		if (kept === undefined) return { epoch, last: null, events: after === null ? NONE : null };
		return { epoch, last: kept.last, events: eventsAfter(kept, after) };
	}

	/** Drops what is older than it needs to be. */
	forget(nowMs: number): void {
		const before = nowMs - this.keepMs;
		for (let m = this.oldestFirst.first(); m !== undefined; m = this.oldestFirst.first()) {
			if (m.ts >= before) return;
			this.dropOldest();
		}
	}

	private dropOldest(): void {
		const message = this.oldestFirst.shift();
		if (message !== undefined) this.users.get(message.userId)?.messages.shift();
	}
}

const NONE: readonly UserEventMessage[] = [];

/** null when they are not all kept. */
function eventsAfter(
	{ messages, last }: KeptEvents,
	after: UserEventId | null,
): readonly UserEventMessage[] | null {
	if (after !== null && sameId(after, last)) return NONE;
	const first = messages.first();
	const events: UserEventMessage[] = [];
	let found = after === null || (first !== undefined && sameId(first.previous, after));
	for (let i = 0; i < messages.length; i += 1) {
		const message = messages.at(i) as UserEventMessage;
		if (found) events.push(message);
		else found = sameId(message.id, after);
	}
	return found ? events : null;
}

function sameId(a: UserEventId | null, b: UserEventId | null): boolean {
	if (a === null || b === null) return a === b;
	return a.partition === b.partition && a.evSeq === b.evSeq && a.n === b.n;
}
