import { createHash } from "node:crypto";
import { type Archive, ArchiveCorrupt } from "../../schemas/ports/archive.ts";
import {
	boundsOf,
	decodeSegment,
	encodeSegment,
	rowCount,
	type SegmentBounds,
	type SegmentRows,
} from "./segment.ts";
import { SegmentIndex } from "./segment-index.ts";
import { sideBySide } from "./side-by-side.ts";

/** A segment is not there any more: another process merged it. Load again. */
export class SegmentGone extends Error {
	override readonly name = "SegmentGone";
}

/** Event records between two segments are in none: an object of the archive is lost. */
export class SegmentMissing extends Error {
	override readonly name = "SegmentMissing";
}

/** A stored segment, without its rows. */
export interface Segment {
	/** It has the rows of the event records after this one, */
	readonly afterEvSeq: number;
	/** up to this one. */
	readonly toEvSeq: number;
	/** How often what is in it was merged. */
	readonly level: number;
	/** SHA-256 of its rows as they are stored; absent in those of before, whose names have none. */
	readonly hash?: string;
	readonly rows: number;
	readonly bounds: SegmentBounds;
}

/** So many neighbours of a level become one of the next, */
const MERGED = 16;
/** unless that had more rows than this. */
const MOST_ROWS = 50_000;
const DIGITS = 16;
const [ROWS, BOUNDS] = ["/rows", "/bounds"];
/** Another process may merge while the archive is listed: what seems to be missing is looked for again. */
const LOOKS = 3;
/** Segments whose rows stay in memory once read. */
const CACHED = 32;

/**
 * One partition's segments in an archive: each an object with its rows, and a small one beside it with what is known of
 * it, which is put first, and made again of the rows when it is missing or damaged. A segment is there when its rows
 * are. Its name says from after which event record up to which it goes, how often it was merged, and its hash, so what
 * has a name never changes; one begins where another ends, back to the first record.
 *
 * Segments are merged behind, new ones put before old ones go: a death between the two leaves segments
 * that lie within another, which the next opening removes. There are the more of them the more rows there are, so what
 * is known of the older ones is in an index, too.
 */
export class SegmentStore {
	private readonly archive: Archive;
	private readonly prefix: string;
	private readonly index: SegmentIndex<Segment>;
	private readonly cache = new Map<string, SegmentRows>();
	/** By event records, ascending. */
	private list: readonly Segment[] = [];
	/** They were merged, and are still to be removed. */
	private merged: readonly Segment[] = [];

	private constructor(archive: Archive, partition: number) {
		this.archive = archive;
		this.prefix = `history/${partition}/`;
		this.index = new SegmentIndex(archive, `${this.prefix}index/`);
	}

	static async open(archive: Archive, partition: number): Promise<SegmentStore> {
		const store = new SegmentStore(archive, partition);
		await store.load();
		return store;
	}

	/** The partitions of which an archive has anything. */
	static async partitions(archive: Archive): Promise<readonly number[]> {
		const names = await archive.list("history/");
		return [...new Set(names.map((name) => Number(name.split("/")[1])))];
	}

	get segments(): readonly Segment[] {
		return this.list;
	}

	/** The last event record whose rows are stored; 0 at first. */
	position(): number {
		return this.list.at(-1)?.toEvSeq ?? 0;
	}

	/** Stores what comes after the position, up to this event record. */
	async append(toEvSeq: number, rows: SegmentRows): Promise<void> {
		const segment = await this.put(described(this.position(), toEvSeq, 0, rows), rows);
		this.list = [...this.list, segment];
	}

	/** Merges neighbours while there are enough of one level. One that failed goes on where it was. */
	async merge(): Promise<void> {
		await this.removeMerged();
		for (let group = this.mergeable(); group !== null; group = this.mergeable()) {
			const all = await Promise.all(group.map((segment) => this.rowsOf(segment)));
			const rows = {
				trades: all.flatMap((each) => each.trades),
				aggTrades: all.flatMap((each) => each.aggTrades),
				klines: all.flatMap((each) => each.klines),
			};
			const [first, last] = [group[0] as Segment, group.at(-1) as Segment];
			const whole = described(first.afterEvSeq, last.toEvSeq, first.level + 1, rows);
			const merged = await this.put(whole, rows);
			const at = this.list.indexOf(first);
			this.list = this.list.toSpliced(at, group.length, merged);
			this.merged = group;
			await this.removeMerged();
		}
		const hashed = this.list.filter(({ hash }) => hash !== undefined);
		await this.index.extend(hashed.map((segment) => [this.nameOf(segment), segment]));
	}

	/** @throws SegmentGone, ArchiveCorrupt */
	async rowsOf(segment: Segment): Promise<SegmentRows> {
		const name = this.nameOf(segment);
		const cached = this.cache.get(name);
		if (cached !== undefined) return cached;
		const bytes = await this.archive.get(name + ROWS);
		if (bytes === null) throw new SegmentGone(`the archive has no ${name} any more`);
		if (segment.hash !== undefined && hashOf(bytes) !== segment.hash) {
			throw new ArchiveCorrupt(`${name} is not what its name says`);
		}
		const rows = decodeSegment(bytes);
		this.remember(name, rows);
		return rows;
	}

