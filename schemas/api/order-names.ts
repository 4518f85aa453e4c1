import {
	type CancelReplaceMode,
	type CancelRestriction,
	ExpiryReason,
	type OrderStatus,
	type OrderType,
	type Side,
	type StpMode,
	type SymbolState,
	type TimeInForce,
} from "../order.ts";

/**
 * Binance's spelling of the words of an order. Each list is indexed by the number of the word:
 * `SIDE_NAMES[Side.Sell]` is "SELL". The lists are closed: clients refuse a word that is not
 * documented, so nothing is invented here.
 */

export const SIDE_NAMES = ["BUY", "SELL"] as const;
export type SideName = (typeof SIDE_NAMES)[number];

export const ORDER_TYPE_NAMES = [
	"LIMIT",
	"MARKET",
	"LIMIT_MAKER",
	"STOP_LOSS",
	"STOP_LOSS_LIMIT",
	"TAKE_PROFIT",
	"TAKE_PROFIT_LIMIT",
] as const;
export type OrderTypeName = (typeof ORDER_TYPE_NAMES)[number];

export const TIME_IN_FORCE_NAMES = ["GTC", "IOC", "FOK"] as const;
export type TimeInForceName = (typeof TIME_IN_FORCE_NAMES)[number];

export const STP_MODE_NAMES = [
	"NONE",
	"EXPIRE_MAKER",
	"EXPIRE_TAKER",
	"EXPIRE_BOTH",
	"DECREMENT",
	"TRANSFER",
] as const;
export type StpModeName = (typeof STP_MODE_NAMES)[number];

/** An order that the engine has not answered yet is PENDING_NEW, the one documented word for it. */
export const ORDER_STATUS_NAMES = [
	"PENDING_NEW",
	"NEW",
	"PARTIALLY_FILLED",
	"FILLED",
	"CANCELED",
	"REJECTED",
	"EXPIRED",
	"EXPIRED_IN_MATCH",
] as const;
export type OrderStatusName = (typeof ORDER_STATUS_NAMES)[number];

export const SYMBOL_STATE_NAMES = ["TRADING", "HALT", "CANCEL_ONLY", "BREAK"] as const;
export type SymbolStateName = (typeof SYMBOL_STATE_NAMES)[number];

/** Self-trade prevention has no reason of its own there: the status EXPIRED_IN_MATCH says it. */
export const EXPIRY_REASON_NAMES = [
	"NONE",
	"UNFILLED_IOC_QUANTITY_EXPIRED",
	"UNFILLED_FOK_ORDER_EXPIRED",
	"INSUFFICIENT_LIQUIDITY",
	"NONE",
] as const;

/** cancelRestrictions; the absence of the parameter is CancelRestriction.None. */
export const CANCEL_RESTRICTION_NAMES = ["", "ONLY_NEW", "ONLY_PARTIALLY_FILLED"] as const;

export const CANCEL_REPLACE_MODE_NAMES = ["STOP_ON_FAILURE", "ALLOW_FAILURE"] as const;

/** The side of that name; undefined for any other text, as for all of these. */
export function sideOf(name: string): Side | undefined {
	return wordOf<Side>(SIDE_NAMES, name);
}

export function orderTypeOf(name: string): OrderType | undefined {
	return wordOf<OrderType>(ORDER_TYPE_NAMES, name);
}

export function timeInForceOf(name: string): TimeInForce | undefined {
	return wordOf<TimeInForce>(TIME_IN_FORCE_NAMES, name);
}

export function stpModeOf(name: string): StpMode | undefined {
	return wordOf<StpMode>(STP_MODE_NAMES, name);
}

export function orderStatusOf(name: string): OrderStatus | undefined {
	return wordOf<OrderStatus>(ORDER_STATUS_NAMES, name);
}

export function symbolStateOf(name: string): SymbolState | undefined {
	return wordOf<SymbolState>(SYMBOL_STATE_NAMES, name);
}

export function cancelRestrictionOf(name: string): CancelRestriction | undefined {
	return wordOf<CancelRestriction>(CANCEL_RESTRICTION_NAMES, name);
}

export function cancelReplaceModeOf(name: string): CancelReplaceMode | undefined {
	return wordOf<CancelReplaceMode>(CANCEL_REPLACE_MODE_NAMES, name);
}

/** What `expiryReason` (`eR`) says; undefined when the key is left out. */
export function expiryReasonName(reason: ExpiryReason): string | undefined {
	if (reason === ExpiryReason.None || reason === ExpiryReason.SelfTradePrevention) return undefined;
	return EXPIRY_REASON_NAMES[reason];
}

/** A word's number is its place in its list. */
function wordOf<Word extends number>(names: readonly string[], name: string): Word | undefined {
	const at = names.indexOf(name);
	return at < 0 ? undefined : (at as Word);
}
