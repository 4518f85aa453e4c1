import type { TradeRange } from "../../schemas/ports/market-data.ts";

/** How many of the newest rows stay in memory whatever happens. */
export const RECENT_KEPT = 1_000;

/** How to see a row's gapless id and its time. */
export interface RowWords<T> {
	id(row: T): number;
	ts(row: T): number;
}

/**
 * The newest trades (or aggregate trades) of a symbol: those that queries ask for most, and all that
 * History does not have yet. Queries beyond it are merged with History, without a hole or a double.
 */
export class RecentRows<T> {
	private readonly words: RowWords<T>;
	/** Ascending by id; gapless, but where the log went on from one that was lost. */
	private rows: T[];
	/** History has every row up to this id. */
	private writtenId: number;

	/** Ids up to here are used up, whether or not there is a row of them. */
	private usedId: number;

	/**
	 * @param rows the newest ones; History has them and all before
	 * @param usedId the last id given; absent, that of the newest row
	 */
	constructor(words: RowWords<T>, rows: readonly T[] = [], usedId = 0) {
		this.words = words;
		this.rows = [...rows];
		this.usedId = usedId;
		this.writtenId = this.lastId();
	}

	/** Ids go on after this one. */
	resume(lastId: number): void {
		this.usedId = lastId;
	}

	add(row: T): void {
		this.rows.push(row);
		this.trim();
	}

	/** The last id that was given; 0 when there never was one. */
	lastId(): number {
		return Math.max(this.usedId, this.lastRowId());
	}

	last(): T | undefined {
		return this.rows.at(-1);
	}

	/** History now has every row up to this id: older ones may be forgotten. */
	written(id: number): void {
		this.writtenId = Math.max(this.writtenId, id);
		this.trim();
	}

	/** The newest `limit`, ascending. */
	newest(limit: number): readonly T[] {
		return this.rows.slice(Math.max(0, this.rows.length - limit));
	}

	/** Those of the newest `limit` whose ids follow one another up to the last. */
	unbroken(limit: number): readonly T[] {
		const newest = this.newest(limit);
		const lastId = this.lastRowId();
		// The n-th from the end has the last id less n.
		const isBroken = (row: T, i: number) => this.words.id(row) + newest.length - 1 - i !== lastId;
		return newest.slice(newest.findLastIndex(isBroken) + 1);
	}

	/**
	 * The rows of a range: ascending from `fromId` or `startMs`, else the newest. `older` asks History;
	 * it is called only when memory does not reach back far enough.
	 */
	async query(
		range: TradeRange,
		older: (range: TradeRange) => Promise<readonly T[]>,
	): Promise<readonly T[]> {
		const { limit } = range;
		const first = this.rows[0];
		if (first === undefined) return this.usedId === 0 ? [] : older(range);
		// Taken now, before History answers: rows may be dropped here meanwhile, once they are there.
		const recent = this.rows.filter((row) => this.within(row, range));
		const ascending = range.fromId !== null || range.startMs !== null;
		const whole = this.words.id(first) === 1;
		if (whole || (ascending ? this.reaches(first, range) : recent.length >= limit)) {
			return ascending ? recent.slice(0, limit) : recent.slice(-limit);
		}
		const firstId = this.words.id(first);
		const old = (await older(range)).filter((row) => this.words.id(row) < firstId);
		const all = [...old, ...recent];
		return ascending ? all.slice(0, limit) : all.slice(-limit);
	}

	private lastRowId(): number {
		const last = this.rows.at(-1);
		return last === undefined ? 0 : this.words.id(last);
	}

	/** Whether nothing older than the first row here belongs to an ascending range. */
	private reaches(first: T, range: TradeRange): boolean {
		if (range.fromId !== null && this.words.id(first) <= range.fromId) return true;
		return range.startMs !== null && this.words.ts(first) < range.startMs;
	}

	private within(row: T, range: TradeRange): boolean {
		const ts = this.words.ts(row);
		return (
			(range.fromId === null || this.words.id(row) >= range.fromId) &&
			(range.startMs === null || ts >= range.startMs) &&
			(range.endMs === null || ts <= range.endMs)
		);
	}

	/** In larger pieces: dropping from an array's front moves all of it. */
	private trim(): void {
		const spare = this.rows.length - RECENT_KEPT;
		if (spare < RECENT_KEPT) return;
		const drop = Math.min(spare, this.writtenCount());
		if (drop >= RECENT_KEPT) this.rows = this.rows.slice(drop);
	}

	/** How many of the rows History has. */
	private writtenCount(): number {
		let low = 0;
		let high = this.rows.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (this.words.id(this.rows[middle] as T) <= this.writtenId) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}
