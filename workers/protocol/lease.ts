import type { Clock } from "../../schemas/ports/clock.ts";
import { type Moment, sinceMs } from "./stopwatch.ts";

/** How long a proof of the epoch lets a worker answer; a new owner waits 10 % more. */
export const LEASE_MS = 2_000;
/** With nothing to send for this long, a worker sends a beat and an empty batch. */
export const BEAT_AFTER_MS = 500;
/** What a new owner waits from when it has seen its epoch record in the last partition. */
export const TAKE_OVER_WAIT_MS = LEASE_MS * 1.1;

/**
 * Whether a worker may answer: only while less than LEASE_MS have passed since it *sent* what later
 * proved that its epoch was the current one. A zombie's answers would be lies; its commands are ignored
 * by everyone anyway, so placing needs no proof.
 */
export class Lease {
	private readonly clock: Clock;
	private proof: Moment | null = null;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	/** Something sent at this moment has proved the epoch: a committed batch, an event read back. */
	prove(sentAt: Moment): void {
		if (this.proof === null || sentAt.monotonicMs > this.proof.monotonicMs) this.proof = sentAt;
	}

	/** Looked at in the same synchronous step as the state that is answered from. */
	mayAnswer(): boolean {
		return this.proof !== null && sinceMs(this.clock, this.proof) < LEASE_MS;
	}
}
