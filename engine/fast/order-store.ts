import { invariant } from "../../schemas/invariant.ts";
import { GrowingWords } from "./growing-words.ts";
import { HEAD, WORDS as LEVEL_WORDS, type LevelStore, TAIL } from "./level-store.ts";
import {
	ASIDE,
	type Aside,
	CHAIN,
	FLAGS,
	ID,
	LEAVES,
	LEVEL,
	MAX_INT,
	NEXT,
	OrderRecords,
	PREV,
	TAKEN,
	USER,
	WORD_BITS,
	WORDS,
} from "./order-records.ts";

const FIRST_CAPACITY = 64;

/**
 * Resting orders of all symbols of an engine: a slot is where a record begins, counted in words, and
 * the queue of a level runs through `next` and `prev`. Slot 0 is none. A freed slot is the next one
 * taken, so memory follows the most orders that ever rested at once.
 *
 * Ids are found through buckets by their low bits, chained: ids are dense, so young orders have a bucket
 * each, neighbors share cache lines, and old ones spread over all of them. An id of more than 31 bits
 * has its low ones in the record, marked by the sign, and the high ones beside it.
 */
export class OrderStore extends OrderRecords {
	capacity = FIRST_CAPACITY;
	buckets = new Int32Array(FIRST_CAPACITY);
	mask = FIRST_CAPACITY - 1;
	private readonly levels: LevelStore;
	private readonly words: GrowingWords;
	private readonly takenWords: GrowingWords;
	private highWords: GrowingWords | undefined;
	firstFree = 0;
	private used = 1;
	/** How many rest. */
	count = 0;

	constructor(levels: LevelStore) {
		const words = new GrowingWords(FIRST_CAPACITY * WORDS);
		const takenWords = new GrowingWords(FIRST_CAPACITY);
		super(words.ints, takenWords.ints, new Int32Array(0), new Map());
		this.levels = levels;
		this.words = words;
		this.takenWords = takenWords;
	}

	/** The records as they are now, in memory of their own. */
	copy(): OrderRecords {
		const asides = new Map<number, Aside>();
		for (const [slot, aside] of this.asides) asides.set(slot, { ...aside });
		return new OrderRecords(
			this.ints.slice(0, this.used * WORDS),
			this.taken.slice(0, this.used),
			this.highs.slice(0, this.used),
			asides,
		);
	}

	/** The slot of an order; 0 when it does not rest. */
	find(id: number): number {
		if ((id & MAX_INT) !== id) return this.findLong(id);
		const { ints } = this;
		let slot = this.buckets[id & this.mask] as number;
		while (slot !== 0 && ints[slot + ID] !== id) slot = ints[slot + CHAIN] as number;
		return slot;
	}

	/** The slot of an order, or of another that is found on the way to it; 0 when there is none. */
	nearest(id: number): number {
		return this.buckets[id & this.mask] as number;
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
		const slot = this.newSlot();
		const { ints } = this;
		ints[slot + ID] = id <= MAX_INT ? id : this.shorten(id, slot);
		ints[slot + USER] = userId;
		ints[slot + LEAVES] = leavesLots;
		ints[slot + FLAGS] = flags;
		ints[slot + LEVEL] = level;
		this.index(slot);
		this.enqueue(slot, level);
		if (qtyLots > MAX_INT) this.putAside(slot, qtyLots - leavesLots, leavesLots, leavesLots, 0);
		else if (qtyLots !== leavesLots) this.addTaken(slot, qtyLots - leavesLots);
		return slot;
	}

	/**
	 * Takes an order out of its level's queue and out of the store. The head's `prev` is neither kept nor
	 * read: so that a filled head touches nothing but itself.
	 */
	remove(slot: number, level: number): void {
		const { ints } = this;
		const queues = this.levels.ints;
		const at = level * LEVEL_WORDS;
		const younger = ints[slot + NEXT] as number;
		if (queues[at + HEAD] === slot) {
			queues[at + HEAD] = younger;
		} else {
			const older = ints[slot + PREV] as number;
			ints[older + NEXT] = younger;
			if (younger === 0) queues[at + TAIL] = older;
			else ints[younger + PREV] = older;
		}
		this.release(slot);
	}

	/** Moves the head of a level behind its queue. */
	requeue(slot: number, level: number): void {
		const { ints } = this;
		const queues = this.levels.ints;
		const at = level * LEVEL_WORDS;
		const younger = ints[slot + NEXT] as number;
		if (younger === 0) return;
		const last = queues[at + TAIL] as number;
		queues[at + HEAD] = younger;
		ints[slot + NEXT] = 0;
		ints[last + NEXT] = slot;
		ints[slot + PREV] = last;
		queues[at + TAIL] = slot;
	}

	/** Takes lots off what is left and shows; the total stays. */
	take(slot: number, lots: number): void {
		const { ints } = this;
		const flags = ints[slot + FLAGS] as number;
		if ((flags & ASIDE) !== 0) {
			const aside = this.aside(slot);
			aside.leavesLots -= lots;
			aside.visibleLots -= lots;
			aside.takenLots += lots;
		} else {
			ints[slot + LEAVES] = (ints[slot + LEAVES] as number) - lots;
			this.addTaken(slot, lots);
		}
	}

	/** Takes lots off what is left, hidden ones first, and off the total with it. */
	cut(slot: number, lots: number): void {
		const { ints } = this;
		if (((ints[slot + FLAGS] as number) & ASIDE) !== 0) {
			const aside = this.aside(slot);
			aside.leavesLots -= lots;
			aside.visibleLots = Math.min(aside.visibleLots, aside.leavesLots);
		} else {
			ints[slot + LEAVES] = (ints[slot + LEAVES] as number) - lots;
		}
	}

