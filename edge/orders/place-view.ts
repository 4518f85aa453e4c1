import { assetText, priceText, qtyText } from "../../schemas/api/number-text.ts";
import { STP_MODE_NAMES } from "../../schemas/api/order-names.ts";
import { OrderType } from "../../schemas/order.ts";
import type { Fill } from "../../schemas/order-state.ts";
import type { PlaceAnswer } from "../../schemas/ports/account-service.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import type { EdgeServices } from "../services.ts";
import { assetOfId } from "../symbols.ts";
import { addConditional, addReport, type ViewFields, workingTime } from "./order-view.ts";

export type ResponseType = "ACK" | "RESULT" | "FULL";

/** What a client gets that does not say: everything for the types that may fill at once. */
export function defaultResponseType(type: OrderType): ResponseType {
	return type === OrderType.Limit || type === OrderType.Market ? "FULL" : "ACK";
}

/** The reply to a new order. */
export function placeView(
	services: EdgeServices,
	symbol: SymbolSpec,
	answer: PlaceAnswer,
	responseType: ResponseType,
): object {
	const { order } = answer;
	const view: ViewFields = {
		symbol: symbol.symbol,
		orderId: order.orderId,
		orderListId: -1,
		clientOrderId: order.clientOrderId,
		transactTime: answer.transactMs,
	};
	if (responseType === "ACK") return view;
	addReport(view, symbol, order);
	view["workingTime"] = workingTime(order);
	if (responseType === "FULL") {
		view["fills"] = answer.fills.map((fill) => fillView(services, symbol, fill));
	}
	view["selfTradePreventionMode"] = STP_MODE_NAMES[order.stpMode];
	addConditional(view, symbol, order);
	return view;
}

function fillView(services: EdgeServices, symbol: SymbolSpec, fill: Fill): object {
	const feeAsset = assetOfId(services, fill.feeAssetId);
	return {
		price: priceText(symbol, fill.priceTicks),
		qty: qtyText(symbol, fill.qtyLots),
		commission: assetText(feeAsset, fill.feeAmount),
		commissionAsset: feeAsset.asset,
		tradeId: fill.tradeId,
	};
}
