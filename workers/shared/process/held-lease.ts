import type { Leases } from "../../../schemas/ports/leases.ts";
import { LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../../schemas/ports/scheduler.ts";

/** How long a lease lasts; renewed in time it outlives two answers that were lost. */
export const LEASE_TTL_MS = 1_500;
export const RENEW_EVERY_MS = 500;
/** How often one that is another's is asked for. */
export const ASK_EVERY_MS = 200;

export interface HeldLeaseOptions {
	readonly leases: Leases;
	readonly name: string;
	/** Unique to this process' life. */
	readonly holder: string;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	/** It is this process' from now on. Called once. */
	onTaken(): void;
	/** It was, and is another's now: this process was thought dead. Called once. */
	onLost(): void;
}

/**
 * Stands by for one lease, and keeps it. Only another holder makes it lost: while the store is away
 * nobody can take it, and whoever has it goes on.
 */
export class HeldLease {
	private readonly options: HeldLeaseOptions;
	private state: "wanted" | "held" | "ended" = "wanted";
	private cancel: Cancel = () => {};
	private isAway = false;

	constructor(options: HeldLeaseOptions) {
		this.options = options;
	}

	isHeld(): boolean {
		return this.state === "held";
	}

	start(): void {
		void this.ask();
	}

	/** No longer wanted; gives it back, so that who stands by need not wait. */
	async release(): Promise<void> {
		const wasHeld = this.state === "held";
		this.state = "ended";
		this.cancel();
		const { leases, name, holder, logger } = this.options;
		if (!wasHeld) return;
		try {
			await leases.release(name, holder);
		} catch (error) {
			// It runs out by itself.
			if (!(error instanceof LedgerUnavailable)) throw error;
			logger.warn("a lease could not be given back", { lease: name });
		}
	}

	private async ask(): Promise<void> {
		const { name, scheduler } = this.options;
		const taken = await this.taken();
		if (this.state === "ended") return;
		if (taken === false && this.state === "held") {
			this.state = "ended";
			this.options.onLost();
			return;
		}
		if (taken === true && this.state === "wanted") {
			this.state = "held";
			this.options.logger.info("holds the lease", { lease: name });
			this.options.onTaken();
		}
		const pauseMs = this.state === "held" ? RENEW_EVERY_MS : ASK_EVERY_MS;
		this.cancel = scheduler.after(pauseMs, () => void this.ask());
	}

	/** Null: the store does not answer. */
	private async taken(): Promise<boolean | null> {
		const { leases, name, holder, logger } = this.options;
		try {
			const taken = await leases.take(name, holder, LEASE_TTL_MS);
			this.isAway = false;
			return taken;
		} catch (error) {
			if (!(error instanceof LedgerUnavailable)) throw error;
			if (!this.isAway) logger.warn("the leases are away", { lease: name, why: error.message });
			this.isAway = true;
			return null;
		}
	}
}
