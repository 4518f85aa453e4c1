import type { Logger } from "../../schemas/ports/logger.ts";

/** A clock that is further behind what was stamped has been set back. */
const MAX_BEHIND_MS = 1_000;

/**
 * Tells, once each time, that the clock is behind what its worker has stamped, which stays: whoever signs by
 * the right time is outside of its window until the clock has come there.
 */
export class ClockBehind {
	private readonly shard: number;
	private readonly logger: Logger;
	private isBehind = false;

	constructor(shard: number, logger: Logger) {
		this.shard = shard;
		this.logger = logger;
	}

	look(behindMs: number): void {
		const isBehind = behindMs > MAX_BEHIND_MS;
		if (isBehind && !this.isBehind) {
			this.logger.warn(
				"the clock is behind the log: orders and cancels are refused (-1021) until it comes there",
				{ shard: this.shard, behindMs },
			);
		}
		this.isBehind = isBehind;
	}
}
