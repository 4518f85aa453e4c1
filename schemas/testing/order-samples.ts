import * as fc from "fast-check";
import type { Fill, OrderState } from "../order-state.ts";
import { Rejection } from "../rejection.ts";
import { among, amount, id, text } from "./link-samples.ts";

/** What a client asks of an order, and its state keeps. */
export const askedOrder = {
	symbolId: id,
	side: among([0, 1] as const),
	type: among([0, 1, 2, 3, 4, 5, 6] as const),
	timeInForce: among([0, 1, 2] as const),
	byQuote: fc.boolean(),
	priceTicks: id,
	qtyLots: id,
	stopPriceTicks: id,
	displayLots: id,
	stpMode: among([0, 1, 2, 3, 4, 5] as const),
	clientOrderId: text,
	clientIdGiven: fc.boolean(),
	strategyId: id,
	strategyType: id,
};

export const orderSample: fc.Arbitrary<OrderState> = fc.record({
	...askedOrder,
	capTickLots: id,
	makerFeePpm: id,
	takerFeePpm: id,
	partition: id,
	shard: id,
	seq: id,
	orderId: id,
	userId: id,
	status: among([0, 1, 2, 3, 4, 5, 6, 7] as const),
	expiryReason: among([0, 1, 2, 3, 4] as const),
	cumQtyLots: id,
	cumTickLots: id,
	preventedLots: id,
	preventedTickLots: id,
	preventedMatchId: id,
	holdAssetId: id,
	heldAmount: amount,
	createdAtMs: id,
	updatedAtMs: id,
	workingAtMs: id,
	evSeq: id,
});

export const fillSample: fc.Arbitrary<Fill> = fc.record({
	partition: id,
	symbolId: id,
	tradeId: id,
	orderId: id,
	userId: id,
	side: among([0, 1] as const),
	isMaker: fc.boolean(),
	priceTicks: id,
	qtyLots: id,
	feeAmount: amount,
	feeAssetId: id,
	ts: id,
	evSeq: id,
});

export const rejectionSample = among(Object.values(Rejection));
