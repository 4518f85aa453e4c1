import type { Clock } from "../../schemas/ports/clock.ts";
import type { Random } from "../../schemas/ports/random.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import type { Heart } from "./socket.ts";

const PING_EVERY_MS = 20_000;
/** How long a client may leave pings unanswered. */
const PONG_WITHIN_MS = 60_000;
const PAYLOAD_BYTES = 8;

/**
 * Pings a client, and cuts it off when it answers none. What a ping carries shows that its answer is one: only who has
 * read all that was sent before the ping knows it. Others could have megabytes of answers kept for them for a day.
 */
export class Heartbeat {
	private readonly clock: Clock;
	private readonly random: Random;
	private readonly cancel: Cancel | null;
	/** Of the pings that wait for an answer; "" where none does. */
	private payload = "";
	/** When one was answered; monotonic ms. */
	private answeredMs: number;

	/** @param heart undefined where the runtime pings by itself */
	constructor(clock: Clock, scheduler: Scheduler, random: Random, heart: Heart | undefined) {
		this.clock = clock;
		this.random = random;
		this.answeredMs = clock.monotonicMs();
		this.cancel =
			heart === undefined ? null : scheduler.every(PING_EVERY_MS, () => this.beat(heart));
	}

	/** A pong came: others than the answer to a ping count for nothing. */
	pong(payload: string): void {
		if (this.payload === "" || payload !== this.payload) return;
		this.payload = "";
		this.answeredMs = this.clock.monotonicMs();
	}

	stop(): void {
		this.cancel?.();
	}

	private beat(heart: Heart): void {
		if (this.clock.monotonicMs() - this.answeredMs >= PONG_WITHIN_MS) return heart.cut();
		if (this.payload === "") this.payload = this.random.bytes(PAYLOAD_BYTES).toHex();
		heart.ping(this.payload);
	}
}
