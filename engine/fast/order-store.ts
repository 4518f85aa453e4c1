import { invariant } from "../../schemas/invariant.ts";
import { HEAD, type LevelStore, TAIL } from "./level-store.ts";

const FIRST_CAPACITY = 64;

/** Bits of `flags`: the maker fee (at most 1,000,000 ppm) lowest, then what else fits beside it. */
export const FEE_MASK = 0xf_ffff;
export const STP_SHIFT = 20;
export const STP_MASK = 7;
export const TRADED = 1 << 23;
export const ICEBERG = 1 << 24;

/**
 * Where the fields of a slot stand. What a match touches fills half a cache line: id and leaves (the
 * first two of 4 doubles), then user, flags, next, chain (the last four of 8 ints). What only cancels
 * and amends need stands apart: the total (the first of 2 doubles), then prev, level (of 4 ints).
 */
const LEAVES = 1;
const USER = 4;
const FLAGS = 5;
const NEXT = 6;
const CHAIN = 7;
const PREV = 2;
const LEVEL = 3;

/** What only an iceberg has; kept aside so that the others do not pay for it. */
export interface Iceberg {
	readonly displayLots: number;
	visibleLots: number;
}

/**
 * Resting orders of all symbols of an engine, 48 bytes each: a slot is a number, and the queue of a
 * level runs through `next` and `prev`. Slot 0 is none. A freed slot is the next one taken, so memory
 * follows the most orders that ever rested at once.
 *
 * Ids are found through buckets by their low bits, chained: ids are dense, so young orders have a bucket
 * each, neighbors share cache lines, and old ones spread over all of them.
 *
 * `append` and `remove` are long on purpose: they are most of what an engine does, and every array that
 * is read again in another function costs as much as the work itself.
 */
export class OrderStore {
	capacity = FIRST_CAPACITY;
	private hotDoubles = new Float64Array(FIRST_CAPACITY * 4);
	private hotInts = new Int32Array(this.hotDoubles.buffer);
	private coldDoubles = new Float64Array(FIRST_CAPACITY * 2);
	private coldInts = new Int32Array(this.coldDoubles.buffer);
	private buckets = new Int32Array(FIRST_CAPACITY);
	private mask = FIRST_CAPACITY - 1;
	private readonly levels: LevelStore;
	private readonly icebergs = new Map<number, Iceberg>();
	private firstFree = 0;
	private used = 1;
	private count = 0;

	constructor(levels: LevelStore) {
		this.levels = levels;
	}

	/** The slot of an order; 0 when it does not rest. */
	find(id: number): number {
		const { hotDoubles, hotInts } = this;
		let slot = this.buckets[id & this.mask] as number;
		while (slot !== 0 && hotDoubles[slot << 2] !== id)
			slot = hotInts[(slot << 3) + CHAIN] as number;
		return slot;
	}

	/** Puts an order behind a level's queue; what the level shows is the caller's to change. */
	append(
		level: number,
		id: number,
		userId: number,
		qtyLots: number,
		leavesLots: number,
		flags: number,
	): number {
		if (this.firstFree === 0 && this.used === this.capacity) this.grow();
		if (this.count * 2 >= this.buckets.length * 3) this.spread();
		const { hotDoubles, hotInts, coldDoubles, coldInts, buckets } = this;
		const { ints } = this.levels;
		let slot = this.firstFree;
		if (slot === 0) {
			slot = this.used;
			this.used = slot + 1;
		} else {
			this.firstFree = hotInts[(slot << 3) + NEXT] as number;
		}
		this.count += 1;
		const at = slot << 3;
		hotDoubles[slot << 2] = id;
		hotDoubles[(slot << 2) + LEAVES] = leavesLots;
		hotInts[at + USER] = userId;
		hotInts[at + FLAGS] = flags;
		hotInts[at + NEXT] = 0;
		const bucket = id & this.mask;
		hotInts[at + CHAIN] = buckets[bucket] as number;
		buckets[bucket] = slot;
		coldDoubles[slot << 1] = qtyLots;
		coldInts[(slot << 2) + LEVEL] = level;
		const levelAt = level << 3;
		if (ints[levelAt + HEAD] === 0) {
			ints[levelAt + HEAD] = slot;
		} else {
			const last = ints[levelAt + TAIL] as number;
			coldInts[(slot << 2) + PREV] = last;
			hotInts[(last << 3) + NEXT] = slot;
		}
		ints[levelAt + TAIL] = slot;
		return slot;
	}

