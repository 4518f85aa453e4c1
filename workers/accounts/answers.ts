import { InvariantViolation } from "../../schemas/invariant.ts";
import type { Outcome } from "../../schemas/ports/account-service.ts";
import type { Lease } from "../protocol/lease.ts";
import type { Settled } from "./settle.ts";

/** Cancels wait in a lane of their own, so that orders never crowd them out. */
export type Lane = "order" | "cancel";

/** Makes the outcome of a request from the settled answer to its command. */
export type OutcomeOf<T> = (settled: Settled) => Outcome<T>;

interface Waiting<T> {
	readonly lane: Lane;
	readonly outcomeOf: OutcomeOf<T>;
	readonly resolve: (outcome: Outcome<T>) => void;
}

const UNKNOWN: Outcome<never> = { ok: false, refusal: { reason: "unknown" } };

/**
 * Requests that wait for the event that answers their command. What is answered comes from events
 * only, after the user events of the same events went out, and only while the lease holds.
 */
export class Answers {
	private readonly lease: Lease;
	private readonly byPartition: readonly Map<number, Waiting<unknown>>[];
	private readonly inLane = { order: 0, cancel: 0 };
	private ready: ((mayAnswer: boolean) => void)[] = [];

	constructor(lease: Lease, partitions: number) {
		this.lease = lease;
		this.byPartition = Array.from({ length: partitions }, () => new Map());
	}

	/** Waits for the answer to a command of this worker. */
	expect<T>(
		partition: number,
		seq: number,
		lane: Lane,
		outcomeOf: OutcomeOf<T>,
	): Promise<Outcome<T>> {
		const waiting = this.byPartition[partition];
		if (waiting === undefined) throw new InvariantViolation(`there is no partition ${partition}`);
		return new Promise((resolve) => {
			this.inLane[lane] += 1;
			waiting.set(seq, { lane, outcomeOf, resolve } as Waiting<unknown>);
		});
	}

	/** Takes a place in the lane for a request whose command is not written yet; gives what leaves it. */
	wait(lane: Lane): () => void {
		this.inLane[lane] += 1;
		return () => {
			this.inLane[lane] -= 1;
		};
	}

	/** An answer was settled: what it says is worked out now, and told by `tell`. */
	settled(settled: Settled): void {
		const { partition, shard, epoch, seq } = settled.record;
		const waiting = this.byPartition[partition]?.get(seq);
		if (waiting === undefined) return;
		this.byPartition[partition]?.delete(seq);
		this.inLane[waiting.lane] -= 1;
		const command = { partition, shard, epoch, seq };
		const outcome = { ...waiting.outcomeOf(settled), command };
		this.ready.push((mayAnswer) => waiting.resolve(mayAnswer ? outcome : UNKNOWN));
	}

	/** To be run with the answers: what waited for an order to be answered. */
	alsoTell(run: () => void): void {
		this.ready.push(run);
	}

	/** Tells everything that is ready. */
	tell(): void {
		if (this.ready.length === 0) return;
		const ready = this.ready;
		this.ready = [];
		const mayAnswer = this.lease.mayAnswer();
		for (const run of ready) run(mayAnswer);
	}

	/** Something this worker knows by itself: told only while the lease holds. */
	now<T>(outcome: Outcome<T>): Outcome<T> {
		return this.lease.mayAnswer() ? outcome : UNKNOWN;
	}

	/** For what is no outcome: whether anything may be told now. */
	mayAnswer(): boolean {
		return this.lease.mayAnswer();
	}

	waiting(lane: Lane): number {
		return this.inLane[lane];
	}

	/** The worker ends: nobody will ever know here. */
	abandon(): void {
		for (const waiting of this.byPartition) {
			for (const { resolve } of waiting.values()) resolve(UNKNOWN);
			waiting.clear();
		}
		this.inLane.order = 0;
		this.inLane.cancel = 0;
	}
}
