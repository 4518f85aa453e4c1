import type { RecentClientId } from "../../schemas/ports/ledger.ts";
import { Fifo } from "./fifo.ts";

/** The id belongs to an order that is open or whose command is not answered yet. */
const TAKEN = -1;

/**
 * Client order ids that may not be used again: those of open and unanswered orders, and of orders that
 * finished less than `keepMs` ago by the log's time. So a blind retry after a lost answer never buys
 * twice. Only ids that clients chose are here. None is forgotten early: at the bound a user waits.
 */
export class ClientOrderIds {
	private readonly keepMs: number;
	private readonly maxPerUser: number;
	private readonly users = new Map<number, Map<string, number>>();
	private readonly finished = new Fifo<RecentClientId>();
	/** By user and id: one that finished twice since the last copy is written once, as it is now. */
	private readonly unsaved = new Map<string, RecentClientId>();

	constructor(keepMs: number, maxPerUser: number) {
		this.keepMs = keepMs;
		this.maxPerUser = maxPerUser;
	}

	/** Whether an order of that time may not have the id. */
	clashes(userId: number, clientOrderId: string, ts: number): boolean {
		const since = this.users.get(userId)?.get(clientOrderId);
		return since !== undefined && (since === TAKEN || ts - since < this.keepMs);
	}

	isFull(userId: number): boolean {
		return (this.users.get(userId)?.size ?? 0) >= this.maxPerUser;
	}

	/** With its command. */
	take(userId: number, clientOrderId: string): void {
		let user = this.users.get(userId);
		if (user === undefined) {
			user = new Map();
			this.users.set(userId, user);
		}
		user.set(clientOrderId, TAKEN);
	}

	/** Its order was rejected. */
	free(userId: number, clientOrderId: string): void {
		const user = this.users.get(userId);
		if (user?.get(clientOrderId) === TAKEN) user.delete(clientOrderId);
	}

	/** Its order has ended, or goes by another id, since `ts`. */
	finish(userId: number, clientOrderId: string, ts: number): void {
		const row = { userId, clientOrderId, finishedAtMs: ts };
		this.load(row);
		this.unsaved.set(`${userId}/${clientOrderId}`, row);
	}

	/** As the ledger has it. */
	load(row: RecentClientId): void {
		this.take(row.userId, row.clientOrderId);
		this.users.get(row.userId)?.set(row.clientOrderId, row.finishedAtMs);
		this.finished.push(row);
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
			const user = this.users.get(row.userId);
			if (user?.get(row.clientOrderId) !== row.finishedAtMs) continue;
			user.delete(row.clientOrderId);
			if (user.size === 0) this.users.delete(row.userId);
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
}
