import type { OrderState } from "../../schemas/order-state.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import { Rejection } from "../../schemas/rejection.ts";
import {
	type ExecutionReport,
	type ExecutionType,
	sameUserEvent,
	type UserEvent,
	type UserEventId,
	type UserEventMessage,
	type UserEventsSince,
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

interface UserPast {
	/** The last of them, without a hole, while gateways ask. */
	kept: Fifo<UserEventMessage>;
	/** Id of the last message, kept or not. */
	last: UserEventId | null;
	/** When a gateway last asked. */
	askedAtMs: number;
}

/**
 * What happened to users, in order, each message naming the one before it, so that a gateway sees a
 * gap. The last minute is kept for those who saw one: of users whom a gateway has asked about within
 * that time, as it does before it lets a client listen and then more often than that. The number of
 * messages kept has a bound.
 */
export class UserEvents {
	private readonly pubsub: PubSub;
	private readonly epoch: number;
	private readonly keepMs: number;
	private readonly max: number;
	private readonly users = new Map<number, UserPast>();
	private readonly oldestFirst = new Fifo<UserEventMessage>();
	private batch: UserEventMessage[] = [];
	private evSeq = 0;
	private partition = -1;
	private n = 0;
	/** When it last looked for what may go. */
	private lookedAtMs = 0;

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
		const past = this.pastOf(userId);
		const { epoch } = this;
		const message = { userId, id, epoch, previous: past.last, ts, event };
		past.last = id;
		this.batch.push(message);
		if (this.lookedAtMs - past.askedAtMs <= this.keepMs) this.keep(past, message);
		else if (past.kept.length > 0) past.kept = new Fifo();
	}

	/** Publishes what was added since the last time, together. */
	publish(): void {
		if (this.batch.length === 0) return;
		const batch = this.batch;
		this.batch = [];
		this.pubsub.publish(userEvents, batch);
	}

	/**
	 * A gateway's question: a user's events after one of them; with null all that are kept. They are kept
	 * from the first question on.
	 */
	since(userId: number, after: UserEventId | null, nowMs: number): UserEventsSince {
		const past = this.pastOf(userId);
		past.askedAtMs = nowMs;
		return { epoch: this.epoch, last: past.last, events: eventsAfter(past, after) };
	}

	/** Drops what is older than it needs to be. */
	forget(nowMs: number): void {
		this.lookedAtMs = nowMs;
		const before = nowMs - this.keepMs;
		for (let m = this.oldestFirst.first(); m !== undefined; m = this.oldestFirst.first()) {
			if (m.ts >= before) return;
			this.dropOldest();
		}
	}

	private pastOf(userId: number): UserPast {
		let past = this.users.get(userId);
		if (past === undefined) {
			past = { kept: new Fifo(), last: null, askedAtMs: Number.NEGATIVE_INFINITY };
			this.users.set(userId, past);
		}
		return past;
	}

	private keep(past: UserPast, message: UserEventMessage): void {
		past.kept.push(message);
		this.oldestFirst.push(message);
		if (this.oldestFirst.length > this.max) this.dropOldest();
	}

	private dropOldest(): void {
		const message = this.oldestFirst.shift();
		const kept = message && this.users.get(message.userId)?.kept;
		// What was kept before nobody asked any more is gone already.
		if (kept?.first() === message) kept?.shift();
	}
}

const NONE: readonly UserEventMessage[] = [];

/** null when they are not all kept. */
function eventsAfter(
	{ kept, last }: UserPast,
	after: UserEventId | null,
): readonly UserEventMessage[] | null {
	if (after !== null && sameUserEvent(after, last)) return NONE;
	const first = kept.first();
	const events: UserEventMessage[] = [];
	let found = after === null || (first !== undefined && sameUserEvent(first.previous, after));
	for (let i = 0; i < kept.length; i += 1) {
		const message = kept.at(i) as UserEventMessage;
		if (found) events.push(message);
		else found = sameUserEvent(message.id, after);
	}
	return found ? events : null;
}
