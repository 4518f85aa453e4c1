import type { RecentClientId } from "../../schemas/ports/ledger.ts";
import { Fifo } from "./fifo.ts";

/** What is known of an id. */
interface Use {
	/** It belongs to an order that is open or whose command is not answered yet. */
	taken: boolean;
	/** When the latest order that had it ended; 0 when none did. */
	finishedAtMs: number;
}

/**
 * Client order ids that may not be used again: those of open and unanswered orders, and of orders that
 * finished less than `keepMs` ago by the log's time. So a blind retry after a lost answer never buys
 * twice. Only ids that clients chose are here. None is forgotten early: at the bound a user waits.
 */
export class ClientOrderIds {
	private readonly keepMs: number;
	private readonly maxPerUser: number;
	private readonly users = new Map<number, Map<string, Use>>();
	private readonly finished = new Fifo<RecentClientId>();
	/** By user and id: one that finished twice since the last copy is written once, as it is now. */
	private readonly unsaved = new Map<string, RecentClientId>();

	constructor(keepMs: number, maxPerUser: number) {
		this.keepMs = keepMs;
		this.maxPerUser = maxPerUser;
	}

	/** Whether an order of that time may not have the id. */
	clashes(userId: number, clientOrderId: string, ts: number): boolean {
		const use = this.users.get(userId)?.get(clientOrderId);
		return use !== undefined && (use.taken || ts - use.finishedAtMs < this.keepMs);
	}

	isFull(userId: number): boolean {
		return (this.users.get(userId)?.size ?? 0) >= this.maxPerUser;
	}

	/** With its command. */
	take(userId: number, clientOrderId: string): void {
		this.useOf(userId, clientOrderId).taken = true;
	}

	/** Its order was rejected. */
	free(userId: number, clientOrderId: string): void {
		const user = this.users.get(userId);
		const use = user?.get(clientOrderId);
		if (use === undefined) return;
		use.taken = false;
		if (use.finishedAtMs === 0) user?.delete(clientOrderId);
	}

	/** Its order has ended, or goes by another id, since `ts`. */
	finish(userId: number, clientOrderId: string, ts: number): void {
		this.unsaved.set(
			`${userId}/${clientOrderId}`,
			this.load({ userId, clientOrderId, finishedAtMs: ts }),
		);
	}

	/**
	 * As the ledger has it. A start reads one partition after the other: an order that ended earlier may
	 * come later, and changes nothing then.
	 *
	 * @returns the latest end of an order of that id
	 */
	load(row: RecentClientId): RecentClientId {
		const use = this.useOf(row.userId, row.clientOrderId);
		use.taken = false;
		use.finishedAtMs = Math.max(use.finishedAtMs, row.finishedAtMs);
		const latest = { ...row, finishedAtMs: use.finishedAtMs };
		this.finished.push(latest);
		return latest;
	}

	/** Ids that finished before this are free for commands of `ts` and later. */
	freeBefore(ts: number): number {
		return ts - this.keepMs;
	}

	/** Drops what no command of `ts` or later can clash with. */
	forget(ts: number): void {
		const before = this.freeBefore(ts);
		for (let row = this.finished.first(); row !== undefined; row = this.finished.first()) {
			if (row.finishedAtMs > before) return;
			this.finished.shift();
			this.drop(row);
		}
	}

	isDirty(): boolean {
		return this.unsaved.size > 0;
	}

	/** What finished since the last copy. */
	takeDirty(): RecentClientId[] {
		const rows = [...this.unsaved.values()];
		this.unsaved.clear();
		return rows;
	}

	private useOf(userId: number, clientOrderId: string): Use {
		let user = this.users.get(userId);
		if (user === undefined) {
			user = new Map();
			this.users.set(userId, user);
		}
		let use = user.get(clientOrderId);
		if (use === undefined) {
			use = { taken: false, finishedAtMs: 0 };
			user.set(clientOrderId, use);
		}
		return use;
	}

	/** An end that nothing can clash with any more; a later one, or an order that has the id, stays. */
	private drop({ userId, clientOrderId, finishedAtMs }: RecentClientId): void {
		const user = this.users.get(userId);
		const use = user?.get(clientOrderId);
		if (user === undefined || use?.finishedAtMs !== finishedAtMs) return;
		use.finishedAtMs = 0;
		if (use.taken) return;
		user.delete(clientOrderId);
		if (user.size === 0) this.users.delete(userId);
	}
}
