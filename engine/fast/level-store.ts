import { invariant } from "../../schemas/invariant.ts";
import { GrowingWords } from "./growing-words.ts";

const FIRST_CAPACITY = 8;

/** Levels in a block, as a power of two: neighboring prices of a book, bids and asks alike. */
const BLOCK_BITS = 3;
const LAST = (1 << BLOCK_BITS) - 1;

/** A level's record of 16 bytes: what it shows, a double; then, as words, its queue's ends. */
export const WORDS = 4;
export const HEAD = 2;
export const TAIL = 3;

/**
 * A block's record of 16 bytes. The number of a block is its lowest price / 8: LOW has its low 31 bits,
 * marked by the sign when there are more; HIGH those, above a bit for each level that there is.
 */
const BLOCK_WORDS = 4;
const LOW = 0;
const HIGH = 1;
const BOOK = 2;
const CHAIN = 3;
const BITS_OF_HIGH = 1 << BLOCK_BITS;
const ALL_LEVELS = (1 << BITS_OF_HIGH) - 1;
const MAX_INT = 0x7fff_ffff;

/**
 * Price levels of all books of an engine, in blocks of 8 neighboring prices: a block is there as long as
 * one of its levels is, and is found by book and price through hash buckets, chained. A level is named
 * by its number: 8 × its block's, plus its place there. Block 0, and so level 0, is none.
 */
export class LevelStore {
	private readonly words = new GrowingWords((FIRST_CAPACITY * WORDS) << BLOCK_BITS);
	private doubles = this.words.doubles;
	/** Open to the order store, which keeps the queues. */
	ints = this.words.ints;
	private readonly blockWords = new GrowingWords(FIRST_CAPACITY * BLOCK_WORDS);
	private blocks = this.blockWords.ints;
	private buckets = new Int32Array(FIRST_CAPACITY);
	private mask = FIRST_CAPACITY - 1;
	private capacity = FIRST_CAPACITY;
	private firstFree = 0;
	private used = 1;

	/**
	 * The level of a book's price, whether anything is there or not; 0 when its block is not there. Said with
	 * numbers in place of their names, since what is short is compiled into its callers.
	 */
	find(book: number, priceTicks: number): number {
		if ((priceTicks | 0) !== priceTicks) return this.findFar(book, priceTicks);
		const blocks = this.blocks;
		const low = priceTicks >> 3;
		let block = this.buckets[bucketOf(book, low) & this.mask] as number;
		while (block !== 0) {
			const at = block * 4;
			if (blocks[at] === low && blocks[at + 2] === book) return block * 8 + (priceTicks & 7);
			block = blocks[at + 3] as number;
		}
		return 0;
	}

	/** The level of a price below 2^31, or another that is found on the way to it. */
	nearest(book: number, priceTicks: number): number {
		const block = this.buckets[bucketOf(book, priceTicks >> 3) & this.mask] as number;
		return block * 8 + (priceTicks & 7);
	}

	/** The same for a price of more than 31 bits. */
	private findFar(book: number, priceTicks: number): number {
		const { blocks } = this;
		const low = lowOf(priceTicks);
		const high = highOf(priceTicks);
		let block = this.buckets[bucketOf(book, low) & this.mask] as number;
		while (block !== 0) {
			const at = block * BLOCK_WORDS;
			const same = blocks[at + LOW] === low && blocks[at + BOOK] === book;
			if (same && (blocks[at + HIGH] as number) >> BITS_OF_HIGH === high) {
				return (block << BLOCK_BITS) + (priceTicks % 8);
			}
			block = blocks[at + CHAIN] as number;
		}
		return 0;
	}

	/** A new block, without levels, around a price that has none; gives the price's level. */
	take(book: number, priceTicks: number): number {
		let block = this.firstFree;
		if (block !== 0) {
			this.firstFree = this.blocks[block * BLOCK_WORDS + CHAIN] as number;
		} else {
			if (this.used === this.capacity) this.grow();
			block = this.used;
			this.used += 1;
		}
		const at = block * BLOCK_WORDS;
		this.blocks[at + LOW] = lowOf(priceTicks);
		this.blocks[at + HIGH] = highOf(priceTicks) << BITS_OF_HIGH;
		this.blocks[at + BOOK] = book;
		this.chain(block);
		return (block << BLOCK_BITS) + (priceTicks % 8);
	}

	/** Gives back the block of a level: all of its levels are gone. */
	release(level: number): void {
		const { blocks, buckets } = this;
		const block = level >> BLOCK_BITS;
		const at = block * BLOCK_WORDS;
		const bucket = bucketOf(blocks[at + BOOK] as number, blocks[at + LOW] as number) & this.mask;
		const after = blocks[at + CHAIN] as number;
		let before = buckets[bucket] as number;
		if (before === block) {
			buckets[bucket] = after;
		} else {
			while (blocks[before * BLOCK_WORDS + CHAIN] !== block) {
				before = blocks[before * BLOCK_WORDS + CHAIN] as number;
				invariant(before !== 0, "a block can be found until it is released");
			}
			blocks[before * BLOCK_WORDS + CHAIN] = after;
		}
		blocks[at + CHAIN] = this.firstFree;
		this.firstFree = block;
	}

