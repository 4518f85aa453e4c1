import { priceText, qtyText, quoteText } from "../../schemas/api/number-text.ts";
import {
	expiryReasonName,
	ORDER_STATUS_NAMES,
	ORDER_TYPE_NAMES,
	SIDE_NAMES,
	STP_MODE_NAMES,
	TIME_IN_FORCE_NAMES,
} from "../../schemas/api/order-names.ts";
import { shownQtyLots } from "../../schemas/api/user-event-payload.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { AmendAnswer, CancelAnswer } from "../../schemas/ports/account-service.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";

/** An order as the API writes it. Order lists do not exist here, so every orderListId is -1. */

/** A view while it is written: fields are added one by one, in the documented order. */
export type ViewFields = Record<string, unknown>;

/** The reply to GET order, and a row of openOrders and allOrders. */
export function queryView(symbol: SymbolSpec, order: OrderState): object {
	const view: ViewFields = {
		symbol: symbol.symbol,
		orderId: order.orderId,
		orderListId: -1,
		clientOrderId: order.clientOrderId,
		price: priceText(symbol, order.priceTicks),
		origQty: qtyText(symbol, shownQtyLots(order)),
		executedQty: qtyText(symbol, order.cumQtyLots),
		cummulativeQuoteQty: quoteText(symbol, order.cumTickLots),
	};
	addWords(view, order);
	view["stopPrice"] = priceText(symbol, order.stopPriceTicks);
	view["icebergQty"] = qtyText(symbol, order.displayLots);
	view["time"] = order.createdAtMs;
	view["updateTime"] = order.updatedAtMs;
	view["isWorking"] = order.workingAtMs > 0;
	view["workingTime"] = workingTime(order);
	view["origQuoteOrderQty"] = origQuote(symbol, order);
	view["selfTradePreventionMode"] = STP_MODE_NAMES[order.stpMode];
	addConditional(view, symbol, order);
	return view;
}

/** The reply to DELETE order, and a row of DELETE openOrders. */
export function cancelView(symbol: SymbolSpec, answer: CancelAnswer): object {
	const { order } = answer;
	const view: ViewFields = {
		symbol: symbol.symbol,
		origClientOrderId: answer.origClientOrderId,
		orderId: order.orderId,
		orderListId: -1,
		clientOrderId: answer.clientOrderId,
		transactTime: answer.transactMs,
	};
	addReport(view, symbol, order);
	view["selfTradePreventionMode"] = STP_MODE_NAMES[order.stpMode];
	addConditional(view, symbol, order);
	return view;
}

/** The reply to an amend; the one place where `cumulativeQuoteQty` has a single m. */
export function amendView(symbol: SymbolSpec, answer: AmendAnswer): object {
	const { order } = answer;
	const amendedOrder: ViewFields = {
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
	};
	addWords(amendedOrder, order);
	addStopAndIceberg(amendedOrder, symbol, order);
	amendedOrder["workingTime"] = workingTime(order);
	amendedOrder["selfTradePreventionMode"] = STP_MODE_NAMES[order.stpMode];
	addConditional(amendedOrder, symbol, order);
	return { transactTime: answer.transactMs, executionId: answer.executionId, amendedOrder };
}

/** Adds what reports of a new and of a canceled order share. */
export function addReport(view: ViewFields, symbol: SymbolSpec, order: OrderState): void {
	view["price"] = priceText(symbol, order.priceTicks);
	view["origQty"] = qtyText(symbol, shownQtyLots(order));
	view["executedQty"] = qtyText(symbol, order.cumQtyLots);
	view["origQuoteOrderQty"] = origQuote(symbol, order);
	view["cummulativeQuoteQty"] = quoteText(symbol, order.cumTickLots);
	addWords(view, order);
	addStopAndIceberg(view, symbol, order);
}

function addStopAndIceberg(view: ViewFields, symbol: SymbolSpec, order: OrderState): void {
	if (order.stopPriceTicks > 0) view["stopPrice"] = priceText(symbol, order.stopPriceTicks);
	if (order.displayLots > 0) view["icebergQty"] = qtyText(symbol, order.displayLots);
}

/** Adds the fields that stand only where they say something. */
export function addConditional(view: ViewFields, symbol: SymbolSpec, order: OrderState): void {
	if (order.strategyId > 0) view["strategyId"] = order.strategyId;
	if (order.strategyType > 0) view["strategyType"] = order.strategyType;
	if (order.preventedMatchId > 0) {
		view["preventedMatchId"] = order.preventedMatchId;
		view["preventedQuantity"] = qtyText(symbol, order.preventedLots);
	}
	const expiryReason = expiryReasonName(order.expiryReason);
	if (expiryReason !== undefined) view["expiryReason"] = expiryReason;
}

/** -1 while the order waits for its trigger. */
export function workingTime(order: OrderState): number {
	return order.workingAtMs > 0 ? order.workingAtMs : -1;
}

function addWords(view: ViewFields, order: OrderState): void {
	view["status"] = ORDER_STATUS_NAMES[order.status];
	view["timeInForce"] = TIME_IN_FORCE_NAMES[order.timeInForce];
	view["type"] = ORDER_TYPE_NAMES[order.type];
	view["side"] = SIDE_NAMES[order.side];
}

function origQuote(symbol: SymbolSpec, order: OrderState): string {
	return quoteText(symbol, order.byQuote ? order.capTickLots : 0);
}