	setFlags(slot: number, flags: number): void {
		this.ints[slot + FLAGS] = flags;
	}

	/** Makes an order an iceberg. */
	hide(slot: number, displayLots: number, visibleLots: number): void {
		const leaves = this.leaves(slot);
		this.putAside(slot, this.qty(slot) - leaves, leaves, visibleLots, displayLots);
	}

	/** An iceberg's next slice shows; gives its size. */
	showNext(slot: number): number {
		const aside = this.aside(slot);
		aside.visibleLots = Math.min(aside.displayLots, aside.leavesLots);
		return aside.visibleLots;
	}

	/**
	 * Takes an order that is in no queue out of the store.
	 *
	 * @throws InvariantViolation when it is not there
	 */
	release(slot: number): void {
		this.unindex(slot);
		const { ints } = this;
		if (((ints[slot + FLAGS] as number) & ASIDE) !== 0) this.asides.delete(slot);
		ints[slot + ID] = 0;
		ints[slot + FLAGS] = 0;
		ints[slot + NEXT] = this.firstFree;
		this.firstFree = slot;
		this.count -= 1;
	}

	private index(slot: number): void {
		const { ints, buckets } = this;
		const bucket = (ints[slot + ID] as number) & this.mask;
		ints[slot + CHAIN] = buckets[bucket] as number;
		buckets[bucket] = slot;
	}

	private unindex(slot: number): void {
		const { ints, buckets } = this;
		const bucket = (ints[slot + ID] as number) & this.mask;
		const first = buckets[bucket] as number;
		if (first === slot) buckets[bucket] = ints[slot + CHAIN] as number;
		else this.unchain(slot, first);
	}

	/** Takes an order out of its bucket's chain, where it is not the first. */
	unchain(slot: number, first: number): void {
		const { ints } = this;
		let before = first;
		while (ints[before + CHAIN] !== slot) {
			before = ints[before + CHAIN] as number;
			invariant(before !== 0, "a resting order is found by its id");
		}
		ints[before + CHAIN] = ints[slot + CHAIN] as number;
	}

	private enqueue(slot: number, level: number): void {
		const { ints } = this;
		const queues = this.levels.ints;
		const at = level * LEVEL_WORDS;
		ints[slot + NEXT] = 0;
		if (queues[at + HEAD] === 0) {
			queues[at + HEAD] = slot;
		} else {
			const last = queues[at + TAIL] as number;
			ints[slot + PREV] = last;
			ints[last + NEXT] = slot;
		}
		queues[at + TAIL] = slot;
	}

	/** Bytes of memory that grows in place. */
	get inPlaceBytes(): number {
		const { words, takenWords, highWords } = this;
		return words.inPlaceBytes + takenWords.inPlaceBytes + (highWords?.inPlaceBytes ?? 0);
	}

	/** A slot for an order that comes, its record to be written. */
	newSlot(): number {
		if (this.count >= this.buckets.length) this.spread();
		this.count += 1;
		const slot = this.firstFree;
		if (slot === 0) return this.freshSlot();
		this.firstFree = this.ints[slot + NEXT] as number;
		return slot;
	}

	private freshSlot(): number {
		if (this.used === this.capacity) this.grow();
		this.used += 1;
		return (this.used - 1) * WORDS;
	}

	private putAside(
		slot: number,
		takenLots: number,
		leavesLots: number,
		visibleLots: number,
		displayLots: number,
	): void {
		this.setFlags(slot, this.flags(slot) | ASIDE);
		this.asides.set(slot, { leavesLots, takenLots, visibleLots, displayLots });
	}

	addTaken(slot: number, lots: number): void {
		const { ints, taken } = this;
		const flags = ints[slot + FLAGS] as number;
		const at = slot >>> WORD_BITS;
		taken[at] = (flags & TAKEN) === 0 ? lots : (taken[at] as number) + lots;
		ints[slot + FLAGS] = flags | TAKEN;
	}

	private findLong(id: number): number {
		if (!Number.isSafeInteger(id) || id < 0) return 0;
		const word = shortOf(id);
		const high = Math.floor(id / 2 ** 31);
		let slot = this.buckets[word & this.mask] as number;
		while (slot !== 0) {
			if (this.ints[slot + ID] === word && this.high(slot) === high) return slot;
			slot = this.ints[slot + CHAIN] as number;
		}
		return 0;
	}

	/** What stands in a record for an id of more than 31 bits. */
	shorten(id: number, slot: number): number {
		this.highWords ??= new GrowingWords(FIRST_CAPACITY);
		while (this.highWords.ints.length < this.capacity) this.highWords.grow();
		this.highs = this.highWords.ints;
		this.highs[slot >>> WORD_BITS] = Math.floor(id / 2 ** 31);
		return shortOf(id);
	}

	private grow(): void {
		this.words.grow();
		this.ints = this.words.ints;
		this.capacity = this.ints.length / WORDS;
		while (this.takenWords.ints.length < this.capacity) this.takenWords.grow();
		this.taken = this.takenWords.ints;
	}

	/** Spreads the orders over twice as many buckets: no more orders than buckets. */
	spread(): void {
		const { ints, buckets: old } = this;
		const buckets = new Int32Array(old.length * 2);
		const mask = buckets.length - 1;
		for (let i = 0; i < old.length; i += 1) {
			for (let slot = old[i] as number; slot !== 0; ) {
				const after = ints[slot + CHAIN] as number;
				const bucket = (ints[slot + ID] as number) & mask;
				ints[slot + CHAIN] = buckets[bucket] as number;
				buckets[bucket] = slot;
				slot = after;
			}
		}
		this.buckets = buckets;
		this.mask = mask;
	}
}

function shortOf(id: number): number {
	return (id % 2 ** 31) | ~MAX_INT;
}
