import type { RestingOrder } from "./book.ts";
import { ByteWriter } from "./byte-writer.ts";
import { NO_ORDER, writeOrder } from "./snapshot.ts";

/** Of the snapshot, a market: what stands before its orders, and these; or what stands alone. */
export interface FrozenPart {
	readonly head: Uint8Array;
	readonly orders: Iterable<RestingOrder> | null;
}

/** The state of an engine at one moment. What is applied to the engine after it does not change it. */
export class FrozenState {
	private readonly parts: readonly FrozenPart[];

	constructor(parts: readonly FrozenPart[]) {
		this.parts = parts;
	}

	/**
	 * The bytes of the snapshot, in pieces of at most so many orders: each is written when it is asked for. To be asked
	 * for once.
	 */
	*pieces(ordersInPiece = Number.POSITIVE_INFINITY): IterableIterator<Uint8Array> {
		const to = new ByteWriter();
		for (const { head, orders } of this.parts) {
			yield head;
			if (orders === null) continue;
			let left = ordersInPiece;
			for (const order of orders) {
				if (left === 0) {
					yield to.take();
					left = ordersInPiece;
				}
				writeOrder(order, to);
				left -= 1;
			}
			to.number(NO_ORDER);
			yield to.take();
		}
	}
}
