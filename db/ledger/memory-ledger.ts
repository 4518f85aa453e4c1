import type { Clock } from "../../schemas/ports/clock.ts";
import {
	type AccessState,
	type Ledger,
	type LedgerBatch,
	LedgerUnavailable,
	type ShardPositions,
	type ShardState,
	type TransferRow,
} from "../../schemas/ports/ledger.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import type { MemoryDatabase } from "./memory-database.ts";

/** What happens to a call: "lost answer" is done but rejects, "late" rejects and is done after that, "not done" only rejects. */
export type LedgerFault = "ok" | "lost answer" | "late" | "not done";

/** Until what is late is done, ms. */
const LATE_MS = 500;

/** How a `MemoryLedger` is wired. */
export interface MemoryLedgerOptions {
	readonly database: MemoryDatabase;
	/** The server's. */
	readonly clock: Clock;
	/** Gives the answers: the worker's own, which dies with it. */
	readonly scheduler: Scheduler;
	/** Does the work: the world's, so that what was sent is done even when its sender died. */
	readonly serverScheduler?: Scheduler;
	/** Milliseconds until a call is done; asked once for each call. 0 when not given. */
	readonly latencyMs?: () => number;
	/** Asked once for each commit. */
	readonly fault?: (shard: number, batch: LedgerBatch) => LedgerFault;
	/** Asked once for each other call. */
	readonly otherFault?: () => LedgerFault;
}

/** The ledger of a simulation: deterministic, asynchronous by the scheduler alone. */
export class MemoryLedger implements Ledger {
	private readonly options: MemoryLedgerOptions;
	private closed = false;

	constructor(options: MemoryLedgerOptions) {
		this.options = options;
	}

	raiseEpoch(shard: number, atLeast: number): Promise<number> {
		return this.call(this.otherFault(), () => this.options.database.raiseEpoch(shard, atLeast));
	}

	load(shard: number): Promise<ShardState> {
		return this.call(this.otherFault(), () => this.options.database.load(shard));
	}

	clockMs(): Promise<number> {
		return this.call(this.otherFault(), () => this.options.clock.nowMs());
	}

	positions(shard: number): Promise<ShardPositions> {
		return this.call(this.otherFault(), () => this.options.database.positions(shard));
	}

	access(): Promise<AccessState> {
		return this.call(this.otherFault(), () => this.options.database.access());
	}

	commit(shard: number, batch: LedgerBatch): Promise<"committed" | "superseded"> {
		const fault = this.options.fault?.(shard, batch) ?? "ok";
		return this.call(fault, () => this.options.database.commit(shard, batch));
	}

	transfersAfter(shard: number, partition: number, evSeq: number): Promise<readonly TransferRow[]> {
		const { database } = this.options;
		return this.call(this.otherFault(), () => database.transfersAfter(shard, partition, evSeq));
	}

	close(): Promise<void> {
		return new Promise((resolve) => {
			this.closed = true;
			this.options.scheduler.soon(resolve);
		});
	}

	private otherFault(): LedgerFault {
		return this.options.otherFault?.() ?? "ok";
	}

	private call<T>(fault: LedgerFault, work: () => T): Promise<T> {
		const { scheduler, serverScheduler = scheduler, latencyMs } = this.options;
		const sent = !this.closed;
		return new Promise((resolve, reject) => {
			if (fault === "late") {
				scheduler.soon(() => reject(new LedgerUnavailable(fault)));
				return void serverScheduler.after(LATE_MS, () => sent && outcome(work));
			}
			const done = (): void => {
				const answer = sent && fault !== "not done" ? outcome(work) : null;
				scheduler.soon(() => {
					if (answer === null || fault !== "ok") reject(new LedgerUnavailable(fault));
					else if ("error" in answer) reject(answer.error);
					else resolve(answer.value);
				});
			};
			serverScheduler.after(latencyMs?.() ?? 0, done);
		});
	}
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

function outcome<T>(work: () => T): Outcome<T> {
	try {
		return { value: work() };
	} catch (error) {
		return { error };
	}
}
