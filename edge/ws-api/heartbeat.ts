import { AnsweredPings } from "../../schemas/answered-pings.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Random } from "../../schemas/ports/random.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import type { Heart } from "./socket.ts";

const PING_EVERY_MS = 20_000;
/** How long a client may leave pings unanswered. */
const PONG_WITHIN_MS = 60_000;

/** Pings a client, and cuts it off when it answers none. */
export class Heartbeat {
	private readonly clock: Clock;
	private readonly random: Random;
	private readonly cancel: Cancel | null;
	private readonly pings: AnsweredPings;

	/** @param heart undefined where the runtime pings by itself */
	constructor(clock: Clock, scheduler: Scheduler, random: Random, heart: Heart | undefined) {
		this.clock = clock;
		this.random = random;
		this.pings = new AnsweredPings(clock.monotonicMs());
		this.cancel =
			heart === undefined ? null : scheduler.every(PING_EVERY_MS, () => this.beat(heart));
	}

	/** A pong came, with this. */
	pong(payload: string): void {
		this.pings.ponged(payload, this.clock.monotonicMs());
	}

	stop(): void {
		this.cancel?.();
	}

	private beat(heart: Heart): void {
		if (this.clock.monotonicMs() - this.pings.answeredMs >= PONG_WITHIN_MS) heart.cut();
		else heart.ping(this.pings.next(this.random));
	}
}
