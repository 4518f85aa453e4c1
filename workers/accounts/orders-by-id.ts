/** Ids in one block: see `Fifo`, whose blocks are for the same reason. */
const BLOCK = 256;

interface Block<T> {
	readonly orders: (T | undefined)[];
	count: number;
}

/** What is known of a symbol's orders, by their ids, which the engine gives one after the other. */
export class OrdersById<T> {
	private readonly blocks = new Map<number, Block<T>>();

	get(orderId: number): T | undefined {
		return this.blocks.get(Math.floor(orderId / BLOCK))?.orders[orderId % BLOCK];
	}

	set(orderId: number, order: T): void {
		const block = this.blockOf(orderId);
		const at = orderId % BLOCK;
		if (block.orders[at] === undefined) block.count += 1;
		block.orders[at] = order;
	}

	delete(orderId: number): void {
		const index = Math.floor(orderId / BLOCK);
		const block = this.blocks.get(index);
		const at = orderId % BLOCK;
		if (block === undefined || block.orders[at] === undefined) return;
		block.orders[at] = undefined;
		block.count -= 1;
		if (block.count === 0) this.blocks.delete(index);
	}

	/** How many blocks it takes. */
	get blockCount(): number {
		return this.blocks.size;
	}

	private blockOf(orderId: number): Block<T> {
		const index = Math.floor(orderId / BLOCK);
		let block = this.blocks.get(index);
		if (block === undefined) {
			block = { orders: new Array<T | undefined>(BLOCK).fill(undefined), count: 0 };
			this.blocks.set(index, block);
		}
		return block;
	}
}
