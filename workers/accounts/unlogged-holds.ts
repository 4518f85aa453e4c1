import type { Balance, Balances } from "./balances.ts";
import { Fifo } from "./fifo.ts";

interface UnloggedHold {
	readonly seq: number;
	readonly balance: Balance;
	readonly amount: bigint;
}

/**
 * Holds whose command the log may not have yet. The ledger must not see them: were the worker to die,
 * nobody would ever release them. A hold counts from its append's acknowledgement, or from the first
 * event that answers it.
 */
export class UnloggedHolds {
	private readonly balances: Balances;
	private readonly queues: readonly Fifo<UnloggedHold>[];
	private readonly logged: number[];

	constructor(balances: Balances, partitions: number) {
		this.balances = balances;
		this.queues = Array.from({ length: partitions }, () => new Fifo<UnloggedHold>());
		this.logged = Array.from({ length: partitions }, () => 0);
	}

	add(partition: number, seq: number, balance: Balance, amount: bigint): void {
		if (amount === 0n) return;
		this.balances.addUnlogged(balance, amount);
		this.queues[partition]?.push({ seq, balance, amount });
	}

	/** The log has the shard's commands up to there. */
	loggedUpTo(partition: number, seq: number): void {
		if (seq <= this.loggedSeq(partition)) return;
		this.logged[partition] = seq;
		const queue = this.queues[partition];
		for (let hold = queue?.first(); hold !== undefined && hold.seq <= seq; hold = queue?.first()) {
			this.balances.removeUnlogged(hold.balance, hold.amount);
			queue?.shift();
		}
	}

	/** The last seq that is surely in the log. */
	loggedSeq(partition: number): number {
		return this.logged[partition] ?? 0;
	}
}
