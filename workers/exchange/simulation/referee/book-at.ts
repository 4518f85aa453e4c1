import type { LevelChanged } from "../../../../schemas/event.ts";

/** A symbol's book as the events have made it at an update id. */
export class BookAt {
	/** Lots by ticks: bids, asks. */
	readonly levels: readonly [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
	updateId = 0;
	private readonly changes: readonly LevelChanged[];

	/** @param changes all of the symbol's, one for each update id */
	constructor(changes: readonly LevelChanged[]) {
		this.changes = changes;
	}

	/** Goes on to a later update id; false when nothing that high has happened. */
	goTo(updateId: number): boolean {
		if (updateId > this.changes.length) return false;
		for (; this.updateId < updateId; this.updateId += 1) {
			const { side, priceTicks, qtyLots } = this.changes[this.updateId] as LevelChanged;
			if (qtyLots === 0) this.levels[side].delete(priceTicks);
			else this.levels[side].set(priceTicks, qtyLots);
		}
		return true;
	}
}

/** What changed from one update id to another, both included: the last quantity of each level. */
export function changesBetween(
	changes: readonly LevelChanged[],
	firstId: number,
	lastId: number,
): readonly [Map<number, number>, Map<number, number>] {
	const net: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
	for (let id = firstId; id <= lastId; id += 1) {
		const change = changes[id - 1];
		if (change !== undefined) net[change.side].set(change.priceTicks, change.qtyLots);
	}
	return net;
}
