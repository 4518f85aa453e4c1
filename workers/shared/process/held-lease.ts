import type { Clock } from "../../../schemas/ports/clock.ts";
import type { LeaseState, Leases } from "../../../schemas/ports/leases.ts";
import { LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../../schemas/ports/scheduler.ts";

/** A holder whose beats have been seen to stand still for so long is dead, or hangs. */
export const DEAD_AFTER_MS = 1_500;
/** One whose connection was seen to end as well has had the time to beat by another. */
export const GONE_AFTER_MS = 700;
export const BEAT_EVERY_MS = 300;
/** How often who stands by looks. */
export const LOOK_EVERY_MS = 200;
/** A look that took longer saw a store that was away: beats may have stood still because of that. */
const PROMPT_MS = 500;

export interface HeldLeaseOptions {
	readonly leases: Leases;
	readonly name: string;
	/** Unique to this process' life. */
	readonly holder: string;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	/** Another has it: this process stands by. Called at most once. */
	onStandby?(): void;
	/** It is this process' from now on. Called once. */
	onTaken(): void;
	/** It was, and is another's now: this process was thought dead. Called once. */
	onLost(): void;
}

/** Beats that were seen, and for how long nothing else was. */
interface Seen {
	readonly beats: number;
	readonly isConnected: boolean;
	/** Its connection ended between two looks that were answered: it is not the store that went away. */
	readonly hasGone: boolean;
	/** What slow looks took is not in it. */
	readonly stoodMs: number;
	/** The last look. */
	readonly atMs: number;
}

/**
 * Stands by for one lease, and keeps it. Only another holder makes it lost: while the store is away
 * nobody can take it, and whoever has it goes on.
 */
export class HeldLease {
	private readonly options: HeldLeaseOptions;
	private state: "wanted" | "held" | "ended" = "wanted";
	private seen: Seen | null = null;
	private cancel: Cancel = () => {};
	/** What is on its way; null when nothing is. */
	private asking: Promise<void> | null = null;
	private isAway = false;
	private hasStoodBy = false;

	constructor(options: HeldLeaseOptions) {
		this.options = options;
	}

	isHeld(): boolean {
		return this.state === "held";
	}

	start(): void {
		this.ask();
	}

	/** No longer wanted; gives it back, so that who stands by need not wait. */
	async release(): Promise<void> {
		const mayHold = this.state === "held" || this.asking !== null;
		this.state = "ended";
		this.cancel();
		const { leases, name, holder, logger } = this.options;
		// A beat that came after would take it again, for nobody.
		await this.asking;
		if (!mayHold) return;
		try {
			await leases.release(name, holder);
		} catch (error) {
			// Its beats stand still from now on.
			if (!(error instanceof LedgerUnavailable)) throw error;
			logger.warn("a lease could not be given back", { lease: name });
		}
	}

	private ask(): void {
		this.asking = this.askNow().finally(() => {
			this.asking = null;
		});
	}

	private async askNow(): Promise<void> {
		const { leases, name, holder, clock, scheduler } = this.options;
		const sentMs = clock.monotonicMs();
		try {
			const state = await leases.take(name, holder, this.deadBeats(sentMs));
			this.back();
			if (state.isMine) this.taken();
			else this.notMine(state, sentMs);
		} catch (error) {
			if (!(error instanceof LedgerUnavailable)) throw error;
			this.away(error.message);
		}
		if (this.state === "ended") return;
		const pauseMs = this.state === "held" ? BEAT_EVERY_MS : LOOK_EVERY_MS;
		this.cancel = scheduler.after(pauseMs, () => this.ask());
	}

	/** The beats of a holder that is thought dead; null when there is none. */
	private deadBeats(nowMs: number): number | null {
		const { seen } = this;
		if (this.state !== "wanted" || seen === null || !isFresh(seen, nowMs)) return null;
		const deadAfterMs = seen.hasGone ? GONE_AFTER_MS : DEAD_AFTER_MS;
		return seen.stoodMs + nowMs - seen.atMs >= deadAfterMs ? seen.beats : null;
	}

	private taken(): void {
		if (this.state !== "wanted") return;
		this.state = "held";
		this.options.logger.info("holds the lease", { lease: this.options.name });
		this.options.onTaken();
	}

	private notMine({ beats, isConnected }: LeaseState, sentMs: number): void {
		if (this.state === "held") {
			this.state = "ended";
			this.options.onLost();
			return;
		}
		if (!this.hasStoodBy) {
			this.hasStoodBy = true;
			this.options.onStandby?.();
		}
		const nowMs = this.options.clock.monotonicMs();
		const stoodMs = this.stoodMs(beats, sentMs, nowMs);
		const hasGone = !isConnected && this.wasConnected(sentMs);
		this.seen = { beats, isConnected, hasGone, stoodMs, atMs: nowMs };
	}

	/** For how long these beats have been seen to stand still, with the look that was just answered. */
	private stoodMs(beats: number, sentMs: number, nowMs: number): number {
		const { seen } = this;
		if (seen === null || seen.beats !== beats) return 0;
		// Who waited for the answer has not seen them stand still meanwhile.
		const looked = isFresh(seen, sentMs) && nowMs - sentMs <= PROMPT_MS;
		return seen.stoodMs + (looked ? nowMs - seen.atMs : 0);
	}

	/** As far as the look before has seen, or one before that. */
	private wasConnected(sentMs: number): boolean {
		const { seen } = this;
		return seen !== null && isFresh(seen, sentMs) && (seen.isConnected || seen.hasGone);
	}

	private back(): void {
		if (this.isAway) this.options.logger.info("the leases are back", { lease: this.options.name });
		this.isAway = false;
	}

	private away(why: string): void {
		this.seen = null;
		if (!this.isAway)
			this.options.logger.warn("the leases are away", { lease: this.options.name, why });
		this.isAway = true;
	}
}

/** Whoever has not looked for longer has hung himself, and knows nothing of others. */
function isFresh({ atMs }: Seen, nowMs: number): boolean {
	return nowMs - atMs <= LOOK_EVERY_MS + PROMPT_MS;
}
