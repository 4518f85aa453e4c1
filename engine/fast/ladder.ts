import { invariant } from "../../schemas/invariant.ts";

/** Blocks in a region, a bit each: 1,024 neighboring prices. */
const BLOCK_PRICES = 8;
const REGION_BLOCKS = 128;
const REGION_PRICES = BLOCK_PRICES * REGION_BLOCKS;
const WORDS = REGION_BLOCKS / 32;

/** Most regions in a rung. */
const RUNG = 64;
const FIRST_RUNG = 4;

/** A run of neighboring regions, lowest first: their numbers, and the bits of each. */
interface Rung {
	regions: Float64Array;
	bits: Int32Array;
	count: number;
}

/**
 * The blocks of levels of one book in the order of their prices, over any range, each named by its
 * lowest price: a bit in its region, and the regions in rungs of up to 64, in order. Blocks come and go
 * with most orders where the price wanders, regions seldom. Memory follows the regions there are:
 * neighboring rungs that would fit into half a one are joined.
 */
export class Ladder {
	private readonly rungs: Rung[] = [newRung()];
	/** Where the last block was: most are near it. */
	private rung = this.rungs[0] as Rung;
	private at = 0;

	/** The next block below one; −1 when there is none. */
	below(block: number): number {
		const region = regionOf(block);
		this.seek(region);
		const { rung, at } = this;
		if (this.isAt(region)) {
			const place = placeOf(block, region);
			const word = place >>> 5;
			const from = at * WORDS;
			const lower = (rung.bits[from + word] as number) & ((1 << (place & 31)) - 1);
			const bit = highest(rung.bits, from, word, lower);
			if (bit >= 0) return region * REGION_PRICES + bit * BLOCK_PRICES;
		}
		if (at > 0) return last(rung, at - 1);
		const lower = this.rungs[this.rungs.indexOf(rung) - 1];
		return lower === undefined ? -1 : last(lower, lower.count - 1);
	}

	/** The next block above one; −1 when there is none. */
	above(block: number): number {
		const region = regionOf(block);
		this.seek(region);
		const { rung } = this;
		let { at } = this;
		if (this.isAt(region)) {
			const place = placeOf(block, region);
			const word = place >>> 5;
			const from = at * WORDS;
			const higher = (rung.bits[from + word] as number) & (-2 << (place & 31));
			const bit = lowest(rung.bits, from, word, higher);
			if (bit >= 0) return region * REGION_PRICES + bit * BLOCK_PRICES;
			at += 1;
		}
		if (at < rung.count) return first(rung, at);
		const higher = this.rungs[this.rungs.indexOf(rung) + 1];
		return higher === undefined ? -1 : first(higher, 0);
	}

	/** Adds a block that is not there. */
	add(block: number): void {
		const region = regionOf(block);
		this.seek(region);
		if (!this.isAt(region)) this.insert(region);
		const { bits } = this.rung;
		const bit = placeOf(block, region);
		const word = this.at * WORDS + (bit >>> 5);
		const before = bits[word] as number;
		const after = before | (1 << (bit & 31));
		invariant(after !== before, "a block is there once");
		bits[word] = after;
	}

	/** Removes a block that is there. */
	remove(block: number): void {
		const region = regionOf(block);
		this.seek(region);
		invariant(this.isAt(region), "a block that goes is there");
		const { bits } = this.rung;
		const bit = placeOf(block, region);
		const from = this.at * WORDS;
		const word = from + (bit >>> 5);
		const before = bits[word] as number;
		const left = before & ~(1 << (bit & 31));
		invariant(left !== before, "a block that goes is there");
		bits[word] = left;
		if (left === 0 && isEmpty(bits, from)) this.drop();
	}

	/** Whether `seek` found the region itself, not only where it belongs. */
	private isAt(region: number): boolean {
		return this.at < this.rung.count && this.rung.regions[this.at] === region;
	}

