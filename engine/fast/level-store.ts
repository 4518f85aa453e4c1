import { invariant } from "../../schemas/invariant.ts";

const FIRST_CAPACITY = 64;
const GOLDEN = 0x9e37_79b1;

/** Where the fields of a slot of 32 bytes stand: price and visible (4 doubles), then ints (8). */
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
	private doubles = new Float64Array(FIRST_CAPACITY * 4);
	/** Open to the order store, which keeps the queues: a level's fields begin at 8 × its slot. */
	ints = new Int32Array(this.doubles.buffer);
	private buckets = new Int32Array(FIRST_CAPACITY);
	/** Hash bits that are not used: the bucket is what remains. */
	private shift = 32 - Math.log2(FIRST_CAPACITY);
	private capacity = FIRST_CAPACITY;
	private firstFree = 0;
	private used = 1;

	/** The level of an owner at a price; 0 when there is none. */
	find(owner: number, priceTicks: number): number {
		const { doubles, ints } = this;
		let slot = this.buckets[this.bucketOf(owner, priceTicks)] as number;
		while (slot !== 0) {
			if (doubles[slot << 2] === priceTicks && ints[(slot << 3) + OWNER] === owner) return slot;
			slot = ints[(slot << 3) + CHAIN] as number;
		}
		return 0;
	}

	/** A new, empty level. */
	take(owner: number, priceTicks: number): number {
		let slot = this.firstFree;
		if (slot !== 0) {
			this.firstFree = this.ints[(slot << 3) + HEAD] as number;
		} else {
			if (this.used === this.capacity) this.grow();
			slot = this.used;
			this.used += 1;
		}
		const { doubles, ints } = this;
		doubles[slot << 2] = priceTicks;
		doubles[(slot << 2) + VISIBLE] = 0;
		ints[(slot << 3) + HEAD] = 0;
		ints[(slot << 3) + TAIL] = 0;
		ints[(slot << 3) + OWNER] = owner;
		this.chain(slot);
		return slot;
	}

	/** Gives a level back; it is found no more. */
	release(slot: number): void {
		const { ints, buckets } = this;
		const bucket = this.bucketOf(this.owner(slot), this.price(slot));
		const after = ints[(slot << 3) + CHAIN] as number;
		let at = buckets[bucket] as number;
		if (at === slot) {
			buckets[bucket] = after;
		} else {
			while (ints[(at << 3) + CHAIN] !== slot) {
				at = ints[(at << 3) + CHAIN] as number;
				invariant(at !== 0, "a level can be found until it is released");
			}
			ints[(at << 3) + CHAIN] = after;
		}
		ints[(slot << 3) + HEAD] = this.firstFree;
		this.firstFree = slot;
	}

	price(slot: number): number {
		return this.doubles[slot << 2] as number;
	}

	/** What the level shows, in lots. */
	visible(slot: number): number {
		return this.doubles[(slot << 2) + VISIBLE] as number;
	}

	/** Changes what a level shows, and gives what it shows then. */
	show(slot: number, lots: number): number {
		const { doubles } = this;
		const total = (doubles[(slot << 2) + VISIBLE] as number) + lots;
		invariant(total >= 0 && total <= Number.MAX_SAFE_INTEGER, "a level's total is exact");
		doubles[(slot << 2) + VISIBLE] = total;
		return total;
	}

	/** The oldest order. */
	head(slot: number): number {
		return this.ints[(slot << 3) + HEAD] as number;
	}

	owner(slot: number): number {
		return this.ints[(slot << 3) + OWNER] as number;
	}

	/** Scatters prices, however far apart their steps are; of a price, the low 32 bits suffice. */
	private bucketOf(owner: number, priceTicks: number): number {
		return Math.imul((priceTicks | 0) + Math.imul(owner, 0x85eb_ca6b), GOLDEN) >>> this.shift;
	}

	private chain(slot: number): void {
		const bucket = this.bucketOf(this.owner(slot), this.price(slot));
		this.ints[(slot << 3) + CHAIN] = this.buckets[bucket] as number;
		this.buckets[bucket] = slot;
	}

	/** By a quarter, and to as many buckets as there can be levels or up to twice as many. */
	private grow(): void {
		const doubles = new Float64Array(Math.ceil(this.capacity * 1.25) * 4);
		doubles.set(this.doubles);
		this.doubles = doubles;
		this.ints = new Int32Array(doubles.buffer);
		this.capacity = doubles.length / 4;
		if (this.capacity <= this.buckets.length) return;
		this.buckets = new Int32Array(this.buckets.length * 2);
		this.shift -= 1;
		// It grows when none is free: all that were ever taken are levels now.
		for (let slot = 1; slot < this.used; slot += 1) this.chain(slot);
	}
}
