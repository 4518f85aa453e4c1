import { queryOrderParams } from "../../schemas/api/order-params.ts";
import { queryOrderResult } from "../../schemas/api/order-results.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { findOrder } from "./find-order.ts";
import { checkNamed } from "./order-reference.ts";
import { queryView } from "./order-view.ts";

/** One order, open or finished. */
export const queryOrder = operation({
	group: "Account",
	summary: "Query an order",
	http: [{ method: "GET", path: "/api/v3/order" }],
	ws: ["order.status"],
	security: "read",
	weight: () => 4,
	freeOnSuccess: false,
	params: queryOrderParams,
	result: queryOrderResult,
	async run({ services, caller }, params) {
		const symbol = symbolNamed(services, params.symbol);
		checkNamed(params.orderId, params.origClientOrderId);
		const order = await findOrder(services, caller.userId, {
			symbolId: symbol.symbolId,
			orderId: params.orderId ?? 0,
			clientOrderId: params.origClientOrderId ?? "",
		});
		return queryView(symbol, order);
	},
});