	/** Goes to a region, or to where it belongs. */
	private seek(region: number): void {
		if (this.isAt(region)) return;
		const { rungs } = this;
		let low = 0;
		let high = rungs.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >>> 1;
			if (((rungs[middle] as Rung).regions[0] as number) <= region) low = middle;
			else high = middle - 1;
		}
		const rung = rungs[low] as Rung;
		let at = 0;
		let end = rung.count;
		while (at < end) {
			const middle = (at + end) >>> 1;
			if ((rung.regions[middle] as number) < region) at = middle + 1;
			else end = middle;
		}
		this.rung = rung;
		this.at = at;
	}

	/** Puts a region without blocks where it belongs, and stands there. */
	private insert(region: number): void {
		if (this.rung.count === RUNG) {
			this.split();
			this.seek(region);
		}
		const { rung, at } = this;
		if (rung.count === rung.regions.length) lengthen(rung);
		// By hand: most rungs are so short that a call for it takes longer.
		const { regions, bits } = rung;
		for (let i = rung.count; i > at; i -= 1) regions[i] = regions[i - 1] as number;
		for (let i = rung.count * WORDS - 1; i >= at * WORDS; i -= 1) {
			bits[i + WORDS] = bits[i] as number;
		}
		regions[at] = region;
		for (let i = at * WORDS; i < (at + 1) * WORDS; i += 1) bits[i] = 0;
		rung.count += 1;
	}

	/** Takes away the region it stands at. */
	private drop(): void {
		const { rung, at } = this;
		const { regions, bits } = rung;
		rung.count -= 1;
		for (let i = at; i < rung.count; i += 1) regions[i] = regions[i + 1] as number;
		for (let i = at * WORDS; i < rung.count * WORDS; i += 1) bits[i] = bits[i + WORDS] as number;
		if (rung.count < RUNG / 4) this.join();
	}

	/** Puts the upper half of the rung it stands at into one of its own. */
	private split(): void {
		const { rung } = this;
		const half = RUNG / 2;
		const upper = newRung(RUNG);
		upper.regions.set(rung.regions.subarray(half));
		upper.bits.set(rung.bits.subarray(half * WORDS));
		upper.count = rung.count - half;
		rung.count = half;
		this.rungs.splice(this.rungs.indexOf(rung) + 1, 0, upper);
	}

	/** Joins a rung that has grown short with a neighbor, when both fit into half a rung. */
	private join(): void {
		const { rungs, rung } = this;
		// The only rung stays, empty or not, for the next region that comes.
		if (rungs.length === 1) return;
		const index = rungs.indexOf(rung);
		const at = index > 0 ? index - 1 : index;
		const lower = rungs[at] as Rung;
		const upper = rungs[at + 1] as Rung;
		if (rung.count > 0 && lower.count + upper.count > RUNG / 2) return;
		while (lower.regions.length < lower.count + upper.count) lengthen(lower);
		lower.regions.set(upper.regions.subarray(0, upper.count), lower.count);
		lower.bits.set(upper.bits.subarray(0, upper.count * WORDS), lower.count * WORDS);
		lower.count += upper.count;
		rungs.splice(at + 1, 1);
		this.rung = lower;
		this.at = 0;
	}
}

/** The region of a block. Most prices have fewer than 32 bits: no division then. */
function regionOf(block: number): number {
	return (block | 0) === block ? block >> 10 : Math.floor(block / REGION_PRICES);
}

/** Which block of its region it is. */
function placeOf(block: number, region: number): number {
	return (block | 0) === block
		? (block >> 3) & 127
		: (block - region * REGION_PRICES) / BLOCK_PRICES;
}

function newRung(length = FIRST_RUNG): Rung {
	return { regions: new Float64Array(length), bits: new Int32Array(length * WORDS), count: 0 };
}

function lengthen(rung: Rung): void {
	const { regions, bits } = newRung(rung.regions.length * 2);
	regions.set(rung.regions);
	bits.set(rung.bits);
	rung.regions = regions;
	rung.bits = bits;
}

function isEmpty(bits: Int32Array, from: number): boolean {
	for (let word = from; word < from + WORDS; word += 1) if (bits[word] !== 0) return false;
	return true;
}

/** The highest bit of a region in `set`, a part of one of its words, or in a lower word; −1 without any. */
function highest(bits: Int32Array, from: number, word: number, set: number): number {
	let at = word;
	let left = set;
	while (left === 0) {
		if (at === 0) return -1;
		at -= 1;
		left = bits[from + at] as number;
	}
	return at * 32 + 31 - Math.clz32(left);
}

/** The lowest bit of a region in `set`, a part of one of its words, or in a higher word; −1 without any. */
function lowest(bits: Int32Array, from: number, word: number, set: number): number {
	let at = word;
	let left = set;
	while (left === 0) {
		at += 1;
		if (at === WORDS) return -1;
		left = bits[from + at] as number;
	}
	return at * 32 + 31 - Math.clz32(left & -left);
}

/** The highest block of a rung's region. */
function last({ regions, bits }: Rung, at: number): number {
	const from = at * WORDS;
	const bit = highest(bits, from, WORDS - 1, bits[from + WORDS - 1] as number);
	return (regions[at] as number) * REGION_PRICES + bit * BLOCK_PRICES;
}

/** The lowest block of a rung's region. */
function first({ regions, bits }: Rung, at: number): number {
	const from = at * WORDS;
	const bit = lowest(bits, from, 0, bits[from] as number);
	return (regions[at] as number) * REGION_PRICES + bit * BLOCK_PRICES;
}
