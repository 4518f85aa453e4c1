/**
 * The collector looks at the whole of an array that was written to since it last ran: a long queue is many short ones,
 * of which only the two ends change.
 */
const BLOCK = 256;

/** First in, first out, without moving what stays: the hot path's queues are long. */
export class Fifo<T> {
	/** All but the last are full. */
	private readonly blocks: T[][] = [];
	/** Taken out of the first block. */
	private head = 0;
	private count = 0;

	get length(): number {
		return this.count;
	}

	push(item: T): void {
		const last = this.blocks[this.blocks.length - 1];
		if (last !== undefined && last.length < BLOCK) last.push(item);
		else this.blocks.push([item]);
		this.count += 1;
	}

	/** The oldest; undefined when empty. */
	first(): T | undefined {
		return this.blocks[0]?.[this.head];
	}

	/** Takes the oldest. */
	shift(): T | undefined {
		const block = this.blocks[0];
		if (block === undefined) return undefined;
		const item = block[this.head];
		block[this.head] = undefined as T;
		this.head += 1;
		this.count -= 1;
		if (this.head === block.length) {
			this.blocks.shift();
			this.head = 0;
		}
		return item;
	}

	/** The i-th from the oldest on. */
	at(i: number): T | undefined {
		const at = this.head + i;
		return this.blocks[Math.floor(at / BLOCK)]?.[at % BLOCK];
	}
}
