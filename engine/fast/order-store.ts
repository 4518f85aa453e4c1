import { invariant } from "../../schemas/invariant.ts";
import { HEAD, type LevelStore, TAIL } from "./level-store.ts";

const FIRST_CAPACITY = 64;

/** Bits of `flags`: the maker fee (at most 1,000,000 ppm) lowest, then what else fits beside it. */
export const FEE_MASK = 0xf_ffff;
export const STP_SHIFT = 20;
export const STP_MASK = 7;
export const TRADED = 1 << 23;
export const ICEBERG = 1 << 24;

/** Something of the order is gone, filled or prevented: how much stands beside its record. */
const TAKEN = 1 << 25;
/** It is more than an int holds. */
const WIDE = 1 << 26;
const MAX_INT = 0x7fff_ffff;

/**
 * Ints and doubles of an order's record of 40 bytes, and where its fields stand: id and leaves are
 * doubles, the others ints. What a match touches comes first.
 */
const INTS = 10;
const DOUBLES = INTS / 2;
const LEAVES = 1;
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
 * Resting orders of all symbols of an engine, 44 bytes each: a slot is where a record begins, counted in
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
	/** Of orders flagged so, by number of the record: what is gone of them. */
	private taken = new Int32Array(FIRST_CAPACITY);
	private readonly wide = new Map<number, number>();
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
		ints[slot + LEVEL] = level;
		if (levelInts[level + HEAD] === 0) {
			levelInts[level + HEAD] = slot;
		} else {
			const last = levelInts[level + TAIL] as number;
			ints[slot + PREV] = last;
			ints[last + NEXT] = slot;
		}
		levelInts[level + TAIL] = slot;
		if (qtyLots !== leavesLots) this.addTaken(slot, qtyLots - leavesLots);
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
		if (((ints[slot + FLAGS] as number) & (ICEBERG | WIDE)) !== 0) this.forget(slot);
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

	/** Takes lots off what is left; the total stays. */
	take(slot: number, lots: number): void {
		this.cut(slot, lots);
		this.addTaken(slot, lots);
	}

	/** Takes lots off what is left, and off the total with it. */
	cut(slot: number, lots: number): void {
		const at = (slot >> 1) + LEAVES;
		this.doubles[at] = (this.doubles[at] as number) - lots;
	}

	/** The order's total. */
	qty(slot: number): number {
		return this.leaves(slot) + this.takenOf(slot);
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

	private takenOf(slot: number): number {
		const flags = this.flags(slot);
		if ((flags & TAKEN) === 0) return 0;
		if ((flags & WIDE) !== 0) return this.wide.get(slot) as number;
		return this.taken[slot / INTS] as number;
	}

	private addTaken(slot: number, lots: number): void {
		const taken = this.takenOf(slot) + lots;
		if (taken <= MAX_INT) {
			this.taken[slot / INTS] = taken;
			this.setFlags(slot, this.flags(slot) | TAKEN);
		} else {
			this.wide.set(slot, taken);
			this.setFlags(slot, this.flags(slot) | TAKEN | WIDE);
		}
	}

	/** What only some orders have beside their record. */
	private forget(slot: number): void {
		this.icebergs.delete(slot);
		this.wide.delete(slot);
	}

	/** By a twelfth: what stands empty counts as memory per resting order, too. */
	private grow(): void {
		this.capacity = Math.ceil((this.capacity * 13) / 12) + FIRST_CAPACITY;
		const doubles = new Float64Array(this.capacity * DOUBLES);
		doubles.set(this.doubles);
		this.doubles = doubles;
		this.ints = new Int32Array(doubles.buffer);
		const taken = new Int32Array(this.capacity);
		taken.set(this.taken);
		this.taken = taken;
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
