import { invariant } from "../../schemas/invariant.ts";

const FIRST_CAPACITY = 64;

/** Bits of `flags`: the maker fee (at most 1,000,000 ppm) lowest, then what else fits beside it. */
export const FEE_MASK = 0xf_ffff;
export const STP_SHIFT = 20;
export const STP_MASK = 7;
export const TRADED = 1 << 23;
export const ICEBERG = 1 << 24;

/** What only an iceberg has; kept aside so that the others do not pay for it. */
export interface Iceberg {
	readonly displayLots: number;
	visibleLots: number;
}

/**
 * Resting orders of all symbols of an engine, 44 bytes each: a slot is a number, its fields stand in
 * one array each, and the queue of a level runs through `next` and `prev`. Slot 0 is none. A freed slot
 * is the next one taken, so memory follows the most orders that ever rested at once. The arrays are
 * replaced when they grow: only `take` does that.
 */
export class OrderStore {
	id = new Float64Array(FIRST_CAPACITY);
	/** What is left, hidden parts included. */
	leaves = new Float64Array(FIRST_CAPACITY);
	/** The order's total. */
	qty = new Float64Array(FIRST_CAPACITY);
	user = new Uint32Array(FIRST_CAPACITY);
	level = new Uint32Array(FIRST_CAPACITY);
	/** Towards younger orders of the level; of a free slot, the next free one. */
	next = new Uint32Array(FIRST_CAPACITY);
	prev = new Uint32Array(FIRST_CAPACITY);
	flags = new Uint32Array(FIRST_CAPACITY);
	private readonly icebergs = new Map<number, Iceberg>();
	private firstFree = 0;
	private used = 1;

	/** A slot for a new order. Its fields are the caller's to fill. */
	take(): number {
		const slot = this.firstFree;
		if (slot !== 0) {
			this.firstFree = this.next[slot] as number;
			return slot;
		}
		if (this.used === this.id.length) this.grow();
		this.used += 1;
		return this.used - 1;
	}

	release(slot: number): void {
		if (((this.flags[slot] as number) & ICEBERG) !== 0) this.icebergs.delete(slot);
		this.id[slot] = 0;
		this.next[slot] = this.firstFree;
		this.firstFree = slot;
	}

	/** Makes an order an iceberg; after its flags are filled in. */
	hide(slot: number, displayLots: number, visibleLots: number): void {
		this.flags[slot] = (this.flags[slot] as number) | ICEBERG;
		this.icebergs.set(slot, { displayLots, visibleLots });
	}

	/** What the level shows of an order. */
	visible(slot: number): number {
		return ((this.flags[slot] as number) & ICEBERG) === 0
			? (this.leaves[slot] as number)
			: this.iceberg(slot).visibleLots;
	}

	iceberg(slot: number): Iceberg {
		const iceberg = this.icebergs.get(slot);
		invariant(iceberg !== undefined, "an order flagged so is an iceberg");
		return iceberg;
	}

	private grow(): void {
		// By an eighth: what stands empty counts as memory per resting order, too.
		const capacity = Math.ceil(this.id.length * 1.125);
		this.id = copied(this.id, new Float64Array(capacity));
		this.leaves = copied(this.leaves, new Float64Array(capacity));
		this.qty = copied(this.qty, new Float64Array(capacity));
		this.user = copied(this.user, new Uint32Array(capacity));
		this.level = copied(this.level, new Uint32Array(capacity));
		this.next = copied(this.next, new Uint32Array(capacity));
		this.prev = copied(this.prev, new Uint32Array(capacity));
		this.flags = copied(this.flags, new Uint32Array(capacity));
	}
}

function copied<A extends Float64Array | Uint32Array>(from: A, to: A): A {
	to.set(from);
	return to;
}
