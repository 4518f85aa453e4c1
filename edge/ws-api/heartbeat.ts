import type { Clock } from "../../schemas/ports/clock.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import type { Heart } from "./socket.ts";

const PING_EVERY_MS = 20_000;
/** How long a client may be silent. */
const PONG_WITHIN_MS = 60_000;

/** Pings a client, and cuts it off when it shows no life. */
export class Heartbeat {
	private readonly clock: Clock;
	private readonly cancel: Cancel | null;
	/** Monotonic ms. */
	private seenMs: number;

	/** @param heart undefined where the runtime pings by itself */
	constructor(clock: Clock, scheduler: Scheduler, heart: Heart | undefined) {
		this.clock = clock;
		this.seenMs = clock.monotonicMs();
		this.cancel =
			heart === undefined ? null : scheduler.every(PING_EVERY_MS, () => this.beat(heart));
	}

	/** The client has shown that it lives. */
	seen(): void {
		this.seenMs = this.clock.monotonicMs();
	}

	stop(): void {
		this.cancel?.();
	}

	private beat(heart: Heart): void {
		if (this.clock.monotonicMs() - this.seenMs >= PONG_WITHIN_MS) heart.cut();
		else heart.ping();
	}
}
