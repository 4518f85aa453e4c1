import { invariant } from "../schemas/invariant.ts";
import {
	type OrderType,
	type Side,
	type StpMode,
	type TimeInForce,
	triggersOnRise,
} from "../schemas/order.ts";

/** An open stop or take-profit order. Nothing of it fills before it triggers: all of it is left. */
export interface StopOrder {
	readonly orderId: number;
	readonly userId: number;
	readonly side: Side;
	readonly type: OrderType;
	readonly timeInForce: TimeInForce;
	/** 0 for the market types. */
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly capTickLots: number;
	readonly stopPriceTicks: number;
	readonly displayLots: number;
	readonly stpMode: StpMode;
	readonly makerFeePpm: number;
	readonly takerFeePpm: number;
}

/**
 * The stops of one symbol that wait. The next to trigger is the one the last price has passed by
 * furthest (of those on one side of the market: the one it reached first), then the oldest.
 */
export class Stops {
	/** How many wait. */
	count = 0;
	private readonly byId = new Map<number, StopOrder>();
	/** Each in the order of triggering: a rise reaches low prices first, a fall high ones. */
	private readonly onRise: StopOrder[] = [];
	private readonly onFall: StopOrder[] = [];

	add(order: StopOrder): void {
		invariant(!this.byId.has(order.orderId), "an order waits once");
		this.byId.set(order.orderId, order);
		this.count += 1;
		const queue = this.queueOf(order);
		queue.splice(position(queue, order), 0, order);
	}

	get(orderId: number): StopOrder | undefined {
		// Every cancel and amend asks; most markets have few stops or none.
		if (this.count === 0) return undefined;
		return this.byId.get(orderId);
	}

	remove(order: StopOrder): void {
		const queue = this.queueOf(order);
		const at = position(queue, order);
		invariant(queue[at]?.orderId === order.orderId, "a stop is where its price says");
		queue.splice(at, 1);
		this.byId.delete(order.orderId);
		this.count -= 1;
	}

	/** Replaces an order by one with another total. */
	resize(order: StopOrder, qtyLots: number): void {
		const resized = { ...order, qtyLots };
		const queue = this.queueOf(order);
		queue[position(queue, order)] = resized;
		this.byId.set(order.orderId, resized);
	}

	/** The next order that a last price triggers; undefined when there is none. */
	next(lastTicks: number): StopOrder | undefined {
		const rise = this.onRise[0];
		const fall = this.onFall[0];
		const risen = rise !== undefined && rise.stopPriceTicks <= lastTicks ? rise : undefined;
		const fallen = fall !== undefined && fall.stopPriceTicks >= lastTicks ? fall : undefined;
		if (risen === undefined || fallen === undefined) return risen ?? fallen;
		const byRise = lastTicks - risen.stopPriceTicks;
		const byFall = fallen.stopPriceTicks - lastTicks;
		if (byRise !== byFall) return byRise > byFall ? risen : fallen;
		return risen.orderId < fallen.orderId ? risen : fallen;
	}

	/** A user's order ids, ascending. */
	idsOf(userId: number): number[] {
		const ids: number[] = [];
		for (const order of this.byId.values()) if (order.userId === userId) ids.push(order.orderId);
		return ids.sort((a, b) => a - b);
	}

	/** All of them: those that wait for a rise, then for a fall, each in the order of triggering. */
	orders(): Iterable<StopOrder> {
		return [...this.onRise, ...this.onFall];
	}

	private queueOf(order: StopOrder): StopOrder[] {
		return triggersOnRise(order.type, order.side) ? this.onRise : this.onFall;
	}
}

/** Where an order is in a queue, or belongs. */
function position(queue: readonly StopOrder[], order: StopOrder): number {
	const rises = triggersOnRise(order.type, order.side);
	let low = 0;
	let high = queue.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		const other = queue[middle] as StopOrder;
		const ahead =
			other.stopPriceTicks === order.stopPriceTicks
				? other.orderId < order.orderId
				: other.stopPriceTicks < order.stopPriceTicks === rises;
		if (ahead) low = middle + 1;
		else high = middle;
	}
	return low;
}
