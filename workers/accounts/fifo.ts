/** First in, first out, without moving what stays: the hot path's queues are long. */
export class Fifo<T> {
	private items: T[] = [];
	private head = 0;

	get length(): number {
		return this.items.length - this.head;
	}

	push(item: T): void {
		this.items.push(item);
	}

	/** The oldest; undefined when empty. */
	first(): T | undefined {
		return this.items[this.head];
	}

	/** Takes the oldest. */
	shift(): T | undefined {
		const item = this.items[this.head];
		if (item === undefined) return undefined;
		this.items[this.head] = undefined as T;
		this.head += 1;
		if (this.head > 1_024 && this.head * 2 > this.items.length) {
			this.items = this.items.slice(this.head);
			this.head = 0;
		}
		return item;
	}

	/** The i-th from the oldest on. */
	at(i: number): T | undefined {
		return this.items[this.head + i];
	}
}
