import type { ExternalIdRow } from "../../schemas/ports/ledger.ts";
import { DoneFunds } from "./done-funds.ts";

type FundsKind = ExternalIdRow["kind"];

/** A deposit or withdrawal, known by the id it has outside. */
export interface FundsEntry {
	row: ExternalIdRow;
	dirty: boolean;
	/** Told when it is done or refused. */
	waiters: (() => void)[];
}

/** Every deposit and withdrawal of the shard by its external id, so that each is done once. */
export class Funds {
	private readonly users = new Map<number, Map<string, FundsEntry>>();
	private readonly history = {
		deposit: new Map<number, DoneFunds>(),
		withdrawal: new Map<number, DoneFunds>(),
	};
	private dirty: FundsEntry[] = [];
	private readonly open = new Set<FundsEntry>();
	private woken: (() => void)[] = [];

	load(row: ExternalIdRow): void {
		this.put({ row, dirty: false, waiters: [] });
		if (row.doneAtMs !== 0 && row.amount !== 0n) this.remember(row);
	}

	/** With its command: on its way. */
	begin(row: ExternalIdRow): FundsEntry {
		const entry = { row, dirty: false, waiters: [] };
		this.put(entry);
		this.markDirty(entry);
		return entry;
	}

	/** On its way or done; undefined also for one that was refused: its id is free. */
	find(userId: number, kind: FundsKind, externalId: string): FundsEntry | undefined {
		const entry = this.users.get(userId)?.get(`${kind}/${externalId}`);
		return entry === undefined || entry.row.amount === 0n ? undefined : entry;
	}

	/** Its event has come. */
	finish(entry: FundsEntry, ts: number): void {
		this.end(entry, { ...entry.row, doneAtMs: ts });
		this.remember(entry.row);
	}

	/** Its command was rejected: nothing moved, which the ledger remembers as an amount of 0. */
	refuse(entry: FundsEntry, ts: number): void {
		this.end(entry, { ...entry.row, amount: 0n, doneAtMs: ts });
	}

	/** What a user has brought, or taken; undefined for nothing. */
	done(userId: number, kind: FundsKind): DoneFunds | undefined {
		return this.history[kind].get(userId);
	}

	/** Those on their way. */
	pending(): Iterable<FundsEntry> {
		return this.open;
	}

	/** Takes those who waited for what has been done or refused since the last time. */
	takeWoken(): readonly (() => void)[] {
		if (this.woken.length === 0) return NOBODY;
		const woken = this.woken;
		this.woken = [];
		return woken;
	}

	isDirty(): boolean {
		return this.dirty.length > 0;
	}

	/** Copies what changed and is in the log (`loggedSeq` by partition); the rest stays dirty. */
	takeDirty(loggedSeq: (partition: number) => number): ExternalIdRow[] {
		const rows: ExternalIdRow[] = [];
		const rest: FundsEntry[] = [];
		for (const entry of this.dirty) {
			if (entry.row.seq > loggedSeq(entry.row.partition)) {
				rest.push(entry);
				continue;
			}
			entry.dirty = false;
			rows.push(entry.row);
		}
		this.dirty = rest;
		return rows;
	}

	private end(entry: FundsEntry, row: ExternalIdRow): void {
		entry.row = row;
		this.open.delete(entry);
		this.woken.push(...entry.waiters);
		entry.waiters = [];
		this.markDirty(entry);
	}

	private put(entry: FundsEntry): void {
		const { userId, kind, externalId, doneAtMs } = entry.row;
		let user = this.users.get(userId);
		if (user === undefined) {
			user = new Map();
			this.users.set(userId, user);
		}
		user.set(`${kind}/${externalId}`, entry);
		if (doneAtMs === 0) this.open.add(entry);
	}

	private remember(row: ExternalIdRow): void {
		const users = this.history[row.kind];
		let done = users.get(row.userId);
		if (done === undefined) {
			done = new DoneFunds();
			users.set(row.userId, done);
		}
		done.add(row);
	}

	private markDirty(entry: FundsEntry): void {
		if (entry.dirty) return;
		entry.dirty = true;
		this.dirty.push(entry);
	}
}

const NOBODY: readonly (() => void)[] = [];
