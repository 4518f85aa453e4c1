import {
	ExpiryReason,
	OrderStatus,
	OrderType,
	Side,
	StpMode,
	TimeInForce,
} from "../../../schemas/order.ts";
import type { Amendment, Fill, OrderState, PreventedMatch } from "../../../schemas/order-state.ts";

/** From where the records below count their times. */
export const T0 = 1_700_000_000_000;

/** An order of user 1 in symbol 1; later ids are created a second later each. */
export function orderState(orderId: number, changes: Partial<OrderState> = {}): OrderState {
	return {
		partition: 0,
		symbolId: 1,
		shard: 1,
		seq: orderId + 10,
		orderId,
		userId: 1,
		clientOrderId: `client-${orderId}`,
		clientIdGiven: true,
		status: OrderStatus.New,
		expiryReason: ExpiryReason.None,
		side: Side.Sell,
		type: OrderType.LimitMaker,
		timeInForce: TimeInForce.Fok,
		byQuote: true,
		priceTicks: 1,
		qtyLots: 2,
		capTickLots: 2 ** 52 + 1,
		stopPriceTicks: 3,
		displayLots: 4,
		stpMode: StpMode.Transfer,
		makerFeePpm: 5,
		takerFeePpm: 6,
		strategyId: 7,
		strategyType: 8,
		cumQtyLots: 9,
		cumTickLots: 10,
		preventedLots: 11,
		preventedTickLots: 12,
		preventedMatchId: 13,
		holdAssetId: 14,
		heldAmount: 2n ** 70n,
		createdAtMs: T0 + orderId * 1_000,
		updatedAtMs: T0 + 15,
		workingAtMs: T0 + 16,
		evSeq: orderId,
		...changes,
	};
}

/** The same, ended. */
export function endedState(orderId: number, changes: Partial<OrderState> = {}): OrderState {
	return orderState(orderId, { status: OrderStatus.Canceled, heldAmount: 0n, ...changes });
}

/** A fill of user 1 in symbol 1; later ids are a second later each. */
export function fillOf(tradeId: number, orderId: number, changes: Partial<Fill> = {}): Fill {
	return {
		partition: 0,
		symbolId: 1,
		tradeId,
		orderId,
		userId: 1,
		side: Side.Buy,
		isMaker: true,
		priceTicks: 2,
		qtyLots: 3,
		feeAmount: 2n ** 65n,
		feeAssetId: 4,
		ts: T0 + tradeId * 1_000,
		evSeq: tradeId,
		...changes,
	};
}

/** The amendment of order 5 of user 1 in symbol 1 that event `evSeq` made. */
export function amendmentOf(evSeq: number, changes: Partial<Amendment> = {}): Amendment {
	return {
		symbolId: 1,
		orderId: 5,
		userId: 1,
		executionId: evSeq * 10_000,
		origClientOrderId: `before-${evSeq}`,
		clientOrderId: `after-${evSeq}`,
		origQtyLots: 2 ** 52 + 1,
		newQtyLots: 2 ** 52,
		ts: T0 + evSeq,
		evSeq,
		...changes,
	};
}

/** A prevented match of user 1's orders 5 and 6 in symbol 1. */
export function preventedMatchOf(
	preventedMatchId: number,
	changes: Partial<PreventedMatch> = {},
): PreventedMatch {
	return {
		symbolId: 1,
		preventedMatchId,
		userId: 1,
		makerOrderId: 5,
		takerOrderId: 6,
		priceTicks: 7,
		makerPreventedLots: 2 ** 52 + 1,
		takerPreventedLots: 0,
		stpMode: StpMode.ExpireMaker,
		ts: T0 + preventedMatchId,
		evSeq: preventedMatchId,
		...changes,
	};
}

/** Of a batch that nothing happened in. */
export const NOTHING = { orders: [], fills: [], amendments: [], preventedMatches: [] } as const;
