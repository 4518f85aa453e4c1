import { invariant } from "../../schemas/invariant.ts";
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
	/** By `placeOf`. */
	private readonly open = new Map<string, FundsEntry>();
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
		const entry = this.users.get(userId)?.get(nameOf({ kind, externalId }));
		return entry === undefined || entry.row.amount === 0n ? undefined : entry;
	}

	/**
	 * Of that command. A start reads more than one of the same id where the first was refused.
	 *
	 * @throws InvariantViolation when none of it was on its way
	 */
	onItsWay(partition: number, seq: number): FundsEntry {
		const place = placeOf({ partition, seq });
		const entry = this.open.get(place);
		invariant(entry !== undefined, `no deposit or withdrawal of command ${place} was on its way`);
		return entry;
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
		return this.open.values();
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

	/**
	 * Copies what changed and is in the log (`loggedSeq` by partition); the rest stays dirty. Of an id that was refused
	 * and is used again the later one alone: the ledger has one row for both.
	 */
	takeDirty(loggedSeq: (partition: number) => number): ExternalIdRow[] {
		const rows = new Map<string, ExternalIdRow>();
		const rest: FundsEntry[] = [];
		for (const entry of this.dirty) {
			if (entry.row.seq > loggedSeq(entry.row.partition)) {
				rest.push(entry);
				continue;
			}
			entry.dirty = false;
			const key = `${entry.row.userId}/${nameOf(entry.row)}`;
			if (entry.row.seq > (rows.get(key)?.seq ?? 0)) rows.set(key, entry.row);
		}
		this.dirty = rest;
		return [...rows.values()];
	}

	private end(entry: FundsEntry, row: ExternalIdRow): void {
		entry.row = row;
		this.open.delete(placeOf(row));
		this.woken.push(...entry.waiters);
		entry.waiters = [];
		this.markDirty(entry);
	}

	private put(entry: FundsEntry): void {
		const { userId, doneAtMs } = entry.row;
		let user = this.users.get(userId);
		if (user === undefined) {
			user = new Map();
			this.users.set(userId, user);
		}
		user.set(nameOf(entry.row), entry);
		if (doneAtMs === 0) this.open.set(placeOf(entry.row), entry);
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

/** Of a user's. */
function nameOf({ kind, externalId }: Pick<ExternalIdRow, "kind" | "externalId">): string {
	return `${kind}/${externalId}`;
}

/** Of its command. */
function placeOf({ partition, seq }: Pick<ExternalIdRow, "partition" | "seq">): string {
	return `${partition}/${seq}`;
}

const NOBODY: readonly (() => void)[] = [];
