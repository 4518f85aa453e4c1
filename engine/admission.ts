import type { NewOrder } from "../schemas/command.ts";
import {
	hasLimitPrice,
	isStopType,
	OrderType,
	Side,
	StpMode,
	SymbolState,
	TimeInForce,
	triggersOnRise,
} from "../schemas/order.ts";
import { Rejection } from "../schemas/rejection.ts";
import type { MarketRules } from "./market-rules.ts";

const MAX_U32 = 0xffff_ffff;
const MAX_FEE_PPM = 1_000_000;

/**
 * What is wrong with a new order by itself and against the symbol's numbers: InvalidOrder before
 * OutOfRange. None when nothing is.
 */
export function formRejection(order: NewOrder, userId: number, rules: MarketRules): Rejection {
	if (!isWellFormed(order, userId)) return Rejection.InvalidOrder;
	return isWithin(order, rules) ? Rejection.None : Rejection.OutOfRange;
}

/** A new order and whose it is. */
export type UsersOrder = NewOrder & { readonly userId: number };

/**
 * Whether an order is a plain limit order in all that `formRejection` asks, of numbers below 2^31: what
 * most orders are, seen at one go. False says nothing: such an order goes the long way.
 */
export function isPlainLimit(o: UsersOrder, rules: MarketRules): boolean {
	return hasPlainParts(o) && hasPlainNumbers(o) && isPlainlyWithin(o, rules);
}

// Three small functions rather than one: they are compiled into the place where they are called.
function hasPlainParts(o: UsersOrder): boolean {
	const { side, timeInForce, stpMode } = o;
	return (
		o.type === OrderType.Limit &&
		!o.byQuote &&
		o.displayLots === 0 &&
		o.capTickLots === 0 &&
		(side === Side.Buy || side === Side.Sell) &&
		(timeInForce | 0) === timeInForce &&
		timeInForce >>> 0 <= TimeInForce.Fok &&
		(stpMode | 0) === stpMode &&
		stpMode >>> 0 <= StpMode.Transfer
	);
}

function hasPlainNumbers(o: UsersOrder): boolean {
	const { userId, makerFeePpm, takerFeePpm } = o;
	return (
		(userId | 0) === userId &&
		userId > 0 &&
		(makerFeePpm | 0) === makerFeePpm &&
		makerFeePpm >>> 0 <= MAX_FEE_PPM &&
		(takerFeePpm | 0) === takerFeePpm &&
		takerFeePpm >>> 0 <= MAX_FEE_PPM
	);
}

function isPlainlyWithin(o: UsersOrder, rules: MarketRules): boolean {
	const { priceTicks, qtyLots } = o;
	const { tickTicks, stepLots } = rules;
	return (
		(priceTicks | 0) === priceTicks &&
		priceTicks > 0 &&
		priceTicks <= rules.maxPriceTicks &&
		(qtyLots | 0) === qtyLots &&
		qtyLots > 0 &&
		qtyLots <= rules.maxQtyLots &&
		(tickTicks <= 1 || priceTicks % tickTicks === 0) &&
		(stepLots <= 1 || qtyLots % stepLots === 0)
	);
}

/** Whether a symbol's state takes cancels. */
export function takesCancels(state: SymbolState): boolean {
	return state === SymbolState.Trading || state === SymbolState.CancelOnly;
}

/** Whether the last price is already at or beyond a stop's trigger; 0 is no last price. */
export function hasTriggered(order: NewOrder, lastTicks: number): boolean {
	if (lastTicks === 0) return false;
	return triggersOnRise(order.type, order.side)
		? lastTicks >= order.stopPriceTicks
		: lastTicks <= order.stopPriceTicks;
}

function isWellFormed(o: NewOrder, userId: number): boolean {
	if (!isWhole(userId, 1, MAX_U32)) return false;
	if (!isWhole(o.side, Side.Buy, Side.Sell)) return false;
	if (!isWhole(o.type, OrderType.Limit, OrderType.TakeProfitLimit)) return false;
	if (!isWhole(o.timeInForce, TimeInForce.Gtc, TimeInForce.Fok)) return false;
	if (!isWhole(o.stpMode, StpMode.None, StpMode.Transfer)) return false;
	if (!isWhole(o.makerFeePpm, 0, MAX_FEE_PPM) || !isWhole(o.takerFeePpm, 0, MAX_FEE_PPM)) {
		return false;
	}
	return hasGoodPrices(o) && hasGoodQuantity(o) && hasGoodDisplay(o);
}

function hasGoodPrices(o: NewOrder): boolean {
	if (hasLimitPrice(o.type) && !isWhole(o.priceTicks, 1, Number.MAX_SAFE_INTEGER)) return false;
	return !isStopType(o.type) || isWhole(o.stopPriceTicks, 1, Number.MAX_SAFE_INTEGER);
}

/** A limit order has no cap; a market buy, stop-market or not, must have one. */
function hasGoodQuantity(o: NewOrder): boolean {
	if (!isWhole(o.capTickLots, 0, Number.MAX_SAFE_INTEGER)) return false;
	if (hasLimitPrice(o.type)) {
		if (o.capTickLots !== 0) return false;
	} else if ((o.side === Side.Buy || o.byQuote) && o.capTickLots === 0) {
		return false;
	}
	if (!o.byQuote) return isWhole(o.qtyLots, 1, Number.MAX_SAFE_INTEGER);
	if (o.type !== OrderType.Market) return false;
	return o.side === Side.Buy ? o.qtyLots === 0 : isWhole(o.qtyLots, 1, Number.MAX_SAFE_INTEGER);
}

/** Only an order that can rest may hide a part of itself. */
function hasGoodDisplay(o: NewOrder): boolean {
	if (o.displayLots === 0) return true;
	if (!hasLimitPrice(o.type)) return false;
	if (o.timeInForce !== TimeInForce.Gtc && o.type !== OrderType.LimitMaker) return false;
	return isWhole(o.displayLots, 1, o.qtyLots);
}

function isWithin(o: NewOrder, rules: MarketRules): boolean {
	if (hasLimitPrice(o.type) && !isOnGrid(o.priceTicks, rules.maxPriceTicks, rules.tickTicks)) {
		return false;
	}
	if (isStopType(o.type) && !isOnGrid(o.stopPriceTicks, rules.maxPriceTicks, rules.tickTicks)) {
		return false;
	}
	// What a quote-amount order holds is worked out from its amount: it keeps the maximum, no step.
	if (o.byQuote) return o.qtyLots <= rules.maxQtyLots;
	return (
		isOnGrid(o.qtyLots, rules.maxQtyLots, rules.stepLots) &&
		isOnGrid(o.displayLots, rules.maxQtyLots, rules.stepLots)
	);
}

/** Whether a number is at most `max` and a multiple of `step`; a step of 0 asks for none. */
export function isOnGrid(n: number, max: number, step: number): boolean {
	return n <= max && (step <= 1 || n % step === 0);
}

export function isWhole(n: number, min: number, max: number): boolean {
	// Most numbers are small: told apart without a call.
	return n >= min && n <= max && ((n | 0) === n || Number.isSafeInteger(n));
}
