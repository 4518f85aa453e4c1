/**
 * The words of an order, as small integers: they are what the engine keeps in typed arrays and what
 * events carry. Binance's spellings of them exist at the edge only.
 */

export const Side = { Buy: 0, Sell: 1 } as const;
export type Side = (typeof Side)[keyof typeof Side];

export const OrderType = {
	Limit: 0,
	Market: 1,
	/** Post-only: rejected when it would take. */
	LimitMaker: 2,
	StopLoss: 3,
	StopLossLimit: 4,
	TakeProfit: 5,
	TakeProfitLimit: 6,
} as const;
export type OrderType = (typeof OrderType)[keyof typeof OrderType];

export const TimeInForce = { Gtc: 0, Ioc: 1, Fok: 2 } as const;
export type TimeInForce = (typeof TimeInForce)[keyof typeof TimeInForce];

/** Self-trade prevention. The incoming order's mode rules; Transfer needs both sides to say it. */
export const StpMode = {
	None: 0,
	ExpireMaker: 1,
	ExpireTaker: 2,
	ExpireBoth: 3,
	Decrement: 4,
	Transfer: 5,
} as const;
export type StpMode = (typeof StpMode)[keyof typeof StpMode];

export const SymbolState = { Trading: 0, Halt: 1, CancelOnly: 2, Break: 3 } as const;
export type SymbolState = (typeof SymbolState)[keyof typeof SymbolState];

export const OrderStatus = {
	/** Its command is in the log (or on the way); the engine has not answered. */
	Pending: 0,
	New: 1,
	PartiallyFilled: 2,
	Filled: 3,
	Canceled: 4,
	Rejected: 5,
	Expired: 6,
	/** Ended by self-trade prevention. */
	ExpiredInMatch: 7,
} as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

/** Why an order expired; the `reason` of OrderExpired. */
export const ExpiryReason = {
	None: 0,
	UnfilledIoc: 1,
	UnfilledFok: 2,
	/** A market order (or triggered stop-market) found no more to fill, or its budget was used up. */
	InsufficientLiquidity: 3,
	SelfTradePrevention: 4,
} as const;
export type ExpiryReason = (typeof ExpiryReason)[keyof typeof ExpiryReason];

export const CancelRestriction = { None: 0, OnlyNew: 1, OnlyPartiallyFilled: 2 } as const;
export type CancelRestriction = (typeof CancelRestriction)[keyof typeof CancelRestriction];

export const CancelReplaceMode = { StopOnFailure: 0, AllowFailure: 1 } as const;
export type CancelReplaceMode = (typeof CancelReplaceMode)[keyof typeof CancelReplaceMode];

/** True for the four types that wait for a trigger price. */
export function isStopType(type: OrderType): boolean {
	return type >= OrderType.StopLoss;
}

/** True for the types that carry a limit price. */
export function hasLimitPrice(type: OrderType): boolean {
	return (
		type === OrderType.Limit ||
		type === OrderType.LimitMaker ||
		type === OrderType.StopLossLimit ||
		type === OrderType.TakeProfitLimit
	);
}

/**
 * True when the trigger lies above the market: buy stops and sell take-profits wait for a rise,
 * the other two for a fall.
 */
export function triggersOnRise(type: OrderType, side: Side): boolean {
	const stop = type === OrderType.StopLoss || type === OrderType.StopLossLimit;
	return stop === (side === Side.Buy);
}
