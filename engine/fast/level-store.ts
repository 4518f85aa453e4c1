import { invariant } from "../../schemas/invariant.ts";

const FIRST_CAPACITY = 64;
const GOLDEN = 0x9e37_79b1;

/** Ints and doubles of a level's record of 32 bytes, and where its fields stand: price first. */
const INTS = 8;
const DOUBLES = INTS / 2;
const VISIBLE = 1;
export const HEAD = 4;
export const TAIL = 5;
const OWNER = 6;
const CHAIN = 7;

/**
 * Price levels of all books of an engine: slots as in OrderStore, 0 is none. They are found by owner
 * and price through hash buckets, chained. An owner is twice the number of a book, plus the side.
 */
export class LevelStore {
	private doubles = new Float64Array(FIRST_CAPACITY * DOUBLES);
	/** Open to the order store, which keeps the queues. */
	ints = new Int32Array(this.doubles.buffer);
	private buckets = new Int32Array(FIRST_CAPACITY);
	private mask = FIRST_CAPACITY - 1;
	private capacity = FIRST_CAPACITY;
	private firstFree = 0;
	private used = 1;

	/** The level of an owner at a price; 0 when there is none. */
	find(owner: number, priceTicks: number): number {
		const { doubles, ints } = this;
		let slot = this.buckets[this.bucketOf(owner, priceTicks)] as number;
		while (slot !== 0) {
			if (doubles[slot >> 1] === priceTicks && ints[slot + OWNER] === owner) return slot;
			slot = ints[slot + CHAIN] as number;
		}
		return 0;
	}

	/** A new, empty level. */
	take(owner: number, priceTicks: number): number {
		let slot = this.firstFree;
		if (slot !== 0) {
			this.firstFree = this.ints[slot + HEAD] as number;
		} else {
			if (this.used === this.capacity) this.grow();
			slot = this.used * INTS;
			this.used += 1;
		}
		const { doubles, ints } = this;
		doubles[slot >> 1] = priceTicks;
		doubles[(slot >> 1) + VISIBLE] = 0;
		ints[slot + HEAD] = 0;
		ints[slot + TAIL] = 0;
		ints[slot + OWNER] = owner;
		this.chain(slot);
		return slot;
	}

	/** Gives a level back; it is found no more. */
	release(slot: number): void {
		const { ints, buckets } = this;
		const bucket = this.bucketOf(this.owner(slot), this.price(slot));
		const after = ints[slot + CHAIN] as number;
		let at = buckets[bucket] as number;
		if (at === slot) {
			buckets[bucket] = after;
		} else {
			while (ints[at + CHAIN] !== slot) {
				at = ints[at + CHAIN] as number;
				invariant(at !== 0, "a level can be found until it is released");
			}
			ints[at + CHAIN] = after;
		}
		ints[slot + HEAD] = this.firstFree;
		this.firstFree = slot;
	}

	price(slot: number): number {
		return this.doubles[slot >> 1] as number;
	}

	/** What the level shows, in lots. */
	visible(slot: number): number {
		return this.doubles[(slot >> 1) + VISIBLE] as number;
	}

	/** Changes what a level shows, and gives what it shows then. */
	show(slot: number, lots: number): number {
		const { doubles } = this;
		const total = (doubles[(slot >> 1) + VISIBLE] as number) + lots;
		invariant(total >= 0 && total <= Number.MAX_SAFE_INTEGER, "a level's total is exact");
		doubles[(slot >> 1) + VISIBLE] = total;
		return total;
	}

	/** The oldest order. */
	head(slot: number): number {
		return this.ints[slot + HEAD] as number;
	}

	owner(slot: number): number {
		return this.ints[slot + OWNER] as number;
	}

	/**
	 * Neighboring prices of a book have buckets next to each other, all different; steps of any size and
	 * other books spread over the rest. Of a price, the low 32 bits suffice.
	 */
	private bucketOf(owner: number, priceTicks: number): number {
		const key = (priceTicks | 0) + Math.imul(owner >>> 1, GOLDEN);
		return (key ^ (key >>> 13)) & this.mask;
	}

	private chain(slot: number): void {
		const bucket = this.bucketOf(this.owner(slot), this.price(slot));
		this.ints[slot + CHAIN] = this.buckets[bucket] as number;
		this.buckets[bucket] = slot;
	}

	/** By a quarter, and to at least two buckets for each level that there can be. */
	private grow(): void {
		const doubles = new Float64Array(Math.ceil(this.capacity * 1.25) * DOUBLES);
		doubles.set(this.doubles);
		this.doubles = doubles;
		this.ints = new Int32Array(doubles.buffer);
		this.capacity = doubles.length / DOUBLES;
		if (this.capacity * 2 <= this.buckets.length) return;
		this.buckets = new Int32Array(this.buckets.length * 2);
		this.mask = this.buckets.length - 1;
		// It grows when none is free: all that were ever taken are levels now.
		for (let n = 1; n < this.used; n += 1) this.chain(n * INTS);
	}
}
