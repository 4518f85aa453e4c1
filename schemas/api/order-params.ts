import * as v from "valibot";
import { fault } from "./param-fault.ts";
import {
	cancelReplaceMode,
	cancelRestriction,
	clientId,
	decimal,
	endTime,
	existingId,
	flag,
	limit,
	limitExceededMode,
	orderType,
	params,
	responseType,
	side,
	startTime,
	stpMode,
	symbol,
	timeInForce,
	whole,
} from "./param-types.ts";

import { withQuickRead } from "./quick-read.ts";

/** Parameters of the order calls. What a type of order must and must not have, the edge checks. */

/** Few orders have one: there is no quick way to read them. */
const strategyType = withQuickRead(
	v.pipe(whole, v.minValue(1_000_000, fault(-1134, "strategyType was less than 1000000."))),
	() => undefined,
);
const notOffered = withQuickRead(
	v.pipe(v.string(), v.metadata({ description: "Not offered: an order with it is refused." })),
	() => undefined,
);

const newOrderEntries = {
	symbol,
	side,
	type: orderType,
	timeInForce: v.optional(timeInForce),
	quantity: v.optional(decimal),
	quoteOrderQty: v.optional(decimal),
	price: v.optional(decimal),
	stopPrice: v.optional(decimal),
	icebergQty: v.optional(decimal),
	newClientOrderId: v.optional(clientId),
	strategyId: v.optional(whole),
	strategyType: v.optional(strategyType),
	newOrderRespType: v.optional(responseType),
	selfTradePreventionMode: v.optional(stpMode),
	trailingDelta: v.optional(notOffered),
	pegPriceType: v.optional(notOffered),
};

export const newOrderParams = params(newOrderEntries);
export type NewOrderParams = v.InferOutput<typeof newOrderParams>;

export const testOrderParams = params({
	...newOrderEntries,
	computeCommissionRates: v.optional(flag, "false"),
});

export const cancelOrderParams = params({
	symbol,
	orderId: v.optional(existingId),
	origClientOrderId: v.optional(clientId),
	newClientOrderId: v.optional(clientId),
	cancelRestrictions: v.optional(cancelRestriction),
});
export type CancelOrderParams = v.InferOutput<typeof cancelOrderParams>;

export const cancelReplaceParams = params({
	...newOrderEntries,
	cancelReplaceMode,
	cancelOrderId: v.optional(existingId),
	cancelOrigClientOrderId: v.optional(clientId),
	cancelNewClientOrderId: v.optional(clientId),
	orderRateLimitExceededMode: v.optional(limitExceededMode),
	cancelRestrictions: v.optional(cancelRestriction),
});
export type CancelReplaceParams = v.InferOutput<typeof cancelReplaceParams>;

export const amendOrderParams = params({
	symbol,
	orderId: v.optional(existingId),
	origClientOrderId: v.optional(clientId),
	newClientOrderId: v.optional(clientId),
	newQty: decimal,
});

export const queryOrderParams = params({
	symbol,
	orderId: v.optional(existingId),
	origClientOrderId: v.optional(clientId),
});

export const openOrdersParams = params({ symbol: v.optional(symbol) });

export const cancelAllParams = params({ symbol });

export const allOrdersParams = params({
	symbol,
	orderId: v.optional(whole),
	startTime: v.optional(startTime),
	endTime: v.optional(endTime),
	limit: limit(1000, 500),
});

export const myTradesParams = params({
	symbol,
	orderId: v.optional(existingId),
	startTime: v.optional(startTime),
	endTime: v.optional(endTime),
	fromId: v.optional(whole),
	limit: limit(1000, 500),
});
export type MyTradesParams = v.InferOutput<typeof myTradesParams>;

export const amendmentsParams = params({
	symbol,
	orderId: existingId,
	fromExecutionId: v.optional(whole),
	limit: limit(1000, 500),
});

export const preventedMatchesParams = params({
	symbol,
	preventedMatchId: v.optional(whole),
	orderId: v.optional(existingId),
	fromPreventedMatchId: v.optional(whole),
	limit: limit(1000, 500),
});
export type PreventedMatchesParams = v.InferOutput<typeof preventedMatchesParams>;

export const orderListParams = params({
	orderListId: v.optional(whole),
	origClientOrderId: v.optional(clientId),
});

export const cancelOrderListParams = params({
	symbol,
	orderListId: v.optional(whole),
	listClientOrderId: v.optional(clientId),
});

/** Of an order that no symbol takes: only the symbol is looked at. */
export const refusedOrderParams = params({ symbol });

export const allOrderListsParams = params({
	fromId: v.optional(whole),
	startTime: v.optional(startTime),
	endTime: v.optional(endTime),
	limit: limit(1000, 500),
});

export const allocationsParams = params({
	symbol,
	startTime: v.optional(startTime),
	endTime: v.optional(endTime),
	fromAllocationId: v.optional(whole),
	limit: limit(1000, 500),
	orderId: v.optional(existingId),
});
