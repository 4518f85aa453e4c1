import type { CancelReplace } from "../schemas/command.ts";
import { CancelReplaceMode, Side, SymbolState } from "../schemas/order.ts";
import { Rejection } from "../schemas/rejection.ts";
import { formRejection } from "./admission.ts";
import type { Market } from "./market.ts";

/**
 * Cancels one order and places another. What can be said of the command without looking at the book
 * refuses both parts; after that the cancel stands, whatever becomes of the new order.
 */
export function cancelReplace(market: Market, command: CancelReplace): void {
	const refused = refusalOfBoth(market, command);
	if (refused !== Rejection.None) {
		answer(market, command, refused, 0, refused);
		return;
	}
	const { cancelOrderId, cancelRestriction, userId } = command;
	const cancelReason = market.cancelRejection(cancelOrderId, userId, cancelRestriction);
	if (cancelReason !== Rejection.None && command.mode === CancelReplaceMode.StopOnFailure) {
		answer(market, command, cancelReason, 0, Rejection.NotAttempted);
		return;
	}
	let released = 0;
	if (cancelReason === Rejection.None) {
		released = releasedBy(market, command);
		market.takeOut(cancelOrderId);
	}
	const covered = isCovered(command, released, unitOf(market, command.side));
	const newReason = covered ? market.marketRejection(command) : Rejection.HoldTooSmall;
	if (newReason !== Rejection.None) {
		answer(market, command, cancelReason, 0, newReason);
		return;
	}
	const orderId = market.nextOrderId();
	const oldOrderId = cancelReason === Rejection.None ? cancelOrderId : 0;
	market.tape.replacing(orderId, userId, oldOrderId);
	market.start(orderId, userId, command);
	answer(market, command, cancelReason, orderId, Rejection.None);
}

/** State and form: known before anything is touched. */
function refusalOfBoth(market: Market, command: CancelReplace): Rejection {
	if (market.rules.state !== SymbolState.Trading) return Rejection.MarketClosed;
	return formRejection(command, command.userId, market.rules);
}

/** What the old order's cancel frees for the new one, in tick-lots or lots: nothing across sides. */
function releasedBy(market: Market, command: CancelReplace): number {
	const old = market.openOrder(command.cancelOrderId);
	return old.side === command.side ? old.held : 0;
}

/** Smallest units in a tick-lot, which a buy holds, or in a lot. */
function unitOf({ rules }: Market, side: Side): number {
	return side === Side.Buy ? rules.quoteUnitsPerTickLot : rules.baseUnitsPerLot;
}

/** Whether the stamped hold and what was released, of this many units each, make up the need. */
function isCovered({ hold, needAmount }: CancelReplace, released: number, unit: number): boolean {
	const need = Number(needAmount);
	const stamped = Number(hold.amount);
	// Exact: a product that is not, is beyond every safe integer. And nothing is allocated.
	if (Number.isSafeInteger(need) && Number.isSafeInteger(stamped)) {
		return released * unit >= need - stamped;
	}
	return BigInt(released) * BigInt(unit) >= needAmount - hold.amount;
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