	/** Says that there is a level: its first order comes. */
	open(level: number): void {
		const at = (level >> BLOCK_BITS) * BLOCK_WORDS + HIGH;
		this.blocks[at] = (this.blocks[at] as number) | (1 << (level & LAST));
	}

	/** Says that a level is gone; true when its block has none then. */
	close(level: number): boolean {
		const at = (level >> BLOCK_BITS) * BLOCK_WORDS + HIGH;
		const left = (this.blocks[at] as number) & ~(1 << (level & LAST));
		this.blocks[at] = left;
		return (left & ALL_LEVELS) === 0;
	}

	/** The next level of a level's block with a lower price; 0 when there is none. */
	below(level: number): number {
		return this.highest(level, this.there(level) & ((1 << (level & LAST)) - 1));
	}

	/** The next level of a level's block with a higher price; 0 when there is none. */
	above(level: number): number {
		return this.lowest(level, this.there(level) & (-2 << (level & LAST)));
	}

	/** The highest level of a level's block. */
	last(level: number): number {
		return this.highest(level, this.there(level));
	}

	/** The lowest level of a level's block. */
	first(level: number): number {
		return this.lowest(level, this.there(level));
	}

	price(level: number): number {
		const low = this.blocks[(level >> 3) * 4] as number;
		// Most prices have fewer than 32 bits.
		return low >= 0 && low <= 0xfff_ffff ? (low << 3) + (level & 7) : this.farPrice(level);
	}

	/** The lowest price of a level's block, whether anything is there or not. */
	lowestPrice(level: number): number {
		return this.price(level & ~LAST);
	}

	/** The book that a level is of. */
	book(level: number): number {
		return this.blocks[(level >> BLOCK_BITS) * BLOCK_WORDS + BOOK] as number;
	}

	/** What the level shows, in lots. */
	visible(level: number): number {
		return this.doubles[level * (WORDS / 2)] as number;
	}

	/** Changes what a level shows, and gives what it shows then. */
	show(level: number, lots: number): number {
		const { doubles } = this;
		const at = level * (WORDS / 2);
		const total = (doubles[at] as number) + lots;
		if (total < 0 || total > Number.MAX_SAFE_INTEGER) invariant(false, "a level's total is exact");
		doubles[at] = total;
		return total;
	}

	/** The oldest order. */
	head(level: number): number {
		return this.ints[level * WORDS + HEAD] as number;
	}

	setHead(level: number, slot: number): void {
		this.ints[level * WORDS + HEAD] = slot;
	}

	/** Bytes of memory that grows in place. */
	get inPlaceBytes(): number {
		return this.words.inPlaceBytes + this.blockWords.inPlaceBytes;
	}

	private farPrice(level: number): number {
		const at = (level >> BLOCK_BITS) * BLOCK_WORDS;
		const low = (this.blocks[at + LOW] as number) & MAX_INT;
		const high = (this.blocks[at + HIGH] as number) >> BITS_OF_HIGH;
		return (high * 2 ** 31 + low) * 8 + (level & LAST);
	}

	/** A bit for each level of a level's block that there is. */
	private there(level: number): number {
		return (this.blocks[(level >> BLOCK_BITS) * BLOCK_WORDS + HIGH] as number) & ALL_LEVELS;
	}

	private highest(level: number, bits: number): number {
		return bits === 0 ? 0 : (level & ~LAST) + 31 - Math.clz32(bits);
	}

	private lowest(level: number, bits: number): number {
		return bits === 0 ? 0 : (level & ~LAST) + 31 - Math.clz32(bits & -bits);
	}

	private chain(block: number): void {
		const at = block * BLOCK_WORDS;
		const { blocks } = this;
		const bucket = bucketOf(blocks[at + BOOK] as number, blocks[at + LOW] as number) & this.mask;
		this.blocks[at + CHAIN] = this.buckets[bucket] as number;
		this.buckets[bucket] = block;
	}

	/** And to at least as many buckets as there can be blocks. */
	private grow(): void {
		this.words.grow();
		this.doubles = this.words.doubles;
		this.ints = this.words.ints;
		this.capacity = (this.ints.length / WORDS) >> BLOCK_BITS;
		while (this.blockWords.ints.length < this.capacity * BLOCK_WORDS) this.blockWords.grow();
		this.blocks = this.blockWords.ints;
		if (this.capacity <= this.buckets.length) return;
		let buckets = this.buckets.length;
		while (buckets < this.capacity) buckets *= 2;
		this.buckets = new Int32Array(buckets);
		this.mask = this.buckets.length - 1;
		// It grows when none is free: all that were ever taken are in use.
		for (let block = 1; block < this.used; block += 1) this.chain(block);
	}
}

/** Neighboring blocks of a book have buckets next to each other; books are spread by their numbers. */
function bucketOf(book: number, low: number): number {
	const key = (low + book) | 0;
	return key ^ (key >>> 15);
}

/** What stands at LOW and HIGH in a price's block. */
function lowOf(priceTicks: number): number {
	if ((priceTicks | 0) === priceTicks) return priceTicks >> BLOCK_BITS;
	const low = Math.floor(priceTicks / 8) % 2 ** 31;
	return priceTicks < 2 ** 34 ? low : low | ~MAX_INT;
}

function highOf(priceTicks: number): number {
	return (priceTicks | 0) === priceTicks ? 0 : Math.floor(priceTicks / 2 ** 34);
}
