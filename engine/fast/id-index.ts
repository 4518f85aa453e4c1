import { invariant } from "../../schemas/invariant.ts";
import type { OrderStore } from "./order-store.ts";

const FIRST_CAPACITY = 64;

/**
 * From order ids to slots: buckets by the low bits of the id, chained through the order store. Ids are
 * dense, so young orders have a bucket each, neighbors share cache lines, and old ones spread over all
 * of them. Memory follows the orders that rest, not the ids that were given.
 */
export class IdIndex {
	private heads = new Int32Array(FIRST_CAPACITY);
	private mask = FIRST_CAPACITY - 1;
	private count = 0;
	private readonly orders: OrderStore;

	constructor(orders: OrderStore) {
		this.orders = orders;
	}

	/** The slot of an order; 0 when it does not rest. */
	get(id: number): number {
		const { orders } = this;
		let slot = this.heads[id & this.mask] as number;
		while (slot !== 0 && orders.id(slot) !== id) slot = orders.chain(slot);
		return slot;
	}

	/** Adds a slot whose id is in the store. */
	add(slot: number): void {
		this.count += 1;
		if (this.count * 2 > this.heads.length * 3) this.grow();
		this.put(slot, this.heads);
	}

	/** Removes a slot while its id is still in the store. */
	remove(slot: number): void {
		const { orders, heads } = this;
		const bucket = orders.id(slot) & this.mask;
		const after = orders.chain(slot);
		let at = heads[bucket] as number;
		if (at === slot) {
			heads[bucket] = after;
		} else {
			for (; orders.chain(at) !== slot; at = orders.chain(at)) {
				invariant(at !== 0, "a resting order is in the index");
			}
			orders.setChain(at, after);
		}
		this.count -= 1;
	}

	private put(slot: number, heads: Int32Array): void {
		const bucket = this.orders.id(slot) & this.mask;
		this.orders.setChain(slot, heads[bucket] as number);
		heads[bucket] = slot;
	}

	private grow(): void {
		const old = this.heads;
		const heads = new Int32Array(old.length * 2);
		this.mask = heads.length - 1;
		for (const head of old) {
			for (let slot = head; slot !== 0; ) {
				const after = this.orders.chain(slot);
				this.put(slot, heads);
				slot = after;
			}
		}
		this.heads = heads;
	}
}
