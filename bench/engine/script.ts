import { Op, RECORD_WORDS, type Workload } from "./workload.ts";

/**
 * A workload as the engine's own commands need it. The engine gives order ids itself, a new one for a
 * re-price, so ids are translated here, before anything is timed: the n-th order that the engine admits
 * has id n. `rehearsed` sees to it that none is refused.
 */
export interface Script {
	readonly workload: Workload;
	/**
	 * The records again, for the engine: the order id is the engine's, of the order that a command is
	 * about; the last word is a reduce's new total in lots, or where a re-price finds its holds, below.
	 * `rehearsed` sets right what only a book can know.
	 */
	readonly words: Uint32Array;
	/** Per engine id: the file's, for the checksum. */
	readonly fileIds: Uint32Array;
	/** What an account worker would have stamped on a re-price, in smallest units: extra, then need. */
	readonly holds: readonly bigint[];
	/** The same as a decoder hands it on, per re-price: need less extra. */
	readonly releases: Float64Array;
	/** The largest price of the file, in ticks, and the largest quantity, in lots; at least 1. */
	readonly maxPriceTicks: number;
	readonly maxQtyLots: number;
}

/** Smallest units per tick-lot and per lot of the benchmark's symbols. */
export const QUOTE_UNITS_PER_TICK_LOT = 10;
export const BASE_UNITS_PER_LOT = 1_000;

const BUY = 0;
const SELL = 1;

/**
 * Translates a workload's ids and works out what its commands carry beside what the file says.
 *
 * @throws RangeError when a record is none of the format's
 */
export function scriptOf(workload: Workload): Script {
	const { records, highestOrderId } = workload;
	const words = workload.words.slice();
	const holds: bigint[] = [];
	const fileIds: number[] = [0];
	const current = new Uint32Array(highestOrderId + 1);
	const totals = new Uint32Array(highestOrderId + 1);
	const prices = new Uint32Array(highestOrderId + 1);
	const sides = new Uint8Array(highestOrderId + 1);
	let maxPriceTicks = 1;
	let maxQtyLots = 1;
	for (let i = 0; i < records; i += 1) {
		const at = i * RECORD_WORDS;
		const head = words[at] as number;
		const op = head & 0xff;
		const side = (head >>> 8) & 0xff;
		const id = words[at + 2] as number;
		check(op >= Op.Limit && op <= Op.Reduce, i, `there is no op ${op}`);
		check(side === BUY || side === SELL, i, `there is no side ${side}`);
		check(id <= highestOrderId, i, `order ${id} is beyond the header's highest, ${highestOrderId}`);
		const price = words[at + 3] as number;
		const qty = words[at + 4] as number;
		words[at + 2] = current[id] as number;
		if (op === Op.Limit || op === Op.Ioc || op === Op.Reprice) {
			if (op === Op.Reprice) {
				words[at] = op | ((sides[id] as number) << 8) | (head & 0xffff_0000);
				words[at + 5] = holds.length;
				const sells = sides[id] === SELL;
				const need = holdOf(sells, price, qty);
				const freed = holdOf(sells, prices[id] as number, qty);
				holds.push(need > freed ? need - freed : 0n, need);
			} else sides[id] = side;
			maxPriceTicks = Math.max(maxPriceTicks, price);
			maxQtyLots = Math.max(maxQtyLots, qty);
			current[id] = fileIds.length;
			totals[id] = qty;
			prices[id] = price;
			fileIds.push(id);
		} else if (op === Op.Reduce) {
			totals[id] = Math.max(0, (totals[id] as number) - qty);
			words[at + 5] = totals[id] as number;
		}
	}
	const releases = Float64Array.from({ length: holds.length / 2 }, (_, i) =>
		Number((holds[i * 2 + 1] as bigint) - (holds[i * 2] as bigint)),
	);
	const maxima = { maxPriceTicks, maxQtyLots };
	return { workload, words, fileIds: Uint32Array.from(fileIds), holds, releases, ...maxima };
}

function check(holds: boolean, record: number, text: string): void {
	if (!holds) throw new RangeError(`record ${record}: ${text}`);
}

function holdOf(sells: boolean, price: number, qty: number): bigint {
	return sells
		? BigInt(qty) * BigInt(BASE_UNITS_PER_LOT)
		: BigInt(price) * BigInt(qty) * BigInt(QUOTE_UNITS_PER_TICK_LOT);
}
