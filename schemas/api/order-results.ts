import * as v from "valibot";
import {
	ORDER_STATUS_NAMES,
	ORDER_TYPE_NAMES,
	SIDE_NAMES,
	STP_MODE_NAMES,
	TIME_IN_FORCE_NAMES,
} from "./order-names.ts";
import { amount, id, timeMs } from "./result-types.ts";

/** What the order calls answer: every documented field; optional ones stand only where they mean something. */

const conditionalEntries = {
	strategyId: v.optional(id),
	strategyType: v.optional(id),
	preventedMatchId: v.optional(id),
	preventedQuantity: v.optional(amount),
	expiryReason: v.optional(v.string()),
};

const stopAndIcebergEntries = {
	stopPrice: v.optional(amount),
	icebergQty: v.optional(amount),
};

const orderEntries = {
	...conditionalEntries,
	price: amount,
	origQty: amount,
	executedQty: amount,
	origQuoteOrderQty: amount,
	cummulativeQuoteQty: amount,
	status: v.picklist(ORDER_STATUS_NAMES),
	timeInForce: v.picklist(TIME_IN_FORCE_NAMES),
	type: v.picklist(ORDER_TYPE_NAMES),
	side: v.picklist(SIDE_NAMES),
	selfTradePreventionMode: v.picklist(STP_MODE_NAMES),
};

const ackEntries = {
	symbol: v.string(),
	orderId: id,
	orderListId: v.literal(-1),
	clientOrderId: v.string(),
	transactTime: timeMs,
};

const ackResult = v.strictObject(ackEntries);

const reportEntries = {
	...ackEntries,
	...orderEntries,
	...stopAndIcebergEntries,
};

const orderResult = v.strictObject({ ...reportEntries, workingTime: v.number() });

const fullResult = v.strictObject({
	...reportEntries,
	workingTime: v.number(),
	fills: v.array(
		v.strictObject({
			price: amount,
			qty: amount,
			commission: amount,
			commissionAsset: v.string(),
			tradeId: id,
		}),
	),
});

export const placeResult = v.union([fullResult, orderResult, ackResult]);

export const cancelResult = v.strictObject({ ...reportEntries, origClientOrderId: v.string() });

export const cancelAllResult = v.array(cancelResult);

const partError = v.strictObject({ code: v.number(), msg: v.string() });
const partResult = v.picklist(["SUCCESS", "FAILURE", "NOT_ATTEMPTED"]);

export const cancelReplaceResult = v.strictObject({
	cancelResult: partResult,
	newOrderResult: partResult,
	cancelResponse: v.union([cancelResult, partError, v.null()]),
	newOrderResponse: v.union([placeResult, partError, v.null()]),
});

export const amendResult = v.strictObject({
	transactTime: timeMs,
	executionId: id,
	amendedOrder: v.strictObject({
		...conditionalEntries,
		...stopAndIcebergEntries,
		symbol: v.string(),
		orderId: id,
		orderListId: v.literal(-1),
		origClientOrderId: v.string(),
		clientOrderId: v.string(),
		price: amount,
		qty: amount,
		executedQty: amount,
		preventedQty: amount,
		quoteOrderQty: amount,
		cumulativeQuoteQty: amount,
		status: v.picklist(ORDER_STATUS_NAMES),
		timeInForce: v.picklist(TIME_IN_FORCE_NAMES),
		type: v.picklist(ORDER_TYPE_NAMES),
		side: v.picklist(SIDE_NAMES),
		workingTime: v.number(),
		selfTradePreventionMode: v.picklist(STP_MODE_NAMES),
	}),
});

export const queryOrderResult = v.strictObject({
	...orderEntries,
	symbol: v.string(),
	orderId: id,
	orderListId: v.literal(-1),
	clientOrderId: v.string(),
	stopPrice: amount,
	icebergQty: amount,
	time: timeMs,
	updateTime: timeMs,
	isWorking: v.boolean(),
	workingTime: v.number(),
});

export const queryOrdersResult = v.array(queryOrderResult);

export const myTradesResult = v.array(
	v.strictObject({
		symbol: v.string(),
		id,
		orderId: id,
		orderListId: v.literal(-1),
		price: amount,
		qty: amount,
		quoteQty: amount,
		commission: amount,
		commissionAsset: v.string(),
		time: timeMs,
		isBuyer: v.boolean(),
		isMaker: v.boolean(),
		isBestMatch: v.boolean(),
	}),
);

export const amendmentsResult = v.array(
	v.strictObject({
		symbol: v.string(),
		orderId: id,
		executionId: id,
		origClientOrderId: v.string(),
		newClientOrderId: v.string(),
		origQty: amount,
		newQty: amount,
		time: timeMs,
	}),
);

export const preventedMatchesResult = v.array(
	v.strictObject({
		symbol: v.string(),
		preventedMatchId: id,
		takerOrderId: id,
		makerSymbol: v.string(),
		makerOrderId: id,
		tradeGroupId: v.literal(-1),
		selfTradePreventionMode: v.picklist(STP_MODE_NAMES),
		price: amount,
		takerPreventedQuantity: v.optional(amount),
		makerPreventedQuantity: v.optional(amount),
		transactTime: timeMs,
	}),
);

const makerTaker = v.strictObject({ maker: amount, taker: amount });

export const testOrderResult = v.union([
	v.strictObject({}),
	v.strictObject({
		standardCommissionForOrder: makerTaker,
		specialCommissionForOrder: makerTaker,
		taxCommissionForOrder: makerTaker,
		discount: v.strictObject({
			enabledForAccount: v.boolean(),
			enabledForSymbol: v.boolean(),
			discountAsset: v.string(),
			discount: amount,
		}),
	}),
]);
