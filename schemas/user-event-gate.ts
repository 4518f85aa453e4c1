import type { Scheduler } from "./ports/scheduler.ts";
import {
	sameUserEvent,
	type UserEventId,
	type UserEventMessage,
	type UserEventsSince,
} from "./user-event.ts";

/** What a gate needs of the connection it stands before. */
export interface UserEventGateHost {
	readonly scheduler: Scheduler;
	deliver(message: UserEventMessage): void;
	/** AccountService.userEventsSince of this user. */
	resume(after: UserEventId | null): Promise<UserEventsSince>;
	/** A hole cannot be mended: end the connection or subscription and say so. Called at most once. */
	close(reason: string): void;
}

type Place = Pick<UserEventId, "evSeq" | "n">;
type Question = "baseline" | "gap" | "check";

/** An answer that has not come by then is lost, and must not leave the client waiting in silence, ms. */
const RESUME_WITHIN_MS = 5_000;
const TAKEN_OVER = "another account worker has taken over";

/** Beyond so many held-back messages an answer is not worth waiting for. */
const MAX_HELD = 10_000;

/**
 * Stands between the channel `user-events`, which may lose and repeat, and one client, who must get
 * every event of its user once and in order, or be closed.
 *
 * The rules:
 * 1. Live first: the host feeds `receive` from before it calls `open`. Until the account worker has
 *    said where the user stands, and whenever a question is out, messages are held back.
 * 2. An id is *covered* when it is not above the highest one taken of its partition: within a
 *    partition a user's ids only grow. What is covered is dropped.
 * 3. A message follows when its `previous` is covered. `previous` chains all of a user's events over
 *    the partitions, so a lost one shows at the next, covered or not.
 * 4. What does not follow is held and the worker asked for everything after the last message seen,
 *    dropped ones included, since the worker of today is sure to know those. Its answer is taken as it
 *    is; a question whose own message still does not follow after it closes the gate, as does the
 *    answer null or none.
 * 5. `check` asks without an occasion, for a lost event that no other follows. The worker keeps a
 *    minute: a host that calls it more often than that misses nothing for long.
 * 6. All of it is one account worker's word, by its epoch. A worker that takes over says again what
 *    the ledger did not have, covered or not; what the ledger did have and the channel lost, it does
 *    not know. So its first event that is not covered ends the gate, as does its answer to a question.
 *    What an earlier worker still says is the later one's past, or is said again: it is dropped.
 */
export class UserEventGate {
	private readonly host: UserEventGateHost;
	private readonly covered = new Map<number, Place>();
	/** Of the account worker that this gate hears; known from the first answer. */
	private epoch = 0;
	/** The last message taken or dropped. */
	private last: UserEventId | null = null;
	private asking = true;
	/** The question that is out, or was last. */
	private question: Promise<void> = Promise.resolve();
	private closed = false;
	private held: UserEventMessage[] = [];

	constructor(host: UserEventGateHost) {
		this.host = host;
	}

	/** Call once, after the live feed is connected. True when events flow from here on. */
	async open(): Promise<boolean> {
		this.question = this.ask("baseline");
		await this.question;
		return !this.closed;
	}

	/** A message of this user from the channel. */
	receive(message: UserEventMessage): void {
		if (this.closed) return;
		if (this.asking) this.hold(message);
		else this.take(message);
	}

	/** Looks for events lost at the end; call it at least twice a minute. */
	check(): void {
		if (!this.closed && !this.asking) this.question = this.ask("check");
	}

	/** Resolves when everything has been delivered that the account worker has told anyone before now. */
	async caughtUp(): Promise<void> {
		while (this.asking && !this.closed) await this.question;
		this.check();
		await this.question;
	}

	/** The client has gone: nothing is delivered and nothing closed any more. */
	stop(): void {
		this.closed = true;
		this.held = [];
	}

	private hold(message: UserEventMessage): void {
		this.held.push(message);
		if (this.held.length > MAX_HELD) this.end("too many user events while resuming");
	}

