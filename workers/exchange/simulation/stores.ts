import type { MemoryDatabase } from "../../../db/ledger/memory-database.ts";
import type { Clock } from "../../../schemas/ports/clock.ts";
import { type Ledger, type LedgerBatch, LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";

/** What becomes of a call to a store: done, done but nobody hears of it, not done, done much later. */
export type Fate = "ok" | "lost answer" | "not done" | "late";

export interface StoreConditions {
	readonly time: Clock & Scheduler;
	fate(): Fate;
	delayMs(): number;
}

/** What a referee hears of the ledger, as it happens there. */
export interface LedgerWitness {
	raised(shard: number, epoch: number): void;
	/** A commit was carried out or refused. */
	committed(shard: number, batch: LedgerBatch, outcome: "committed" | "superseded"): void;
}

/** The ledger's server: its calls take time and fail, and what was sent may be done late. */
export function simulatedLedger(
	database: MemoryDatabase,
	conditions: StoreConditions,
	witness: LedgerWitness,
	refused: (error: unknown) => void,
): Ledger {
	const call = <T>(work: () => T): Promise<T> => {
		const guarded = (): T => {
			try {
				return work();
			} catch (error) {
				refused(error);
				throw error;
			}
		};
		return fated(conditions, guarded, () => new LedgerUnavailable("simulated"));
	};
	return {
		raiseEpoch: (shard, atLeast) =>
			call(() => {
				const epoch = database.raiseEpoch(shard, atLeast);
				witness.raised(shard, epoch);
				return epoch;
			}),
		load: (shard) => call(() => database.load(shard)),
		clockMs: () => call(() => conditions.time.nowMs()),
		positions: (shard) => call(() => database.positions(shard)),
		access: () => call(() => database.access()),
		commit: (shard, batch) =>
			call(() => {
				const outcome = database.commit(shard, batch);
				witness.committed(shard, batch, outcome);
				return outcome;
			}),
		transfersAfter: (shard, partition, evSeq) =>
			call(() => database.transfersAfter(shard, partition, evSeq)),
		close: async () => {},
	};
}

/** Some methods of a store meet the weather; the rest are as they are. */
export function weathered<P extends object>(
	store: P,
	methods: readonly (keyof P)[],
	conditions: StoreConditions,
): P {
	return new Proxy(store, {
		get(target, property) {
			const method = Reflect.get(target, property);
			if (typeof method !== "function") return method;
			if (!methods.includes(property as keyof P)) return method.bind(target);
			return (...args: unknown[]) =>
				fated(
					conditions,
					() => method.apply(target, args),
					() => new Error("the simulated store failed"),
				);
		},
	});
}

/** A store whose writes somebody looks at, as they happen there. */
export function witnessed<B, S extends { write(batch: B): Promise<void> }>(
	store: S,
	writes: (batch: B) => void,
): S {
	return new Proxy(store, {
		get(target, property) {
			const method = Reflect.get(target, property);
			if (property !== "write") return typeof method === "function" ? method.bind(target) : method;
			return (batch: B) => {
				writes(batch);
				return target.write(batch);
			};
		},
	});
}

/** Carries a call out as its fate has it. */
function fated<T>(
	{ time, fate, delayMs }: StoreConditions,
	work: () => T | Promise<T>,
	away: () => Error,
): Promise<T> {
	return new Promise((resolve, reject) => {
		time.after(delayMs(), () => {
			const what = fate();
			if (what === "late") time.after(delayMs() * 10 + 50, () => void settled(work));
			if (what === "late" || what === "not done") return reject(away());
			const done = settled(work);
			if (what === "lost answer") reject(away());
			else done.then(resolve, reject);
		});
	});
}

/** The outcome as a promise whose rejection nobody need hear. */
function settled<T>(work: () => T | Promise<T>): Promise<T> {
	const done = new Promise<T>((resolve) => resolve(work()));
	done.catch(() => {});
	return done;
}
