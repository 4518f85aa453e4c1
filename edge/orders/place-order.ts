import { type NewOrderParams, newOrderParams } from "../../schemas/api/order-params.ts";
import { placeResult } from "../../schemas/api/order-results.ts";
import type { PlaceRequest } from "../../schemas/ports/account-service.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { type OperationContext, operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { viewOf } from "./account-answer.ts";
import { newOrder } from "./new-order.ts";
import { defaultResponseType, placeView } from "./place-view.ts";

/** Places an order; the answer is the engine's. */
export const placeOrder = operation({
	group: "Trading",
	summary: "Place an order",
	http: [{ method: "POST", path: "/api/v3/order" }],
	ws: ["order.place"],
	security: "trade",
	weight: () => 1,
	freeOnSuccess: true,
	params: newOrderParams,
	result: placeResult,
	run(context, params) {
		const symbol = symbolNamed(context.services, params.symbol);
		const order = newOrder(context.services, symbol, params);
		if (order instanceof Promise) return order.then((o) => placed(context, symbol, params, o));
		return placed(context, symbol, params, order);
	},
});

/** Hands the order on; what the client is shown of the answer. */
function placed(
	context: OperationContext,
	symbol: SymbolSpec,
	params: NewOrderParams,
	order: PlaceRequest,
): Promise<object> {
	const { services, caller } = context;
	const answer = services.accounts(caller.userId).placeOrder(caller, order);
	return viewOf(context, "place", answer, (value) => {
		context.reportOrderCounts(value.orderCounts);
		const type = params.newOrderRespType ?? defaultResponseType(params.type);
		return placeView(services, symbol, value, type);
	});
}
