import { priceText, qtyText, quoteText } from "../../schemas/api/number-text.ts";
import {
	expiryReasonName,
	ORDER_STATUS_NAMES,
	ORDER_TYPE_NAMES,
	SIDE_NAMES,
	STP_MODE_NAMES,
	TIME_IN_FORCE_NAMES,
} from "../../schemas/api/order-names.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { AmendAnswer, CancelAnswer } from "../../schemas/ports/account-service.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";

/** An order as the API writes it. Order lists do not exist here, so every orderListId is -1. */

/** The reply to GET order, and a row of openOrders and allOrders. */
export function queryView(symbol: SymbolSpec, order: OrderState): object {
	return {
		symbol: symbol.symbol,
		orderId: order.orderId,
		orderListId: -1,
		clientOrderId: order.clientOrderId,
		...amountFields(symbol, order),
		...wordFields(order),
		stopPrice: priceText(symbol, order.stopPriceTicks),
		icebergQty: qtyText(symbol, order.displayLots),
		time: order.createdAtMs,
		updateTime: order.updatedAtMs,
		isWorking: order.workingAtMs > 0,
		workingTime: workingTime(order),
		origQuoteOrderQty: origQuote(symbol, order),
		selfTradePreventionMode: STP_MODE_NAMES[order.stpMode],
		...conditionalFields(symbol, order),
	};
}

/** The reply to DELETE order, and a row of DELETE openOrders. */
export function cancelView(symbol: SymbolSpec, answer: CancelAnswer): object {
	const { order } = answer;
	return {
		symbol: symbol.symbol,
		origClientOrderId: answer.origClientOrderId,
		orderId: order.orderId,
		orderListId: -1,
		clientOrderId: answer.clientOrderId,
		transactTime: answer.transactMs,
		...reportFields(symbol, order),
		selfTradePreventionMode: STP_MODE_NAMES[order.stpMode],
		...conditionalFields(symbol, order),
	};
}

/** The reply to an amend; the one place where `cumulativeQuoteQty` has a single m. */
export function amendView(symbol: SymbolSpec, answer: AmendAnswer): object {
	const { order } = answer;
	return {
		transactTime: answer.transactMs,
		executionId: answer.executionId,
		amendedOrder: {
			symbol: symbol.symbol,
			orderId: order.orderId,
			orderListId: -1,
			origClientOrderId: answer.origClientOrderId,
			clientOrderId: order.clientOrderId,
			price: priceText(symbol, order.priceTicks),
			qty: qtyText(symbol, order.qtyLots),
			executedQty: qtyText(symbol, order.cumQtyLots),
			preventedQty: qtyText(symbol, order.preventedLots),
			quoteOrderQty: origQuote(symbol, order),
			cumulativeQuoteQty: quoteText(symbol, order.cumTickLots),
			...wordFields(order),
			workingTime: workingTime(order),
			selfTradePreventionMode: STP_MODE_NAMES[order.stpMode],
		},
	};
}

/** What reports of a new and of a canceled order share, in the documented order. */
export function reportFields(symbol: SymbolSpec, order: OrderState): object {
	return {
		price: priceText(symbol, order.priceTicks),
		origQty: origQty(symbol, order),
		executedQty: qtyText(symbol, order.cumQtyLots),
		origQuoteOrderQty: origQuote(symbol, order),
		cummulativeQuoteQty: quoteText(symbol, order.cumTickLots),
		...wordFields(order),
		...(order.stopPriceTicks > 0 && { stopPrice: priceText(symbol, order.stopPriceTicks) }),
		...(order.displayLots > 0 && { icebergQty: qtyText(symbol, order.displayLots) }),
	};
}

/** Fields that stand only where they say something. */
export function conditionalFields(symbol: SymbolSpec, order: OrderState): object {
	const expiryReason = expiryReasonName(order.expiryReason);
	return {
		...(order.strategyId > 0 && { strategyId: order.strategyId }),
		...(order.strategyType > 0 && { strategyType: order.strategyType }),
		...(order.preventedMatchId > 0 && {
			preventedMatchId: order.preventedMatchId,
			preventedQuantity: qtyText(symbol, order.preventedLots),
		}),
		...(expiryReason !== undefined && { expiryReason }),
	};
}

/** -1 while the order waits for its trigger. */
export function workingTime(order: OrderState): number {
	return order.workingAtMs > 0 ? order.workingAtMs : -1;
}

function amountFields(symbol: SymbolSpec, order: OrderState): object {
	return {
		price: priceText(symbol, order.priceTicks),
		origQty: origQty(symbol, order),
		executedQty: qtyText(symbol, order.cumQtyLots),
		cummulativeQuoteQty: quoteText(symbol, order.cumTickLots),
	};
}

function wordFields(order: OrderState): object {
	return {
		status: ORDER_STATUS_NAMES[order.status],
		timeInForce: TIME_IN_FORCE_NAMES[order.timeInForce],
		type: ORDER_TYPE_NAMES[order.type],
		side: SIDE_NAMES[order.side],
	};
}

/** An order by quote amount has no quantity of its own: what it traded stands in for it. */
function origQty(symbol: SymbolSpec, order: OrderState): string {
	return qtyText(symbol, order.byQuote ? order.cumQtyLots : order.qtyLots);
}

function origQuote(symbol: SymbolSpec, order: OrderState): string {
	return quoteText(symbol, order.byQuote ? order.capTickLots : 0);
}
