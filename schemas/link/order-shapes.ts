import type { NewOrder } from "../command.ts";
import {
	CancelReplaceMode,
	CancelRestriction,
	ExpiryReason,
	OrderStatus,
	OrderType,
	Side,
	StpMode,
	TimeInForce,
} from "../order.ts";
import type { Fill, OrderState } from "../order-state.ts";
import type {
	AmendRequest,
	Caller,
	CancelReplaceRequest,
	CancelRequest,
	FindRequest,
	PlaceRequest,
} from "../ports/account-service.ts";
import { big, type Fields, flag, object, one, real, text, whole } from "./shape.ts";

const side = one(Object.values(Side));

export const caller = object<Caller>({
	userId: whole,
	keyId: whole,
	keyGeneration: whole,
	signatureDigest: text,
	timestampMs: whole,
	recvWindowMs: real,
});

type AskedOrder = Omit<NewOrder, "makerFeePpm" | "takerFeePpm" | "capTickLots">;

const askedOrder: Fields<AskedOrder> = {
	side,
	type: one(Object.values(OrderType)),
	timeInForce: one(Object.values(TimeInForce)),
	byQuote: flag,
	priceTicks: whole,
	qtyLots: whole,
	stopPriceTicks: whole,
	displayLots: whole,
	stpMode: one(Object.values(StpMode)),
	clientOrderId: text,
	clientIdGiven: flag,
	strategyId: whole,
	strategyType: whole,
};

export const placeRequest = object<PlaceRequest>({
	...askedOrder,
	symbolId: whole,
	quoteTickLots: whole,
});

export const cancelRequest = object<CancelRequest>({
	symbolId: whole,
	orderId: whole,
	origClientOrderId: text,
	clientOrderId: text,
	restriction: one(Object.values(CancelRestriction)),
});

export const cancelReplaceRequest = object<CancelReplaceRequest>({
	mode: one(Object.values(CancelReplaceMode)),
	cancel: cancelRequest,
	place: placeRequest,
});

export const amendRequest = object<AmendRequest>({
	symbolId: whole,
	orderId: whole,
	origClientOrderId: text,
	clientOrderId: text,
	newQtyLots: whole,
});

export const findRequest = object<FindRequest>({
	symbolId: whole,
	orderId: whole,
	clientOrderId: text,
});

export const orderState = object<OrderState>({
	...askedOrder,
	capTickLots: whole,
	makerFeePpm: whole,
	takerFeePpm: whole,
	partition: whole,
	symbolId: whole,
	shard: whole,
	seq: whole,
	orderId: whole,
	userId: whole,
	status: one(Object.values(OrderStatus)),
	expiryReason: one(Object.values(ExpiryReason)),
	cumQtyLots: whole,
	cumTickLots: whole,
	preventedLots: whole,
	preventedTickLots: whole,
	preventedMatchId: whole,
	holdAssetId: whole,
	heldAmount: big,
	createdAtMs: whole,
	updatedAtMs: whole,
	workingAtMs: whole,
	evSeq: whole,
});

export const fill = object<Fill>({
	partition: whole,
	symbolId: whole,
	tradeId: whole,
	orderId: whole,
	userId: whole,
	side,
	isMaker: flag,
	priceTicks: whole,
	qtyLots: whole,
	feeAmount: big,
	feeAssetId: whole,
	ts: whole,
	evSeq: whole,
});
