import type { Levels } from "../../schemas/market.ts";
import { Side } from "../../schemas/order.ts";

/**
 * The visible book of one symbol, kept from LevelChanged events: a total per price level and side.
 * Thousands of levels cost little: two sorted rows of numbers, the best price last, so that changes
 * near the touch move almost nothing.
 */
export class DepthBook {
	private readonly bids = new LevelRow(1);
	private readonly asks = new LevelRow(-1);

	/** Sets a level's total; 0 removes it (no matter whether it was there). */
	apply(side: Side, priceTicks: number, qtyLots: number): void {
		this.row(side).set(priceTicks, qtyLots);
	}

	/** Highest bid in ticks; 0 when there is none. */
	bestBid(): number {
		return this.bids.bestPrice();
	}

	/** Lowest ask in ticks; 0 when there is none. */
	bestAsk(): number {
		return this.asks.bestPrice();
	}

	/** Lots at the best price of a side; 0 when it is empty. */
	bestLots(side: Side): number {
		return this.row(side).bestLots();
	}

	/** Lots at a price; 0 when there is no such level. */
	lotsAt(side: Side, priceTicks: number): number {
		return this.row(side).lotsAt(priceTicks);
	}

	/** How many levels a side has. */
	count(side: Side): number {
		return this.row(side).count;
	}

	/** At most `limit` levels of a side, best first. */
	levels(side: Side, limit: number): Levels {
		return this.row(side).top(limit);
	}

	private row(side: Side): LevelRow {
		return side === Side.Buy ? this.bids : this.asks;
	}
}

/** Levels of one side, ascending by price × sign, so the best is last for both sides. */
class LevelRow {
	count = 0;
	private readonly sign: 1 | -1;
	private keys = new Float64Array(64);
	private lots = new Float64Array(64);

	constructor(sign: 1 | -1) {
		this.sign = sign;
	}

	bestPrice(): number {
		return this.count === 0 ? 0 : (this.keys[this.count - 1] as number) * this.sign;
	}

	bestLots(): number {
		return this.count === 0 ? 0 : (this.lots[this.count - 1] as number);
	}

	lotsAt(priceTicks: number): number {
		const key = priceTicks * this.sign;
		const at = this.find(key);
		return at < this.count && this.keys[at] === key ? (this.lots[at] as number) : 0;
	}

	set(priceTicks: number, qtyLots: number): void {
		const key = priceTicks * this.sign;
		const at = this.find(key);
		const there = at < this.count && this.keys[at] === key;
		if (qtyLots === 0) {
			if (there) this.remove(at);
		} else if (there) {
			this.lots[at] = qtyLots;
		} else {
			this.insert(at, key, qtyLots);
		}
	}

	top(limit: number): Levels {
		const levels: (readonly [number, number])[] = [];
		const stop = Math.max(0, this.count - limit);
		for (let i = this.count - 1; i >= stop; i -= 1) {
			levels.push([(this.keys[i] as number) * this.sign, this.lots[i] as number]);
		}
		return levels;
	}

	/** Index of the first key that is not below `key`. */
	private find(key: number): number {
		let low = 0;
		let high = this.count;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.keys[middle] as number) < key) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	private insert(at: number, key: number, qtyLots: number): void {
		if (this.count === this.keys.length) this.grow();
		this.keys.copyWithin(at + 1, at, this.count);
		this.lots.copyWithin(at + 1, at, this.count);
		this.keys[at] = key;
		this.lots[at] = qtyLots;
		this.count += 1;
	}

	private remove(at: number): void {
		this.keys.copyWithin(at, at + 1, this.count);
		this.lots.copyWithin(at, at + 1, this.count);
		this.count -= 1;
	}

	private grow(): void {
		const keys = new Float64Array(this.keys.length * 2);
		const lots = new Float64Array(this.keys.length * 2);
		keys.set(this.keys);
		lots.set(this.lots);
		this.keys = keys;
		this.lots = lots;
	}
}
