import { hasLimitPrice, OrderType, Side, TimeInForce } from "../../schemas/order.ts";
import { isWaiting, leavesLots, type OrderState } from "../../schemas/order-state.ts";
import type { EndedOrder } from "./plan.ts";
import type { RecoveryMoment } from "./recovered-shard.ts";

/** Best prices of one symbol; 0 where the side is empty. */
interface Best {
	bid: number;
	ask: number;
}

/**
 * Puts orders into empty books, one after the other, and tells which of them cannot be there: an order
 * that would take (the one it would have met has been filled or is gone, nobody knows which), and one that
 * was on its way through the book when the order log saw it last.
 */
export function restartedBook(
	orders: readonly OrderState[],
	{ specOf }: Pick<RecoveryMoment, "specOf">,
): EndedOrder[] {
	const best = new Map<number, Best>();
	const ended: EndedOrder[] = [];
	for (const order of orders) {
		const { symbolId } = order;
		const book = best.get(symbolId) ?? { bid: 0, ask: 0 };
		best.set(symbolId, book);
		const why = specOf(symbolId) === undefined ? "its symbol is not known" : refusal(order, book);
		if (why !== null) ended.push({ order, why });
		else if (!isWaiting(order)) rest(order, book);
	}
	return ended;
}

function refusal(order: OrderState, { bid, ask }: Best): EndedOrder["why"] | null {
	if (isWaiting(order)) return null;
	const lasts = order.timeInForce === TimeInForce.Gtc || order.type === OrderType.LimitMaker;
	const canRest = hasLimitPrice(order.type) && lasts && leavesLots(order) > 0;
	if (!canRest) return "it was being matched";
	const takes =
		order.side === Side.Buy ? ask !== 0 && ask <= order.priceTicks : bid >= order.priceTicks;
	return takes ? "it would take" : null;
}

function rest({ side, priceTicks }: OrderState, book: Best): void {
	if (side === Side.Buy) book.bid = Math.max(book.bid, priceTicks);
	else book.ask = book.ask === 0 ? priceTicks : Math.min(book.ask, priceTicks);
}
