import type { CancelReplace } from "../schemas/command.ts";
import {
	CancelReplaceMode,
	CancelRestriction,
	hasLimitPrice,
	Side,
	SymbolState,
} from "../schemas/order.ts";
import { Rejection } from "../schemas/rejection.ts";
import { formRejection, isPlainLimit } from "./admission.ts";
import type { Market } from "./market.ts";

/**
 * Cancels one order and places another. What can be said of the command without looking at the book
 * refuses both parts; after that the cancel stands, whatever becomes of the new order.
 */
export function cancelReplace(market: Market, command: CancelReplace): void {
	const { book, rules, tape } = market;
	const { cancelOrderId, userId } = command;
	const plain = rules.state === SymbolState.Trading && isPlainLimit(command, rules);
	const refused = plain ? Rejection.None : refusalOfBoth(market, command);
	if (refused !== Rejection.None) {
		answer(market, command, refused, 0, refused);
		return;
	}
	let cancelReason: Rejection = Rejection.None;
	let released = 0;
	const handle = book.find(cancelOrderId);
	const free = command.cancelRestriction === CancelRestriction.None;
	if (free && handle !== 0 && book.ownerAt(handle) === userId) {
		// The plainest of cancels, without another look at anything.
		released = releasedAt(market, handle, command.side);
		book.takeOut(handle, tape);
	} else {
		cancelReason = market.cancelRejection(cancelOrderId, userId, command.cancelRestriction);
		if (cancelReason === Rejection.None) {
			released = releasedBy(market, command);
			market.takeOut(cancelOrderId);
		} else if (command.mode === CancelReplaceMode.StopOnFailure) {
			answer(market, command, cancelReason, 0, Rejection.NotAttempted);
			return;
		}
	}
	const newReason = newRejection(market, command, released, plain);
	if (newReason !== Rejection.None) {
		answer(market, command, cancelReason, 0, newReason);
		return;
	}
	const orderId = market.nextOrderId();
	tape.replacing(orderId, userId, cancelReason === Rejection.None ? cancelOrderId : 0);
	if (plain && market.restsAtOnce(command)) {
		const shown = book.restWhole(orderId, command);
		tape.levelChanged(command.side, command.priceTicks, shown);
	} else {
		market.start(orderId, userId, command);
	}
	answer(market, command, cancelReason, orderId, Rejection.None);
}

/** State and form: known before anything is touched. */
function refusalOfBoth(market: Market, command: CancelReplace): Rejection {
	if (market.rules.state !== SymbolState.Trading) return Rejection.MarketClosed;
	return formRejection(command, command.userId, market.rules);
}

/** Why the new order is refused once the old one is gone. */
function newRejection(
	market: Market,
	command: CancelReplace,
	released: number,
	plain: boolean,
): Rejection {
	if (!isCovered(command, released, unitOf(market, command.side))) return Rejection.HoldTooSmall;
	return plain ? Rejection.None : market.marketRejection(command);
}

/** What the old order's cancel frees for the new one, in tick-lots or lots: nothing across sides. */
function releasedBy(market: Market, { cancelOrderId, side }: CancelReplace): number {
	const stop = market.stops.get(cancelOrderId);
	if (stop === undefined) return releasedAt(market, market.book.find(cancelOrderId), side);
	if (stop.side !== side) return 0;
	if (stop.side === Side.Sell) return stop.qtyLots;
	return hasLimitPrice(stop.type) ? stop.priceTicks * stop.qtyLots : stop.capTickLots;
}

/** The same of an order that rests. */
function releasedAt({ book }: Market, handle: number, side: Side): number {
	if (book.sideAt(handle) !== side) return 0;
	const leavesLots = book.leavesAt(handle);
	return side === Side.Buy ? book.priceAt(handle) * leavesLots : leavesLots;
}

/** Smallest units in a tick-lot, which a buy holds, or in a lot. */
function unitOf({ rules }: Market, side: Side): number {
	return side === Side.Buy ? rules.quoteUnitsPerTickLot : rules.baseUnitsPerLot;
}

/** Whether the stamped hold and what was released, of this many units each, make up the need. */
function isCovered(command: CancelReplace, released: number, unit: number): boolean {
	const { releaseNeeded } = command;
	// Exact: a product that is not, is beyond every safe integer.
	if (releaseNeeded !== undefined && releaseNeeded <= Number.MAX_SAFE_INTEGER) {
		return released * unit >= releaseNeeded;
	}
	return BigInt(released) * BigInt(unit) >= command.needAmount - command.hold.amount;
}

function answer(
	market: Market,
	command: CancelReplace,
	cancelReason: Rejection,
	newOrderId: number,
	newReason: Rejection,
): void {
	const { userId, cancelOrderId } = command;
	market.tape.replaceAnswered(userId, cancelOrderId, cancelReason, newOrderId, newReason);
}
