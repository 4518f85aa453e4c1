import type { NewOrder } from "../../schemas/command.ts";
import { triggersOnRise } from "../../schemas/order.ts";

/** An open order, as far as its triggering goes. */
export interface PerhapsStop {
	readonly orderId: number;
	readonly order: NewOrder;
	/** A stop that has not triggered. */
	readonly waits: boolean;
}

/**
 * What is wrong with a stop's triggering now: of those open it must be the one that the last price has passed by
 * furthest, then the oldest. Null when nothing is.
 */
export function faultOfTurn(
	stop: PerhapsStop,
	open: Iterable<PerhapsStop>,
	lastTicks: number,
): string | null {
	const passed = passedBy(stop, lastTicks);
	if (passed < 0) return `order ${stop.orderId} triggers before its price`;
	for (const other of open) {
		if (!other.waits) continue;
		const by = passedBy(other, lastTicks);
		if (by < passed || (by === passed && other.orderId > stop.orderId)) continue;
		return `order ${other.orderId} is to trigger before ${stop.orderId}`;
	}
	return null;
}

/** The first that still waits after a command though its price was reached; null when there is none. */
export function faultOfWaiting(open: Iterable<PerhapsStop>, lastTicks: number): string | null {
	for (const order of open) {
		if (!order.waits || passedBy(order, lastTicks) < 0) continue;
		return `order ${order.orderId} waits, and its price was reached`;
	}
	return null;
}

/** How far the last price is beyond a stop's, in ticks; negative before it is reached. */
function passedBy({ order }: PerhapsStop, lastTicks: number): number {
	const beyond = lastTicks - order.stopPriceTicks;
	return triggersOnRise(order.type, order.side) ? beyond : -beyond;
}
