const FILL_WORDS = 4;
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** What all fills of a run come to: the same for every engine that matches by the same rules. */
export interface FillSums {
	readonly fills: number;
	/** Sum of quantities, in lots. */
	readonly volume: bigint;
	/** Sum of price × quantity, in tick-lots. */
	readonly notional: bigint;
	/** FNV-1a over maker id, taker id, price, quantity of each fill, in order; ids of the file. */
	readonly hash: number;
}

/** The fills of a run in order, kept while the clock runs and summed up after it. */
export class FillTape {
	private words = new Uint32Array(1 << 20);
	private length = 0;

	clear(): void {
		this.length = 0;
	}

	/** Ids as the engine gives them; price in ticks, quantity in lots. */
	add(makerId: number, takerId: number, price: number, qty: number): void {
		if (this.length + FILL_WORDS > this.words.length) this.grow();
		const { words, length } = this;
		words[length] = makerId;
		words[length + 1] = takerId;
		words[length + 2] = price;
		words[length + 3] = qty;
		this.length = length + FILL_WORDS;
	}

	/** The sums, with ids translated by a table. */
	sums(fileIds: Uint32Array): FillSums {
		const { words, length } = this;
		let hash = FNV_START;
		let volume = 0n;
		let notional = 0n;
		for (let at = 0; at < length; at += FILL_WORDS) {
			const price = words[at + 2] as number;
			const qty = words[at + 3] as number;
			hash = Math.imul(hash ^ (fileIds[words[at] as number] as number), FNV_PRIME);
			hash = Math.imul(hash ^ (fileIds[words[at + 1] as number] as number), FNV_PRIME);
			hash = Math.imul(hash ^ price, FNV_PRIME);
			hash = Math.imul(hash ^ qty, FNV_PRIME);
			volume += BigInt(qty);
			notional += BigInt(price) * BigInt(qty);
		}
		return { fills: length / FILL_WORDS, volume, notional, hash: hash >>> 0 };
	}

	private grow(): void {
		const bigger = new Uint32Array(this.words.length * 2);
		bigger.set(this.words);
		this.words = bigger;
	}
}
