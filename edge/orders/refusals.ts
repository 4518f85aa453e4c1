import { invariant } from "../../schemas/invariant.ts";
import type { Refusal, RefusalReason } from "../../schemas/ports/account-service.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { ApiError } from "../api-error.ts";
import { filterFailure } from "../filters/filter-failure.ts";
import { statusUnknown } from "../http/errors.ts";

/** What was asked for: the code of a "no" depends on it. */
export type Asked = "place" | "cancel" | "amend" | "query";

type Told = (asked: Asked, refusal: Refusal) => ApiError;

/** Binance's "rejected" of each kind of call. */
const REJECTED: Readonly<Record<Asked, number>> = {
	place: -2010,
	cancel: -2011,
	amend: -2038,
	query: -2013,
};

const insufficientBalance: Told = (asked) =>
	new ApiError(REJECTED[asked], "Account has insufficient balance for requested action.");

/** Of a new order too: it is the other half of a cancel-replace. */
const unknownOrder: Told = (asked) => {
	if (asked === "query") return new ApiError(REJECTED.query, "Order does not exist.");
	return new ApiError(asked === "amend" ? REJECTED.amend : REJECTED.cancel, "Unknown order sent.");
};

function rejected(text: string): Told {
	return (asked) => new ApiError(REJECTED[asked], text);
}

function always(code: number, text: string, status = 400): Told {
	return () => new ApiError(code, text, status);
}

/** The engine's words. */
const REJECTIONS: Readonly<Record<Exclude<Rejection, 0>, Told>> = {
	[Rejection.UnknownSymbol]: always(-1121, "Invalid symbol."),
	[Rejection.MarketClosed]: rejected("Market is closed."),
	[Rejection.InvalidOrder]: always(-1013, "Invalid quantity or price."),
	[Rejection.OutOfRange]: always(-1013, "Price or quantity is outside of the symbol's range."),
	[Rejection.WouldTake]: rejected("Order would immediately match and take."),
	[Rejection.WouldTriggerImmediately]: rejected("Order would trigger immediately."),
	[Rejection.NoLiquidity]: rejected(
		"Order book liquidity is less than LOT_SIZE filter minimum quantity.",
	),
	[Rejection.UnknownOrder]: unknownOrder,
	[Rejection.CancelRestricted]: always(-2011, "Order was not canceled due to cancel restrictions."),
	[Rejection.AmendNotReducing]: (_asked, { detail = "quantity increase" }) =>
		new ApiError(-2038, `Order amend (${detail}) is not supported.`),
	[Rejection.HoldTooSmall]: insufficientBalance,
	[Rejection.NotAttempted]: rejected("This order was not attempted."),
	[Rejection.InvalidCommand]: always(-1013, "Invalid message."),
	[Rejection.EngineFault]: rejected("Market is closed."),
};

/**
 * The account worker's words. A signature that comes again is answered with -1022, not -1021: clients
 * answer the latter by setting their clock and sending the order once more.
 */
const REASONS: Readonly<Record<RefusalReason, Told>> = {
	rejected: (asked, refusal) => {
		const rejection = refusal.rejection ?? Rejection.None;
		invariant(rejection !== Rejection.None, "a rejection without a reason");
		return REJECTIONS[rejection](asked, refusal);
	},
	insufficientBalance,
	duplicateOrder: rejected("Duplicate order sent."),
	noPrice: rejected("No orders on book for symbol."),
	unknownOrder,
	clientOrderIdMismatch: always(-2039, "Client order ID is not correct for this order ID."),
	maxNumOrders: () => filterFailure("MAX_NUM_ORDERS"),
	maxNumStopOrders: () => filterFailure("MAX_NUM_ALGO_ORDERS"),
	minNotional: () => filterFailure("NOTIONAL"),
	tooManyOrders: (_asked, refusal) =>
		later(
			refusal,
			-1015,
			refusal.detail === undefined
				? "Too many new orders."
				: `Too many new orders; current limit is ${refusal.detail}.`,
		),
	tooManyClientOrderIds: (_asked, refusal) =>
		later(refusal, -1015, "Too many new orders; too many client order ids in the last minutes."),
	amendNoChange: always(-2038, "The requested action would change no state; rejecting"),
	amendInFlight: always(-2038, "Another amend of this order is on its way."),
	timestampOutsideWindow: always(-1021, "Timestamp for this request is outside of the recvWindow."),
	signatureReplayed: always(-1022, "Signature for this request was used before."),
	keyRevoked: always(-2015, "Invalid API-key, IP, or permissions for action.", 401),
	accountFrozen: rejected("This action is disabled on this account."),
	withdrawalsStopped: always(-4019, "Withdrawals are stopped now. Please try again later."),
	overloaded: (_asked, refusal) =>
		later(
			refusal,
			-1008,
			"Server is currently overloaded with other requests. Please try again in a few minutes.",
		),
	unknown: () => statusUnknown(),
	amountOutOfRange: always(-1130, "Data sent for parameter 'amount' is not valid."),
	externalIdClash: always(-1130, "Data sent for parameter 'externalId' is not valid."),
};

/** What the client is told of a refusal. */
export function refusalError(asked: Asked, refusal: Refusal): ApiError {
	return REASONS[refusal.reason](asked, refusal);
}

/** 429 with Retry-After. */
function later(refusal: Refusal, code: number, text: string): ApiError {
	return new ApiError(code, text, 429, undefined, refusal.retryAfterMs ?? 1000);
}
