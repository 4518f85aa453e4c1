import { invariant } from "../../schemas/invariant.ts";
import type { OrderStore } from "./order-store.ts";

const FIRST_CAPACITY = 64;
const GOLDEN = 0x9e37_79b1;

/**
 * From order ids to slots: open addressing, linear probing, only slots stored (the ids stand in the
 * order store). Ids are dense, so eight neighbors share a cache line, and the lines are scattered.
 * Memory follows the orders that rest, not the ids that were given.
 */
export class IdIndex {
	private cells = new Uint32Array(FIRST_CAPACITY);
	private mask = FIRST_CAPACITY - 1;
	private count = 0;
	private readonly orders: OrderStore;

	constructor(orders: OrderStore) {
		this.orders = orders;
	}

	/** The slot of an order; 0 when it does not rest. */
	get(id: number): number {
		const ids = this.orders.id;
		for (let at = this.home(id); ; at = (at + 1) & this.mask) {
			const slot = this.cells[at] as number;
			if (slot === 0 || ids[slot] === id) return slot;
		}
	}

	/** Adds a slot whose id is in the store. */
	add(slot: number): void {
		this.count += 1;
		if (this.count * 16 > this.cells.length * 13) this.grow();
		this.put(slot);
	}

	/** Removes a slot while its id is still in the store; later ones of its run move up. */
	remove(slot: number): void {
		const { cells, mask } = this;
		const ids = this.orders.id;
		let hole = this.home(ids[slot] as number);
		while (cells[hole] !== slot) {
			invariant(cells[hole] !== 0, "a resting order is in the index");
			hole = (hole + 1) & mask;
		}
		for (let at = (hole + 1) & mask; cells[at] !== 0; at = (at + 1) & mask) {
			const home = this.home(ids[cells[at] as number] as number);
			// It may move into the hole unless its home lies behind the hole.
			if (((at - home) & mask) < ((at - hole) & mask)) continue;
			cells[hole] = cells[at] as number;
			hole = at;
		}
		cells[hole] = 0;
		this.count -= 1;
	}

	private put(slot: number): void {
		const { cells, mask } = this;
		let at = this.home(this.orders.id[slot] as number);
		while (cells[at] !== 0) at = (at + 1) & mask;
		cells[at] = slot;
	}

	private grow(): void {
		const old = this.cells;
		this.cells = new Uint32Array(old.length * 2);
		this.mask = this.cells.length - 1;
		for (const slot of old) if (slot !== 0) this.put(slot);
	}

	/** Ids are safe integers, of which the low 32 bits suffice to scatter. */
	private home(id: number): number {
		const low = id >>> 0;
		const scattered = Math.imul(low >>> 3, GOLDEN);
		return (((scattered ^ (scattered >>> 15)) << 3) | (low & 7)) & this.mask;
	}
}
