import { invariant } from "../../schemas/invariant.ts";

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
 * follows the most orders that ever rested at once. The arrays are replaced when they grow: only `take`
 * does that.
 */
export class OrderStore {
	capacity = FIRST_CAPACITY;
	private hotDoubles = new Float64Array(FIRST_CAPACITY * 4);
	private hotInts = new Int32Array(this.hotDoubles.buffer);
	private coldDoubles = new Float64Array(FIRST_CAPACITY * 2);
	private coldInts = new Int32Array(this.coldDoubles.buffer);
	private readonly icebergs = new Map<number, Iceberg>();
	private firstFree = 0;
	private used = 1;

	/** A slot for a new order, neither traded nor hidden; its links are the caller's to fill in. */
	take(
		id: number,
		userId: number,
		qtyLots: number,
		leavesLots: number,
		flags: number,
		level: number,
	): number {
		let slot = this.firstFree;
		if (slot !== 0) {
			this.firstFree = this.hotInts[(slot << 3) + NEXT] as number;
		} else {
			if (this.used === this.capacity) this.grow();
			slot = this.used;
			this.used += 1;
		}
		const { hotDoubles, hotInts, coldDoubles, coldInts } = this;
		hotDoubles[slot << 2] = id;
		hotDoubles[(slot << 2) + LEAVES] = leavesLots;
		hotInts[(slot << 3) + USER] = userId;
		hotInts[(slot << 3) + FLAGS] = flags;
		coldDoubles[slot << 1] = qtyLots;
		coldInts[(slot << 2) + LEVEL] = level;
		return slot;
	}

	release(slot: number): void {
		const { hotInts } = this;
		const at = slot << 3;
		if (((hotInts[at + FLAGS] as number) & ICEBERG) !== 0) this.icebergs.delete(slot);
		this.hotDoubles[slot << 2] = 0;
		hotInts[at + FLAGS] = 0;
		hotInts[at + NEXT] = this.firstFree;
		this.firstFree = slot;
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

	setNext(slot: number, other: number): void {
		this.hotInts[(slot << 3) + NEXT] = other;
	}

	/** Towards older orders of the level; says nothing at its head. */
	prev(slot: number): number {
		return this.coldInts[(slot << 2) + PREV] as number;
	}

	setPrev(slot: number, other: number): void {
		this.coldInts[(slot << 2) + PREV] = other;
	}

	/** The next order in its bucket of the id index. */
	chain(slot: number): number {
		return this.hotInts[(slot << 3) + CHAIN] as number;
	}

	setChain(slot: number, other: number): void {
		this.hotInts[(slot << 3) + CHAIN] = other;
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

	/** By a sixteenth: what stands empty counts as memory per resting order, too. */
	private grow(): void {
		this.capacity = Math.ceil(this.capacity * 1.0625) + FIRST_CAPACITY;
		this.hotDoubles = copied(this.hotDoubles, this.capacity * 4);
		this.hotInts = new Int32Array(this.hotDoubles.buffer);
		this.coldDoubles = copied(this.coldDoubles, this.capacity * 2);
		this.coldInts = new Int32Array(this.coldDoubles.buffer);
	}
}

function copied(from: Float64Array, length: number): Float64Array<ArrayBuffer> {
	const to = new Float64Array(length);
	to.set(from);
	return to;
}
