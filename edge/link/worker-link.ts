import { LinkEnd, type LinkSocket, messageOf } from "../../schemas/link/link-end.ts";
import {
	answer,
	call,
	failure,
	type Hello,
	hello,
	MessageKind,
	type Settled,
	settled,
	type Venue,
	venue,
} from "../../schemas/link/messages.ts";
import type { Method } from "../../schemas/link/methods.ts";
import { constant, type RowReader, type Shape } from "../../schemas/link/shape.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";

/** Cancels wait in a lane of their own, so that orders never crowd them out; so do reads and the rest. */
export const LANES = ["order", "cancel", "other"] as const;
export type Lane = (typeof LANES)[number];

/** There was no answer: what was asked may have happened or not. */
export class NoAnswer extends Error {
	override readonly name = "NoAnswer";
}

/** Too many questions wait on the link: nothing was asked. */
export class LinkFull extends Error {
	override readonly name = "LinkFull";
}

export interface WorkerLinkOptions {
	readonly socket: LinkSocket;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	/** Questions that may wait in each lane. */
	readonly maxWaiting: number;
	onHello(hello: Hello): void;
	onSettled(settled: Settled): void;
	onVenue(venue: Venue): void;
	onClosed(reason: string): void;
}

export interface Question<A extends readonly unknown[], V> {
	readonly name: string;
	readonly method: Method<A, V>;
	readonly args: A;
	readonly target: number;
	readonly atLeast: number;
	readonly lane: Lane;
}

/** An answer, and the evSeq at which it was given. */
export interface Answered<V> {
	readonly value: V;
	readonly evSeq: number;
	/** How far the shard that was asked had settled by then, by partition; nothing, of market data. */
	readonly settled: readonly number[];
}

interface Waiting {
	readonly value: Shape<unknown>;
	readonly target: number;
	readonly lane: Lane;
	readonly resolve: (answered: Answered<unknown>) => void;
	readonly reject: (error: NoAnswer) => void;
}

const nothing = constant(undefined);

/** The gateway's end of the link to one worker. */
export class WorkerLink {
	readonly end: LinkEnd;
	private readonly options: WorkerLinkOptions;
	private readonly waitingFor = new Map<number, Waiting>();
	private readonly inLane = { order: 0, cancel: 0, other: 0 };
	private asked = 0;
	private open = true;
	/** By shard; another array at each change: answers keep theirs. */
	private readonly settled = new Map<number, readonly number[]>();

	constructor(options: WorkerLinkOptions) {
		this.options = options;
		this.end = new LinkEnd({
			...options,
			news: () => [],
			receive: (kind, row) => this.receive(kind, row),
			closed: (reason) => this.closed(reason),
		});
	}

	/** Rejects with NoAnswer, or at once with LinkFull. */
	ask<A extends readonly unknown[], V>(question: Question<A, V>): Promise<Answered<V>> {
		const { lane, method, target, atLeast, name } = question;
		if (!this.open) return Promise.reject(new NoAnswer("the link has closed"));
		if (this.inLane[lane] >= this.options.maxWaiting) {
			return Promise.reject(new LinkFull(`${this.inLane[lane]} questions wait`));
		}
		this.asked += 1;
		const id = this.asked;
		const message = messageOf(MessageKind.Call, call, { id, target, atLeast, method: name });
		method.args.write(question.args, message);
		this.end.say(message);
		this.inLane[lane] += 1;
		return new Promise((resolve, reject) => {
			const waiting = { value: method.value, target, lane, resolve, reject };
			this.waitingFor.set(id, waiting as unknown as Waiting);
		});
	}

	/** Questions that may wait in each lane. */
	get maxWaiting(): number {
		return this.options.maxWaiting;
	}

	/** How far a shard of its account workers has settled, by partition. */
	settledOf(shard: number): readonly number[] {
		return this.settled.get(shard) ?? [];
	}

	/** Questions that wait for an answer. */
	waiting(lane: Lane): number {
		return this.inLane[lane];
	}

	private receive(kind: MessageKind, row: RowReader): void {
		switch (kind) {
			case MessageKind.Answer:
				return this.answered(row);
			case MessageKind.Failure: {
				const { id, reason } = last(failure, row);
				this.take(id).reject(new NoAnswer(reason));
				return;
			}
			case MessageKind.Settled:
				return this.hasSettled(last(settled, row));
			case MessageKind.Venue:
				return this.options.onVenue(last(venue, row));
			case MessageKind.Hello:
				this.options.onHello(last(hello, row));
				return this.end.say(messageOf(MessageKind.Heard, nothing, undefined));
			default:
				throw new RangeError(`no message of a worker: ${kind}`);
		}
	}

	private hasSettled(news: Settled): void {
		this.options.onSettled(news);
		const now = [...this.settledOf(news.shard)];
		now[news.partition] = news.evSeq;
		this.settled.set(news.shard, now);
	}

	private answered(row: RowReader): void {
		const { id, evSeq } = answer.read(row);
		const waiting = this.waitingFor.get(id);
		if (waiting === undefined) throw new RangeError("an answer to no question");
		const value = last(waiting.value, row);
		this.take(id).resolve({ value, evSeq, settled: this.settledOf(waiting.target) });
	}

	private take(id: number): Waiting {
		const waiting = this.waitingFor.get(id);
		if (waiting === undefined) throw new RangeError("an answer to no question");
		this.waitingFor.delete(id);
		this.inLane[waiting.lane] -= 1;
		return waiting;
	}

	private closed(reason: string): void {
		this.open = false;
		const waiting = [...this.waitingFor.keys()].map((id) => this.take(id));
		for (const { reject } of waiting) reject(new NoAnswer(reason));
		this.options.onClosed(reason);
	}
}

/** What the rest of the row says. */
function last<T>(shape: Shape<T>, row: RowReader): T {
	const value = shape.read(row);
	row.end();
	return value;
}
