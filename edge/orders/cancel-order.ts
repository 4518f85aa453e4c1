import { type CancelOrderParams, cancelOrderParams } from "../../schemas/api/order-params.ts";
import { cancelResult } from "../../schemas/api/order-results.ts";
import { CancelRestriction } from "../../schemas/order.ts";
import type { CancelRequest } from "../../schemas/ports/account-service.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { symbolNamed } from "../symbols.ts";
import { viewOf } from "./account-answer.ts";
import { clientOrderIdOf } from "./client-order-id.ts";
import { checkNamed } from "./order-reference.ts";
import { cancelView } from "./order-view.ts";

/** Cancels one order, by its id or its client id. */
export const cancelOrder = operation({
	group: "Trading",
	summary: "Cancel an order",
	http: [{ method: "DELETE", path: "/api/v3/order" }],
	ws: ["order.cancel"],
	security: "trade",
	weight: () => 1,
	freeOnSuccess: true,
	params: cancelOrderParams,
	result: cancelResult,
	run(context, params) {
		const { services, caller } = context;
		const symbol = symbolNamed(services, params.symbol);
		const request = cancelRequest(services, symbol, params);
		const answer = services.accounts(caller.userId).cancelOrder(caller, request);
		return viewOf(context, "cancel", answer, (value) => cancelView(symbol, value));
	},
});

/**
 * The cancel of one order.
 *
 * @throws ApiError -1102 when nothing names it
 */
function cancelRequest(
	services: EdgeServices,
	symbol: SymbolSpec,
	params: CancelOrderParams,
): CancelRequest {
	checkNamed(params.orderId, params.origClientOrderId);
	return {
		symbolId: symbol.symbolId,
		orderId: params.orderId ?? 0,
		origClientOrderId: params.origClientOrderId ?? "",
		clientOrderId: clientOrderIdOf(params.newClientOrderId, services.random),
		restriction: params.cancelRestrictions ?? CancelRestriction.None,
	};
}
