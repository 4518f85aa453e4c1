import { invariant } from "../../schemas/invariant.ts";
import { Side } from "../../schemas/order.ts";

/** Levels in a rung. */
const RUNG = 64;

/** A run of neighboring levels, worst first. */
interface Rung {
	readonly keys: Float64Array;
	readonly levels: Uint32Array;
	count: number;
}

/**
 * One side's levels by price, over any range of prices: rungs of up to 64 levels, in order, the best
 * level at the very end, where adding and removing moves next to nothing. A key is the price, negated
 * for asks, so that a greater key is a better price on both sides. Memory follows the levels there
 * are: neighbors that would fit into half a rung are joined.
 */
export class Ladder {
	/** The best level; 0 when there is none. */
	best = 0;
	/** Its price in ticks; 0 when there is none. */
	bestTicks = 0;
	private readonly sign: number;
	private readonly rungs: Rung[] = [];

	constructor(side: Side) {
		this.sign = side === Side.Buy ? 1 : -1;
	}

	/** The next worse level than a price; 0 when there is none. */
	after(priceTicks: number): number {
		const key = priceTicks * this.sign;
		const index = this.rungOf(key);
		const rung = this.rungs[index];
		if (rung === undefined) return 0;
		const at = firstNotBelow(rung, key);
		if (at > 0) return rung.levels[at - 1] as number;
		const worse = this.rungs[index - 1];
		return worse === undefined ? 0 : (worse.levels[worse.count - 1] as number);
	}

	/** Adds a level at a price that has none. */
	add(priceTicks: number, level: number): void {
		const key = priceTicks * this.sign;
		if (this.rungs.length === 0) this.rungs.push(emptyRung());
		if (this.addBest(key, level)) return;
		let index = this.rungOf(key);
		if ((this.rungs[index] as Rung).count === RUNG) {
			this.split(index);
			index = this.rungOf(key);
		}
		const rung = this.rungs[index] as Rung;
		const at = firstNotBelow(rung, key);
		invariant(at === rung.count || rung.keys[at] !== key, "a price has one level");
		for (let i = rung.count; i > at; i -= 1) {
			rung.keys[i] = rung.keys[i - 1] as number;
			rung.levels[i] = rung.levels[i - 1] as number;
		}
		rung.keys[at] = key;
		rung.levels[at] = level;
		rung.count += 1;
		this.findBest();
	}

	/** Removes the level at a price. */
	remove(priceTicks: number): void {
		if (priceTicks === this.bestTicks && this.removeBest()) return;
		const key = priceTicks * this.sign;
		const index = this.rungOf(key);
		const rung = this.rungs[index] as Rung;
		const at = firstNotBelow(rung, key);
		invariant(at < rung.count && rung.keys[at] === key, "a level that goes is there");
		rung.count -= 1;
		for (let i = at; i < rung.count; i += 1) {
			rung.keys[i] = rung.keys[i + 1] as number;
			rung.levels[i] = rung.levels[i + 1] as number;
		}
		if (rung.count < RUNG / 4) this.join(index);
		this.findBest();
	}

	/** A level better than all others goes to the very end; false when it is not one, or has no room. */
	private addBest(key: number, level: number): boolean {
		const rung = this.rungs[this.rungs.length - 1] as Rung;
		const { count } = rung;
		if (count === RUNG || (count > 0 && (rung.keys[count - 1] as number) >= key)) return false;
		rung.keys[count] = key;
		rung.levels[count] = level;
		rung.count = count + 1;
		this.best = level;
		this.bestTicks = key * this.sign;
		return true;
	}

	/** Takes the last level of the last rung; false when the rung would be too short then. */
	private removeBest(): boolean {
		const rung = this.rungs[this.rungs.length - 1] as Rung;
		if (rung.count <= 1) return false;
		rung.count -= 1;
		this.findBest();
		return true;
	}

	/** The rung where a key is or belongs: the last one that does not begin above it. */
	private rungOf(key: number): number {
		const { rungs } = this;
		let low = 0;
		let high = rungs.length - 1;
		// Most of what happens, happens at the best prices.
		if (high < 0 || key >= ((rungs[high] as Rung).keys[0] as number)) return high;
		while (low < high) {
			const middle = (low + high + 1) >>> 1;
			if (((rungs[middle] as Rung).keys[0] as number) <= key) low = middle;
			else high = middle - 1;
		}
		return low;
	}

	private split(index: number): void {
		const lower = this.rungs[index] as Rung;
		const upper = emptyRung();
		const half = RUNG / 2;
		upper.keys.set(lower.keys.subarray(half, lower.count));
		upper.levels.set(lower.levels.subarray(half, lower.count));
		upper.count = lower.count - half;
		lower.count = half;
		this.rungs.splice(index + 1, 0, upper);
	}

	/** Joins a rung that has grown short with a neighbor, when both fit into half a rung. */
	private join(index: number): void {
		// The only rung stays, empty or not, for the next level that comes.
		if (this.rungs.length === 1) return;
		if ((this.rungs[index] as Rung).count === 0) {
			this.rungs.splice(index, 1);
			return;
		}
		const at = index > 0 ? index - 1 : index;
		const lower = this.rungs[at] as Rung;
		const upper = this.rungs[at + 1] as Rung;
		if (lower.count + upper.count > RUNG / 2) return;
		lower.keys.set(upper.keys.subarray(0, upper.count), lower.count);
		lower.levels.set(upper.levels.subarray(0, upper.count), lower.count);
		lower.count += upper.count;
		this.rungs.splice(at + 1, 1);
	}

	private findBest(): void {
		const rung = this.rungs[this.rungs.length - 1] as Rung;
		const last = rung.count - 1;
		this.best = last < 0 ? 0 : (rung.levels[last] as number);
		this.bestTicks = last < 0 ? 0 : (rung.keys[last] as number) * this.sign;
	}
}

function emptyRung(): Rung {
	return { keys: new Float64Array(RUNG), levels: new Uint32Array(RUNG), count: 0 };
}

/** Index of the first key of a rung that is not below a key. */
function firstNotBelow(rung: Rung, key: number): number {
	let low = 0;
	let high = rung.count;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((rung.keys[middle] as number) < key) low = middle + 1;
		else high = middle;
	}
	return low;
}
