import type { Random } from "./ports/random.ts";

const PAYLOAD_BYTES = 8;

/**
 * The pings of one WebSocket client, and when it answered one. What a ping carries shows that its answer is one: only who
 * has read all that was sent before the ping knows it. Others could have megabytes kept for them for a day.
 */
export class AnsweredPings {
	/** Of the pings that wait for an answer; "" where none does. */
	private payload = "";
	private lastMs: number;

	/** @param nowMs monotonic ms, as all times here */
	constructor(nowMs: number) {
		this.lastMs = nowMs;
	}

	/** When one was answered; at first, when this began. */
	get answeredMs(): number {
		return this.lastMs;
	}

	/** What the next ping carries: the same until it is answered. */
	next(random: Random): string {
		if (this.payload === "") this.payload = random.bytes(PAYLOAD_BYTES).toHex();
		return this.payload;
	}

	/** A pong came: others than the answer to a ping count for nothing. */
	ponged(payload: string, nowMs: number): void {
		if (this.payload === "" || payload !== this.payload) return;
		this.payload = "";
		this.lastMs = nowMs;
	}
}
