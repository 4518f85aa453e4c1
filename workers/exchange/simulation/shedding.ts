import type { ShortQueue } from "./short-queue.ts";
import type { World } from "./world.ts";

/** What an answer says of a call that was not taken for want of room. */
export interface Shed {
	readonly method: string;
	readonly status: number;
	readonly code: number;
	/** The header, in seconds. */
	readonly retryAfter: string | null;
}

/** Cancels that pass so soon after an order was shed had a lane of their own, ms. */
const JUST_NOW_MS = 100;
const TOO_MANY_NAMES = -1015;
const OVERLOADED = -1008;

/**
 * Overload: only what has a bound that is reached is shed, with 429 and Retry-After; cancels keep a lane
 * of their own, and reads have none. That what was shed is not done, the referee sees.
 */
export class Shedding {
	private readonly world: World;
	private readonly short: ShortQueue;
	private shedAtMs = Number.NEGATIVE_INFINITY;

	constructor(world: World, short: ShortQueue) {
		this.world = world;
		this.short = short;
	}

	/** Every answer of a signed call. */
	heard(answer: Shed): void {
		const { world } = this;
		const isCancel = answer.method === "DELETE";
		const nowMs = world.time.monotonicMs();
		if (answer.status !== 429) {
			const passes = isCancel && answer.status === 200 && nowMs - this.shedAtMs < JUST_NOW_MS;
			if (passes) world.tally.add("a cancel passes while orders are shed");
			return;
		}
		world.tally.add(`shed: ${this.short}`);
		if (!isCancel) this.shedAtMs = nowMs;
		if (!this.isDue(answer.method, answer.code)) {
			world.fault(`15: ${answer.method} is shed with ${answer.code}, short is ${this.short}`);
		}
		if (!(Number(answer.retryAfter) >= 1)) world.fault("15: shed without Retry-After");
	}

	/** A deposit or withdrawal is shed like an order. */
	heardFunds(): void {
		this.heard({ method: "POST", status: 429, code: OVERLOADED, retryAfter: "1" });
	}

	/** A signature that found no room is not remembered: of two copies the other may be taken. */
	isOpen(code: number): boolean {
		return code === OVERLOADED && this.short === "signatures";
	}

	private isDue(method: string, code: number): boolean {
		switch (this.short) {
			case "none":
				return false;
			case "cancels":
				return method === "DELETE" && code === OVERLOADED;
			case "signatures":
				return method !== "GET" && code === OVERLOADED;
			case "client ids":
				return (method === "POST" || method === "PUT") && code === TOO_MANY_NAMES;
			default:
				return (method === "POST" || method === "PUT") && code === OVERLOADED;
		}
	}
}
