import { invariant } from "../../schemas/invariant.ts";
import { HEAD, type LevelStore, TAIL } from "./level-store.ts";

const FIRST_CAPACITY = 64;

/** Bits of `flags`: the maker fee (at most 1,000,000 ppm) lowest, then what else fits beside it. */
export const FEE_MASK = 0xf_ffff;
export const STP_SHIFT = 20;
export const STP_MASK = 7;
export const TRADED = 1 << 23;
export const ICEBERG = 1 << 24;

/** Ints and doubles of an order's record of 48 bytes. */
const INTS = 12;
const DOUBLES = INTS / 2;

/**
 * Where the fields stand: id first, leaves and the total after the ints' place in doubles, the others in
 * ints. What a match touches comes first.
 */
const LEAVES = 1;
const QTY = 5;
const USER = 4;
const FLAGS = 5;
const NEXT = 6;
const CHAIN = 7;
const PREV = 8;
const LEVEL = 9;

/** What only an iceberg has; kept aside so that the others do not pay for it. */
export interface Iceberg {
	readonly displayLots: number;
	visibleLots: number;
}

/**
 * Resting orders of all symbols of an engine, 48 bytes each: a slot is where a record begins, counted in
 * ints, and the queue of a level runs through `next` and `prev`. Slot 0 is none. A freed slot is the next
 * one taken, so memory follows the most orders that ever rested at once.
 *
 * Ids are found through buckets by their low bits, chained: ids are dense, so young orders have a bucket
 * each, neighbors share cache lines, and old ones spread over all of them.
 *
 * `append` and `remove` are long on purpose: they are most of what an engine does, and every array that
 * is read again in another function costs as much as the work itself.
 */
export class OrderStore {
	capacity = FIRST_CAPACITY;
	private doubles = new Float64Array(FIRST_CAPACITY * DOUBLES);
	private ints = new Int32Array(this.doubles.buffer);
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
		const { doubles, ints } = this;
		let slot = this.buckets[id & this.mask] as number;
		while (slot !== 0 && doubles[slot >> 1] !== id) slot = ints[slot + CHAIN] as number;
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
		const { doubles, ints, buckets } = this;
		const levelInts = this.levels.ints;
		let slot = this.firstFree;
		if (slot === 0) {
			slot = this.used * INTS;
			this.used += 1;
		} else {
			this.firstFree = ints[slot + NEXT] as number;
		}
		this.count += 1;
		doubles[slot >> 1] = id;
		doubles[(slot >> 1) + LEAVES] = leavesLots;
		ints[slot + USER] = userId;
		ints[slot + FLAGS] = flags;
		ints[slot + NEXT] = 0;
		const bucket = id & this.mask;
		ints[slot + CHAIN] = buckets[bucket] as number;
		buckets[bucket] = slot;
		doubles[(slot >> 1) + QTY] = qtyLots;
		ints[slot + LEVEL] = level;
		if (levelInts[level + HEAD] === 0) {
			levelInts[level + HEAD] = slot;
		} else {
			const last = levelInts[level + TAIL] as number;
			ints[slot + PREV] = last;
			ints[last + NEXT] = slot;
		}
		levelInts[level + TAIL] = slot;
		return slot;
	}

	/**
	 * Takes an order out of its level's queue and out of the store. The head's `prev` is neither kept nor
	 * read: so that a filled head touches nothing but itself.
	 */
	remove(slot: number, level: number): void {
		const { ints, buckets } = this;
		const levelInts = this.levels.ints;
		const younger = ints[slot + NEXT] as number;
		if (levelInts[level + HEAD] === slot) {
			levelInts[level + HEAD] = younger;
		} else {
			const older = ints[slot + PREV] as number;
			ints[older + NEXT] = younger;
			if (younger === 0) levelInts[level + TAIL] = older;
			else ints[younger + PREV] = older;
		}
		const bucket = (this.doubles[slot >> 1] as number) & this.mask;
		const after = ints[slot + CHAIN] as number;
		let before = buckets[bucket] as number;
		if (before === slot) {
			buckets[bucket] = after;
		} else {
			while (ints[before + CHAIN] !== slot) {
				before = ints[before + CHAIN] as number;
				invariant(before !== 0, "a resting order is found by its id");
			}
			ints[before + CHAIN] = after;
		}
		if (((ints[slot + FLAGS] as number) & ICEBERG) !== 0) this.icebergs.delete(slot);
		this.doubles[slot >> 1] = 0;
		ints[slot + FLAGS] = 0;
		ints[slot + NEXT] = this.firstFree;
		this.firstFree = slot;
		this.count -= 1;
	}

	/** Moves the head of a level behind its queue. */
	requeue(slot: number, level: number): void {
		const { ints } = this;
		const levelInts = this.levels.ints;
		const younger = ints[slot + NEXT] as number;
		if (younger === 0) return;
		const last = levelInts[level + TAIL] as number;
		levelInts[level + HEAD] = younger;
		ints[slot + NEXT] = 0;
		ints[last + NEXT] = slot;
		this.ints[slot + PREV] = last;
		levelInts[level + TAIL] = slot;
	}

	id(slot: number): number {
		return this.doubles[slot >> 1] as number;
	}

	/** What is left, hidden parts included. */
	leaves(slot: number): number {
		return this.doubles[(slot >> 1) + LEAVES] as number;
	}

	setLeaves(slot: number, lots: number): void {
		this.doubles[(slot >> 1) + LEAVES] = lots;
	}

	/** The order's total. */
	qty(slot: number): number {
		return this.doubles[(slot >> 1) + QTY] as number;
	}

	setQty(slot: number, lots: number): void {
		this.doubles[(slot >> 1) + QTY] = lots;
	}

	user(slot: number): number {
		return (this.ints[slot + USER] as number) >>> 0;
	}

	flags(slot: number): number {
		return this.ints[slot + FLAGS] as number;
	}

	setFlags(slot: number, flags: number): void {
		this.ints[slot + FLAGS] = flags;
	}

	level(slot: number): number {
		return this.ints[slot + LEVEL] as number;
	}

	/** Towards younger orders of the level; of a free slot, the next free one. */
	next(slot: number): number {
		return this.ints[slot + NEXT] as number;
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
		const doubles = new Float64Array(this.capacity * DOUBLES);
		doubles.set(this.doubles);
		this.doubles = doubles;
		this.ints = new Int32Array(doubles.buffer);
	}

	/** Spreads the orders over twice as many buckets: two orders share three of them then. */
	private spread(): void {
		const old = this.buckets;
		const buckets = new Int32Array(old.length * 2);
		this.mask = buckets.length - 1;
		for (const head of old) {
			for (let slot = head; slot !== 0; ) {
				const after = this.ints[slot + CHAIN] as number;
				const bucket = this.id(slot) & this.mask;
				this.ints[slot + CHAIN] = buckets[bucket] as number;
				buckets[bucket] = slot;
				slot = after;
			}
		}
		this.buckets = buckets;
	}
}
