const FIRST_CAPACITY = 64;

/** Price levels of all books of an engine: slots as in OrderStore. Slot 0 is none. */
export class LevelStore {
	price = new Float64Array(FIRST_CAPACITY);
	/** What the level shows, in lots. */
	visible = new Float64Array(FIRST_CAPACITY);
	/** The oldest order; of a free slot, the next free one. */
	head = new Uint32Array(FIRST_CAPACITY);
	/** The youngest order. */
	tail = new Uint32Array(FIRST_CAPACITY);
	/** Twice the number of the book, plus the side. */
	owner = new Uint32Array(FIRST_CAPACITY);
	private firstFree = 0;
	private used = 1;

	/** A new, empty level. */
	take(owner: number, priceTicks: number): number {
		let slot = this.firstFree;
		if (slot !== 0) {
			this.firstFree = this.head[slot] as number;
		} else {
			if (this.used === this.price.length) this.grow();
			slot = this.used;
			this.used += 1;
		}
		this.price[slot] = priceTicks;
		this.visible[slot] = 0;
		this.head[slot] = 0;
		this.tail[slot] = 0;
		this.owner[slot] = owner;
		return slot;
	}

	release(slot: number): void {
		this.head[slot] = this.firstFree;
		this.firstFree = slot;
	}

	private grow(): void {
		const capacity = this.price.length * 2;
		this.price = copied(this.price, new Float64Array(capacity));
		this.visible = copied(this.visible, new Float64Array(capacity));
		this.head = copied(this.head, new Uint32Array(capacity));
		this.tail = copied(this.tail, new Uint32Array(capacity));
		this.owner = copied(this.owner, new Uint32Array(capacity));
	}
}

function copied<A extends Float64Array | Uint32Array>(from: A, to: A): A {
	to.set(from);
	return to;
}
