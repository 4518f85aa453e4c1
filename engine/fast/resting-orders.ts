import type { Side, StpMode } from "../../schemas/order.ts";
import type { RestingOrder } from "../book.ts";
import {
	ASIDE,
	FEE_MASK,
	type OrderRecords,
	STP_MASK,
	STP_SHIFT,
	TRADED,
} from "./order-records.ts";

/** A side's levels, best price first: their prices in ticks, and the oldest order of each. */
export interface Queues {
	readonly side: Side;
	readonly prices: readonly number[];
	readonly heads: readonly number[];
}

/** The orders of some queues, one after the other, as they stand in the records. */
export function* restingOrders(
	records: OrderRecords,
	queues: readonly Queues[],
): IterableIterator<RestingOrder> {
	for (const { side, prices, heads } of queues) {
		for (const [i, head] of heads.entries()) {
			const price = prices[i] as number;
			for (let slot = head; slot !== 0; slot = records.next(slot)) {
				yield view(records, slot, side, price);
			}
		}
	}
}

function view(records: OrderRecords, slot: number, side: Side, priceTicks: number): RestingOrder {
	const flags = records.flags(slot);
	return {
		orderId: records.id(slot),
		userId: records.user(slot),
		side,
		priceTicks,
		qtyLots: records.qty(slot),
		leavesLots: records.leaves(slot),
		visibleLots: records.visible(slot),
		displayLots: (flags & ASIDE) === 0 ? 0 : records.aside(slot).displayLots,
		stpMode: ((flags >>> STP_SHIFT) & STP_MASK) as StpMode,
		makerFeePpm: flags & FEE_MASK,
		traded: (flags & TRADED) !== 0,
	};
}