	private take(message: UserEventMessage): void {
		if (message.epoch !== this.epoch) {
			if (message.epoch > this.epoch && !this.isCovered(message.id)) this.end(TAKEN_OVER);
			return;
		}
		if (this.follows(message)) {
			this.accept(message);
			return;
		}
		this.held.push(message);
		this.question = this.ask("gap");
	}

	private follows(message: UserEventMessage): boolean {
		if (message.previous !== null) return this.isCovered(message.previous);
		return this.last === null || this.isCovered(message.id);
	}

	/** Delivers a message unless it is covered. */
	private accept(message: UserEventMessage): void {
		if (this.closed) return;
		this.last = message.id;
		if (this.isCovered(message.id)) return;
		this.cover(message.id);
		this.host.deliver(message);
	}

	private async ask(question: Question): Promise<void> {
		this.asking = true;
		let answer: UserEventsSince;
		try {
			answer = await this.answer();
		} catch {
			if (question === "check") return this.release();
			return this.end("the account worker does not answer");
		}
		if (this.closed) return;
		const { epoch, last, events } = answer;
		if (question === "baseline") this.epoch = epoch;
		if (epoch !== this.epoch) return this.end(TAKEN_OVER);
		if (events === null) return this.end("user events were lost");
		if (question === "baseline") this.startFrom(events, last);
		else if (!this.acceptMissing(events, last)) return this.end("user events were lost");
		if (question === "gap" && !this.acceptTrigger()) return this.end("user events were lost");
		this.release();
	}

	private answer(): Promise<UserEventsSince> {
		return new Promise((resolve, reject) => {
			const cancel = this.host.scheduler.after(RESUME_WITHIN_MS, () =>
				reject(new Error("no answer came")),
			);
			this.host.resume(this.last).then(resolve, reject).finally(cancel);
		});
	}

	/** Everything kept that lies before the first message held back is the past. */
	private startFrom(kept: readonly UserEventMessage[], last: UserEventId | null): void {
		const first = this.held[0];
		const at = first === undefined ? -1 : kept.findIndex((m) => sameUserEvent(m.id, first.id));
		const past = at < 0 ? kept : kept.slice(0, at);
		this.passOver(kept[0] === undefined ? last : kept[0].previous);
		for (const message of past) this.passOver(message.id);
		for (const message of kept.slice(past.length)) this.accept(message);
	}

	/** It happened before this gate's time. */
	private passOver(id: UserEventId | null): void {
		if (id === null) return;
		this.cover(id);
		this.last = id;
	}

	/** False when something lies between the last message and the first of these, or the user's newest. */
	private acceptMissing(answer: readonly UserEventMessage[], newest: UserEventId | null): boolean {
		const before = answer[0] === undefined ? newest : answer[0].previous;
		if (this.last === null && before !== null) return false;
		for (const message of answer) this.accept(message);
		return true;
	}

	/** The message that the question was asked for; false when it does not follow even now. */
	private acceptTrigger(): boolean {
		const trigger = this.held.shift();
		if (trigger === undefined) return true;
		const lost = this.last !== null && trigger.previous !== null && !this.follows(trigger);
		if (!lost) this.accept(trigger);
		return !lost;
	}

	/** Lets go what was held back, up to the next gap. */
	private release(): void {
		if (this.closed) return;
		const waiting = this.held;
		this.held = [];
		this.asking = false;
		for (const message of waiting) this.receive(message);
	}

	private end(reason: string): void {
		if (this.closed) return;
		this.stop();
		this.host.close(reason);
	}

	private isCovered(id: UserEventId): boolean {
		const place = this.covered.get(id.partition);
		if (place === undefined) return false;
		return id.evSeq < place.evSeq || (id.evSeq === place.evSeq && id.n <= place.n);
	}

	private cover(id: UserEventId): void {
		if (!this.isCovered(id)) this.covered.set(id.partition, { evSeq: id.evSeq, n: id.n });
	}
}
