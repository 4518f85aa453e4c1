/** What every runtime has of WebAssembly's memory: no code runs in it, it is memory that grows in place. */
declare const WebAssembly: {
	readonly Memory: new (size: {
		initial: number;
		maximum: number;
	}) => {
		readonly buffer: ArrayBuffer;
		grow(pages: number): number;
	};
};

const PAGE_WORDS = 16_384;
/** 4 GiB of addresses are set aside; memory itself only as it is used. */
const MAX_PAGES = 65_536;
/** So little at a time that a stop for it is short. */
const STEP_PAGES = 4;
/** Up to here copying is cheap, and small engines stay small. */
const COPIED_WORDS = 4 * PAGE_WORDS;

/**
 * 32-bit words, zero at first, that keep their values and places as they become more. Few are copied
 * into twice as many; many grow where they are, a quarter of a megabyte at a time: nothing waits for a
 * copy, and little stands empty. The views are others after `grow`.
 */
export class GrowingWords {
	ints: Int32Array<ArrayBuffer>;
	/** The same words in pairs. */
	doubles: Float64Array<ArrayBuffer>;
	private memory: InstanceType<typeof WebAssembly.Memory> | undefined;

	/** @param words how many there are at first; an even number */
	constructor(words: number) {
		this.ints = new Int32Array(words);
		this.doubles = new Float64Array(this.ints.buffer);
	}

	/** @throws RangeError when there is no memory, or there are 2^30 words already */
	grow(): void {
		const { ints, memory } = this;
		if (memory !== undefined) {
			const { length } = ints;
			memory.grow(STEP_PAGES);
			this.view(memory.buffer);
			// The system gives pages as they are touched: now, rather than under an order each.
			this.ints.fill(0, length);
		} else if (ints.length * 2 <= COPIED_WORDS) {
			this.view(new ArrayBuffer(ints.byteLength * 2));
			this.ints.set(ints);
		} else {
			const initial = Math.ceil((ints.length * 2) / PAGE_WORDS);
			this.memory = new WebAssembly.Memory({ initial, maximum: MAX_PAGES });
			this.view(this.memory.buffer);
			this.ints.set(ints);
		}
	}

	/** Bytes that grow in place; 0 while they are few. */
	get inPlaceBytes(): number {
		return this.memory?.buffer.byteLength ?? 0;
	}

	private view(buffer: ArrayBuffer): void {
		this.ints = new Int32Array(buffer);
		this.doubles = new Float64Array(buffer);
	}
}
