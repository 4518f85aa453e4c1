/** A resting order of a workload under way. */
export interface LiveOrder {
	/** The file's id. */
	readonly id: number;
	readonly user: number;
	readonly side: 0 | 1;
	price: number;
	leaves: number;
	/** Filled and left. */
	total: number;
	/** The engine's id: another one after a re-price. */
	engineId: number;
}

/** The orders of one symbol that rest, from which any can be picked as fast as any other. */
export class LiveOrders {
	private readonly list: LiveOrder[] = [];
	/** By the engine's id, where in the list. */
	private readonly places = new Map<number, number>();

	get count(): number {
		return this.list.length;
	}

	at(index: number): LiveOrder {
		return this.list[index] as LiveOrder;
	}

	find(engineId: number): LiveOrder | undefined {
		const place = this.places.get(engineId);
		return place === undefined ? undefined : this.list[place];
	}

	add(order: LiveOrder): void {
		this.places.set(order.engineId, this.list.length);
		this.list.push(order);
	}

	remove(engineId: number): void {
		const place = this.places.get(engineId);
		if (place === undefined) return;
		this.places.delete(engineId);
		const last = this.list.pop() as LiveOrder;
		if (last.engineId === engineId) return;
		this.list[place] = last;
		this.places.set(last.engineId, place);
	}
}
