import type {
	CancelReplaceMode,
	CancelRestriction,
	ExpiryReason,
	OrderType,
	Side,
	StpMode,
	SymbolState,
	TimeInForce,
} from "../order.ts";

/**
 * Binance's spelling of the words of an order. Each list is indexed by the number of the word:
 * `SIDE_NAMES[Side.Sell]` is "SELL". The lists are closed: clients refuse a word that is not
 * documented, so nothing is invented here.
 */

export const SIDE_NAMES = ["BUY", "SELL"] as const;

export const ORDER_TYPE_NAMES = [
	"LIMIT",
	"MARKET",
	"LIMIT_MAKER",
	"STOP_LOSS",
	"STOP_LOSS_LIMIT",
	"TAKE_PROFIT",
	"TAKE_PROFIT_LIMIT",
] as const;

export const TIME_IN_FORCE_NAMES = ["GTC", "IOC", "FOK"] as const;

export const STP_MODE_NAMES = [
	"NONE",
	"EXPIRE_MAKER",
	"EXPIRE_TAKER",
	"EXPIRE_BOTH",
	"DECREMENT",
	"TRANSFER",
] as const;

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

export const SYMBOL_STATE_NAMES = ["TRADING", "HALT", "CANCEL_ONLY", "BREAK"] as const;
export type SymbolStateName = (typeof SYMBOL_STATE_NAMES)[number];

/**
 * Self-trade prevention has no reason of its own there: the status EXPIRED_IN_MATCH says it. Where there is
 * none, the key is left out.
 */
const EXPIRY_REASON_NAMES = [
	undefined,
	"UNFILLED_IOC_QUANTITY_EXPIRED",
	"UNFILLED_FOK_ORDER_EXPIRED",
	"INSUFFICIENT_LIQUIDITY",
	undefined,
] as const;

/** cancelRestrictions; the absence of the parameter is CancelRestriction.None. */
const CANCEL_RESTRICTION_NAMES = ["", "ONLY_NEW", "ONLY_PARTIALLY_FILLED"] as const;

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
	return EXPIRY_REASON_NAMES[reason];
}

/** A word's number is its place in its list. */
function wordOf<Word extends number>(names: readonly string[], name: string): Word | undefined {
	const at = names.indexOf(name);
	return at < 0 ? undefined : (at as Word);
}
