import { invariant } from "../../schemas/invariant.ts";

/** The most that a word of a record holds. */
export const MAX_INT = 0x7fff_ffff;

/** Bits of `flags`: the maker fee (at most 1,000,000 ppm) lowest, then what else fits beside it. */
export const FEE_MASK = 0xf_ffff;
export const STP_SHIFT = 20;
export const STP_MASK = 7;
export const TRADED = 1 << 23;
/** Its quantities stand in an object: it is an iceberg, or its total is more than a word holds. */
export const ASIDE = 1 << 24;
/** Something of the order is gone, filled or prevented: how much stands beside its record. */
export const TAKEN = 1 << 25;

/** A record of 32 bytes, so that no order touches two cache lines, and where its words stand. */
export const WORD_BITS = 3;
export const WORDS = 1 << WORD_BITS;
export const ID = 0;
export const USER = 1;
export const LEAVES = 2;
export const FLAGS = 3;
export const NEXT = 4;
export const PREV = 5;
export const LEVEL = 6;
export const CHAIN = 7;

/** The quantities of an order that are not in its record. */
export interface Aside {
	leavesLots: number;
	takenLots: number;
	/** What the level shows of it. */
	visibleLots: number;
	/** Size of an iceberg's slices; 0 shows everything. */
	readonly displayLots: number;
}

/** The records of resting orders, to be read: a slot is where one begins, counted in words. Slot 0 is none. */
export class OrderRecords {
	ints: Int32Array;
	/** By number of the record: what is gone of orders flagged so. */
	protected taken: Int32Array;
	/** By number of the record: of a long id, its bits from the 32nd on. Empty before the first such id. */
	protected highs: Int32Array;
	protected readonly asides: Map<number, Aside>;

	constructor(ints: Int32Array, taken: Int32Array, highs: Int32Array, asides: Map<number, Aside>) {
		this.ints = ints;
		this.taken = taken;
		this.highs = highs;
		this.asides = asides;
	}

	id(slot: number): number {
		const word = this.ints[slot + ID] as number;
		return word >= 0 ? word : this.lengthen(word, slot);
	}

	/** What is left, hidden parts included. */
	leaves(slot: number): number {
		const { ints } = this;
		if (((ints[slot + FLAGS] as number) & ASIDE) !== 0) return this.aside(slot).leavesLots;
		return ints[slot + LEAVES] as number;
	}

	/** What the level shows of an order. */
	visible(slot: number): number {
		const { ints } = this;
		if (((ints[slot + FLAGS] as number) & ASIDE) !== 0) return this.aside(slot).visibleLots;
		return ints[slot + LEAVES] as number;
	}

	/** The order's total. */
	qty(slot: number): number {
		const flags = this.flags(slot);
		if ((flags & ASIDE) !== 0) {
			const { leavesLots, takenLots } = this.aside(slot);
			return leavesLots + takenLots;
		}
		const leaves = this.ints[slot + LEAVES] as number;
		return (flags & TAKEN) === 0 ? leaves : leaves + (this.taken[slot >>> WORD_BITS] as number);
	}

	user(slot: number): number {
		return (this.ints[slot + USER] as number) >>> 0;
	}

	flags(slot: number): number {
		return this.ints[slot + FLAGS] as number;
	}

	level(slot: number): number {
		return this.ints[slot + LEVEL] as number;
	}

	/** Towards younger orders of the level; of a free slot, the next free one. */
	next(slot: number): number {
		return this.ints[slot + NEXT] as number;
	}

	/** The quantities of an order flagged so. */
	aside(slot: number): Aside {
		const aside = this.asides.get(slot);
		invariant(aside !== undefined, "an order flagged so has an object beside it");
		return aside;
	}

	private lengthen(word: number, slot: number): number {
		return this.high(slot) * 2 ** 31 + (word & MAX_INT);
	}

	protected high(slot: number): number {
		return this.highs[slot >>> WORD_BITS] ?? 0;
	}
}