	/**
	 * Takes an order out of its level's queue and out of the store. The head's `prev` is neither kept nor
	 * read: so that a filled head touches nothing but itself.
	 */
	remove(slot: number, level: number): void {
		const { hotInts, coldInts, buckets } = this;
		const { ints } = this.levels;
		const at = slot << 3;
		const younger = hotInts[at + NEXT] as number;
		if (ints[(level << 3) + HEAD] === slot) {
			ints[(level << 3) + HEAD] = younger;
		} else {
			const older = coldInts[(slot << 2) + PREV] as number;
			hotInts[(older << 3) + NEXT] = younger;
			if (younger === 0) ints[(level << 3) + TAIL] = older;
			else coldInts[(younger << 2) + PREV] = older;
		}
		const bucket = (this.hotDoubles[slot << 2] as number) & this.mask;
		const after = hotInts[at + CHAIN] as number;
		let before = buckets[bucket] as number;
		if (before === slot) {
			buckets[bucket] = after;
		} else {
			while (hotInts[(before << 3) + CHAIN] !== slot) {
				before = hotInts[(before << 3) + CHAIN] as number;
				invariant(before !== 0, "a resting order is found by its id");
			}
			hotInts[(before << 3) + CHAIN] = after;
		}
		if (((hotInts[at + FLAGS] as number) & ICEBERG) !== 0) this.icebergs.delete(slot);
		this.hotDoubles[slot << 2] = 0;
		hotInts[at + FLAGS] = 0;
		hotInts[at + NEXT] = this.firstFree;
		this.firstFree = slot;
		this.count -= 1;
	}

	/** Moves the head of a level behind its queue. */
	requeue(slot: number, level: number): void {
		const { hotInts } = this;
		const { ints } = this.levels;
		const younger = hotInts[(slot << 3) + NEXT] as number;
		if (younger === 0) return;
		const last = ints[(level << 3) + TAIL] as number;
		ints[(level << 3) + HEAD] = younger;
		hotInts[(slot << 3) + NEXT] = 0;
		hotInts[(last << 3) + NEXT] = slot;
		this.coldInts[(slot << 2) + PREV] = last;
		ints[(level << 3) + TAIL] = slot;
	}

	id(slot: number): number {
		return this.hotDoubles[slot << 2] as number;
	}

	/** What is left, hidden parts included. */
	leaves(slot: number): number {
		return this.hotDoubles[(slot << 2) + LEAVES] as number;
	}

	setLeaves(slot: number, lots: number): void {
		this.hotDoubles[(slot << 2) + LEAVES] = lots;
	}

	/** The order's total. */
	qty(slot: number): number {
		return this.coldDoubles[slot << 1] as number;
	}

	setQty(slot: number, lots: number): void {
		this.coldDoubles[slot << 1] = lots;
	}

	user(slot: number): number {
		return (this.hotInts[(slot << 3) + USER] as number) >>> 0;
	}

	flags(slot: number): number {
		return this.hotInts[(slot << 3) + FLAGS] as number;
	}

	setFlags(slot: number, flags: number): void {
		this.hotInts[(slot << 3) + FLAGS] = flags;
	}

	level(slot: number): number {
		return this.coldInts[(slot << 2) + LEVEL] as number;
	}

	/** Towards younger orders of the level; of a free slot, the next free one. */
	next(slot: number): number {
		return this.hotInts[(slot << 3) + NEXT] as number;
	}

	/** Makes an order an iceberg. */
	hide(slot: number, displayLots: number, visibleLots: number): void {
		this.setFlags(slot, this.flags(slot) | ICEBERG);
		this.icebergs.set(slot, { displayLots, visibleLots });
	}

	/** What the level shows of an order. */
	visible(slot: number): number {
		return (this.flags(slot) & ICEBERG) === 0 ? this.leaves(slot) : this.iceberg(slot).visibleLots;
	}

	iceberg(slot: number): Iceberg {
		const iceberg = this.icebergs.get(slot);
		invariant(iceberg !== undefined, "an order flagged so is an iceberg");
		return iceberg;
	}

	/** By a twelfth: what stands empty counts as memory per resting order, too. */
	private grow(): void {
		this.capacity = Math.ceil((this.capacity * 13) / 12) + FIRST_CAPACITY;
		this.hotDoubles = copied(this.hotDoubles, this.capacity * 4);
		this.hotInts = new Int32Array(this.hotDoubles.buffer);
		this.coldDoubles = copied(this.coldDoubles, this.capacity * 2);
		this.coldInts = new Int32Array(this.coldDoubles.buffer);
	}

	/** Spreads the orders over twice as many buckets: two orders share three of them then. */
	private spread(): void {
		const old = this.buckets;
		const buckets = new Int32Array(old.length * 2);
		this.mask = buckets.length - 1;
		for (const head of old) {
			for (let slot = head; slot !== 0; ) {
				const after = this.hotInts[(slot << 3) + CHAIN] as number;
				const bucket = this.id(slot) & this.mask;
				this.hotInts[(slot << 3) + CHAIN] = buckets[bucket] as number;
				buckets[bucket] = slot;
				slot = after;
			}
		}
		this.buckets = buckets;
	}
}

function copied(from: Float64Array, length: number): Float64Array<ArrayBuffer> {
	const to = new Float64Array(length);
	to.set(from);
	return to;
}
