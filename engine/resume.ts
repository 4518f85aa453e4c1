import type { ResumeMarket, ResumePartition } from "../schemas/command.ts";
import { hasLimitPrice, isStopType, Side, StpMode } from "../schemas/order.ts";
import { isWaiting, leavesLots, type OrderState } from "../schemas/order-state.ts";
import { Rejection } from "../schemas/rejection.ts";
import { isWhole } from "./admission.ts";
import { type Desk, type Market, stopOf } from "./market.ts";
import type { Registry } from "./registry.ts";

/**
 * How a log goes on from one that was lost: the numbers that are used up first, then every open order in
 * the order of the ids. Each is rejected rather than done to a partition or a market that lives already.
 */

/** None, or why the partition cannot go on from there: something has happened in it. */
export function resumePartition(
	desk: Desk,
	registry: Registry,
	{ lastOrderId }: ResumePartition,
): Rejection {
	const isNew =
		desk.lastOrderId === 0 && registry.assets.length === 0 && registry.symbols.length === 0;
	if (!isNew || !isWhole(lastOrderId, 0, Number.MAX_SAFE_INTEGER)) return Rejection.InvalidCommand;
	desk.lastOrderId = lastOrderId;
	return Rejection.None;
}

/** None, or why the market cannot go on from there: it has an order, or had one. */
export function resumeMarket(
	market: Market | undefined,
	{ lastId, lastTicks }: ResumeMarket,
): Rejection {
	if (market === undefined) return Rejection.UnknownSymbol;
	const { tape, stops, rules } = market;
	const isNew = tape.updateId === 0 && tape.tradeId === 0 && stops.count === 0;
	const isValid =
		isWhole(lastId, 0, Number.MAX_SAFE_INTEGER) && isWhole(lastTicks, 0, rules.maxPriceTicks);
	if (!isNew || !isValid) return Rejection.InvalidCommand;
	tape.tradeId = lastId;
	tape.preventedMatchId = lastId;
	tape.updateId = lastId;
	tape.lastTicks = lastTicks;
	return Rejection.None;
}

/**
 * Puts an order back behind those that were put back before it; writes its level's change. None, or why
 * it cannot be one of this book: nothing is written then.
 */
export function restoreOrder(market: Market | undefined, desk: Desk, order: OrderState): Rejection {
	if (market === undefined) return Rejection.UnknownSymbol;
	const { book, stops, tape } = market;
	if (!canBeOpen(order, desk.lastOrderId, market)) return Rejection.InvalidOrder;
	if (book.find(order.orderId) !== 0 || stops.get(order.orderId) !== undefined) {
		return Rejection.InvalidOrder;
	}
	if (isWaiting(order)) {
		stops.add(stopOf(order.orderId, order.userId, order));
		return Rejection.None;
	}
	if (market.reaches(order)) return Rejection.WouldTake;
	const shown = book.rest(
		order.orderId,
		order.userId,
		order.side,
		order.priceTicks,
		order.qtyLots,
		leavesLots(order),
		order.displayLots,
		order.stpMode,
		order.makerFeePpm,
		order.cumQtyLots > 0,
	);
	tape.levelChanged(order.side, order.priceTicks, shown);
	return Rejection.None;
}

/** Steps are not asked for: they may have changed since it was placed. */
function canBeOpen(order: OrderState, lastOrderId: number, { rules }: Market): boolean {
	const { type, qtyLots } = order;
	const left = leavesLots(order);
	if (!isWhole(order.orderId, 1, lastOrderId) || !isWhole(order.userId, 1, 0xffff_ffff))
		return false;
	if (!isWhole(order.side, Side.Buy, Side.Sell)) return false;
	if (!isWhole(order.stpMode, StpMode.None, StpMode.Transfer)) return false;
	if (!isWhole(order.makerFeePpm, 0, 1_000_000)) return false;
	if (!isWhole(qtyLots, 1, rules.maxQtyLots) || !isWhole(left, 1, qtyLots)) return false;
	// An amend may have left less than it shows.
	if (!isWhole(order.displayLots, 0, rules.maxQtyLots)) return false;
	if (hasLimitPrice(type) && !isWhole(order.priceTicks, 1, rules.maxPriceTicks)) return false;
	if (!isWaiting(order)) return hasLimitPrice(type);
	return (
		isStopType(type) && left === qtyLots && isWhole(order.stopPriceTicks, 1, rules.maxPriceTicks)
	);
}
