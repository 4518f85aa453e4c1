import type { CancelReplace } from "../schemas/command.ts";
import { EventKind } from "../schemas/event.ts";
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
	let have = command.hold.amount;
	if (cancelReason === Rejection.None) {
		have += releasedFor(market, command);
		market.takeOut(cancelOrderId);
	}
	const newReason =
		have < command.needAmount ? Rejection.HoldTooSmall : market.marketRejection(command);
	if (newReason !== Rejection.None) {
		answer(market, command, cancelReason, 0, newReason);
		return;
	}
	const orderId = market.nextOrderId();
	const oldOrderId = cancelReason === Rejection.None ? cancelOrderId : 0;
	const { symbolId } = market.rules;
	const kind = EventKind.OrderReplacing;
	market.tape.out.push({ kind, symbolId, orderId, userId, oldOrderId });
	market.start(orderId, userId, command);
	answer(market, command, cancelReason, orderId, Rejection.None);
}

/** State and form: known before anything is touched. */
function refusalOfBoth(market: Market, command: CancelReplace): Rejection {
	if (market.rules.state !== SymbolState.Trading) return Rejection.MarketClosed;
	return formRejection(command, command.userId, market.rules);
}

/** What the old order's cancel frees for the new one, in smallest units: nothing across sides. */
function releasedFor(market: Market, command: CancelReplace): bigint {
	const old = market.openOrder(command.cancelOrderId);
	if (old.side !== command.side) return 0n;
	const { quoteUnitsPerTickLot, baseUnitsPerLot } = market.rules;
	const unit = old.side === Side.Buy ? quoteUnitsPerTickLot : baseUnitsPerLot;
	return BigInt(old.held) * BigInt(unit);
}

function answer(
	market: Market,
	command: CancelReplace,
	cancelReason: Rejection,
	newOrderId: number,
	newReason: Rejection,
): void {
	market.tape.out.push({
		kind: EventKind.CancelReplaceAnswered,
		symbolId: command.symbolId,
		userId: command.userId,
		oldOrderId: command.cancelOrderId,
		cancelReason,
		newOrderId,
		newReason,
	});
}
