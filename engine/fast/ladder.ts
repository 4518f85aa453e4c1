import { invariant } from "../../schemas/invariant.ts";

/** Most keys in a rung. */
const RUNG = 64;
const FIRST_RUNG = 8;

/** A run of neighboring keys, lowest first. */
interface Rung {
	keys: Float64Array;
	count: number;
}

/**
 * The blocks of one book in the order of their prices, over any range: rungs of up to 64 keys, in
 * order. Memory follows the blocks there are: neighbors that would fit into half a rung are joined.
 */
export class Ladder {
	private readonly rungs: Rung[] = [];

	/** The next key below one; −1 when there is none. */
	below(key: number): number {
		const index = this.rungOf(key);
		const rung = this.rungs[index];
		if (rung === undefined) return -1;
		const at = firstNotBelow(rung, key);
		if (at > 0) return rung.keys[at - 1] as number;
		const lower = this.rungs[index - 1];
		return lower === undefined ? -1 : (lower.keys[lower.count - 1] as number);
	}

	/** The next key above one; −1 when there is none. */
	above(key: number): number {
		const index = this.rungOf(key);
		const rung = this.rungs[index];
		if (rung === undefined) return -1;
		let at = firstNotBelow(rung, key);
		if (at < rung.count && rung.keys[at] === key) at += 1;
		if (at < rung.count) return rung.keys[at] as number;
		const higher = this.rungs[index + 1];
		return higher === undefined ? -1 : (higher.keys[0] as number);
	}

	/** Adds a key that is not there. */
	add(key: number): void {
		if (this.rungs.length === 0) this.rungs.push({ keys: new Float64Array(FIRST_RUNG), count: 0 });
		let index = this.rungOf(key);
		if ((this.rungs[index] as Rung).count === RUNG) {
			this.split(index);
			index = this.rungOf(key);
		}
		const rung = this.rungs[index] as Rung;
		if (rung.count === rung.keys.length) lengthen(rung);
		const { keys, count } = rung;
		const at = firstNotBelow(rung, key);
		invariant(at === count || keys[at] !== key, "a key is there once");
		for (let i = count; i > at; i -= 1) keys[i] = keys[i - 1] as number;
		keys[at] = key;
		rung.count += 1;
	}

	/** Removes a key that is there. */
	remove(key: number): void {
		const index = this.rungOf(key);
		const rung = this.rungs[index] as Rung;
		const { keys } = rung;
		const at = firstNotBelow(rung, key);
		invariant(at < rung.count && keys[at] === key, "a key that goes is there");
		rung.count -= 1;
		for (let i = at; i < rung.count; i += 1) keys[i] = keys[i + 1] as number;
		if (rung.count < RUNG / 4) this.join(index);
	}

	/** The rung where a key is or belongs: the last one that does not begin above it. */
	private rungOf(key: number): number {
		const { rungs } = this;
		let low = 0;
		let high = rungs.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >>> 1;
			if (((rungs[middle] as Rung).keys[0] as number) <= key) low = middle;
			else high = middle - 1;
		}
		return low;
	}

	private split(index: number): void {
		const lower = this.rungs[index] as Rung;
		const half = RUNG / 2;
		const keys = new Float64Array(RUNG);
		keys.set(lower.keys.subarray(half, lower.count));
		this.rungs.splice(index + 1, 0, { keys, count: lower.count - half });
		lower.count = half;
	}

	/** Joins a rung that has grown short with a neighbor, when both fit into half a rung. */
	private join(index: number): void {
		// The only rung stays, empty or not, for the next key that comes.
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
		lower.count += upper.count;
		this.rungs.splice(at + 1, 1);
	}
}

function lengthen(rung: Rung): void {
	const keys = new Float64Array(rung.keys.length * 2);
	keys.set(rung.keys);
	rung.keys = keys;
}

/** Index of the first key of a rung that is not below a key. */
function firstNotBelow(rung: Rung, key: number): number {
	const { keys } = rung;
	let low = 0;
	let high = rung.count;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((keys[middle] as number) < key) low = middle + 1;
		else high = middle;
	}
	return low;
}