	/**
	 * Finds the segments that are there, and removes what a death left: see the class.
	 *
	 * @throws SegmentMissing
	 */
	async load(): Promise<void> {
		let missing: string | null = null;
		for (let looks = 0; looks < LOOKS; looks += 1) {
			this.list = await this.find();
			missing = gapIn(this.list);
			if (missing === null) return;
		}
		throw new SegmentMissing(
			`${this.prefix} lacks ${missing}: an object of the archive is lost, see docs/runbooks/history-lost.md`,
		);
	}

	private async find(): Promise<readonly Segment[]> {
		const names = new Set(await this.archive.list(this.prefix));
		await this.index.load(names);
		const found: Segment[] = [];
		const rows = [...names].filter((name) => name.endsWith(ROWS));
		await sideBySide(rows, async (of) => {
			const name = of.slice(0, -ROWS.length);
			const segment = this.index.get(name) ?? (await this.read(name));
			if (segment !== null) found.push(segment);
		});
		const left = new Set(withinOthers(found));
		await this.remove([...left]);
		const alone = [...names].filter(
			(name) => name.endsWith(BOUNDS) && !names.has(name.slice(0, -BOUNDS.length) + ROWS),
		);
		await sideBySide(alone, (name) => this.archive.delete(name));
		return found.filter((segment) => !left.has(segment)).sort((a, b) => a.toEvSeq - b.toEvSeq);
	}

	/** A segment by its name; null when it is not there any more. */
	private async read(name: string): Promise<Segment | null> {
		const bytes = await this.archive.get(name + BOUNDS).catch(nullIfDamaged);
		if (bytes !== null) return JSON.parse(new TextDecoder().decode(bytes));
		const rows = await this.archive.get(name + ROWS);
		if (rows === null) return null;
		// It is damaged, or an opening took it for what a death had left: it was put, and the rows were on their way.
		const segment = named(name, decodeSegment(rows));
		await this.archive.put(name + BOUNDS, new TextEncoder().encode(JSON.stringify(segment)));
		return segment;
	}

	private mergeable(): readonly Segment[] | null {
		for (let at = this.list.length - MERGED; at >= 0; at -= 1) {
			const group = this.list.slice(at, at + MERGED);
			const rows = group.reduce((sum, segment) => sum + segment.rows, 0);
			if (rows <= MOST_ROWS && group.every(({ level }) => level === group[0]?.level)) return group;
		}
		return null;
	}

	private async put(described: Segment, rows: SegmentRows): Promise<Segment> {
		const bytes = encodeSegment(rows);
		const segment = { ...described, hash: hashOf(bytes) };
		const name = this.nameOf(segment);
		await this.archive.put(name + BOUNDS, new TextEncoder().encode(JSON.stringify(segment)));
		await this.archive.put(name + ROWS, bytes);
		this.remember(name, rows);
		return segment;
	}

	private async removeMerged(): Promise<void> {
		await this.remove(this.merged);
		this.merged = [];
	}

	private remove(segments: readonly Segment[]): Promise<void> {
		return sideBySide(segments, async (segment) => {
			const name = this.nameOf(segment);
			this.cache.delete(name);
			await this.archive.delete(name + ROWS);
			await this.archive.delete(name + BOUNDS);
		});
	}

	private remember(name: string, rows: SegmentRows): void {
		this.cache.set(name, rows);
		const [oldest] = this.cache.keys();
		if (this.cache.size > CACHED && oldest !== undefined) this.cache.delete(oldest);
	}

	private nameOf({ afterEvSeq, toEvSeq, level, hash }: Segment): string {
		const padded = (value: number) => String(value).padStart(DIGITS, "0");
		const name = `${this.prefix}${padded(afterEvSeq)}-${padded(toEvSeq)}-${level}`;
		return hash === undefined ? name : `${name}-${hash}`;
	}
}

function nullIfDamaged(error: unknown): null {
	if (error instanceof ArchiveCorrupt) return null;
	throw error;
}

function described(afterEvSeq: number, toEvSeq: number, level: number, rows: SegmentRows): Segment {
	return { afterEvSeq, toEvSeq, level, rows: rowCount(rows), bounds: boundsOf(rows) };
}

/** What a segment's name and its rows say of it. */
function named(name: string, rows: SegmentRows): Segment {
	const [after, to, level, hash] = (name.split("/").at(-1) as string).split("-");
	const segment = described(Number(after), Number(to), Number(level), rows);
	return hash === undefined ? segment : { ...segment, hash };
}

function hashOf(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

/** Those that lie within one that was merged more often. There may be very many: each is looked at once. */
function withinOthers(segments: readonly Segment[]): readonly Segment[] {
	/** By level: up to where those go that begin no later. */
	const reached: number[] = [];
	const inOrder = segments.toSorted((a, b) => a.afterEvSeq - b.afterEvSeq || b.level - a.level);
	return inOrder.filter(({ toEvSeq, level }) => {
		const isWithin = reached.some((to, other) => other > level && to >= toEvSeq);
		reached[level] = Math.max(reached[level] ?? 0, toEvSeq);
		return isWithin;
	});
}

/** What lies between two segments, or before the first; null when nothing does. They may overlap. */
function gapIn(segments: readonly Segment[]): string | null {
	let reached = 0;
	for (const { afterEvSeq, toEvSeq } of segments.toSorted((a, b) => a.afterEvSeq - b.afterEvSeq)) {
		if (afterEvSeq > reached) return `the event records after ${reached}, up to ${afterEvSeq}`;
		reached = Math.max(reached, toEvSeq);
	}
	return null;
}
