import type { Levels } from "../../schemas/market.ts";
import { Side } from "../../schemas/order.ts";

/** Levels that changed over a stretch of update ids: absolute quantities, 0 is gone. */
export interface DepthUpdate {
	readonly firstUpdateId: number;
	readonly lastUpdateId: number;
	readonly bids: Levels;
	readonly asks: Levels;
}

/**
 * Collects the changes of a book between two messages of a diff stream. Each message begins where the
 * one before ended: its first update id is the last one's last id + 1.
 */
export class DepthDiff {
	private taken: number;
	private last: number;
	private readonly bids = new Map<number, number>();
	private readonly asks = new Map<number, number>();

	/** @param lastUpdateId the book's when collecting begins */
	constructor(lastUpdateId: number) {
		this.taken = lastUpdateId;
		this.last = lastUpdateId;
	}

	add(side: Side, priceTicks: number, qtyLots: number, updateId: number): void {
		(side === Side.Buy ? this.bids : this.asks).set(priceTicks, qtyLots);
		this.last = updateId;
	}

	/** Takes over what another, faster one is about to give out. */
	addUpdate(update: DepthUpdate): void {
		for (const [price, lots] of update.bids) this.bids.set(price, lots);
		for (const [price, lots] of update.asks) this.asks.set(price, lots);
		this.last = update.lastUpdateId;
	}

	/** What changed since the last call, best prices first; null when nothing did. */
	take(): DepthUpdate | null {
		if (this.last === this.taken) return null;
		const update: DepthUpdate = {
			firstUpdateId: this.taken + 1,
			lastUpdateId: this.last,
			bids: [...this.bids].sort((a, b) => b[0] - a[0]),
			asks: [...this.asks].sort((a, b) => a[0] - b[0]),
		};
		this.taken = this.last;
		this.bids.clear();
		this.asks.clear();
		return update;
	}
}
