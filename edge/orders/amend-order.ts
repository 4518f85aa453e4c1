import { amendOrderParams } from "../../schemas/api/order-params.ts";
import { amendResult } from "../../schemas/api/order-results.ts";
import { filterFailure } from "../filters/filter-failure.ts";
import { failsLotSize } from "../filters/order-filters.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { viewOf } from "./account-answer.ts";
import { clientOrderIdOf } from "./client-order-id.ts";
import { qtyLotsOf } from "./order-numbers.ts";
import { checkNamed } from "./order-reference.ts";
import { amendView } from "./order-view.ts";

/** Reduces an order's quantity; it keeps its id and its place in the queue. */
export const amendOrder = operation({
	group: "Trading",
	summary: "Reduce an order, keeping its priority",
	http: [{ method: "PUT", path: "/api/v3/order/amend/keepPriority" }],
	ws: ["order.amend.keepPriority"],
	security: "trade",
	weight: () => 4,
	freeOnSuccess: false,
	params: amendOrderParams,
	result: amendResult,
	async run(context, params) {
		const { services, caller } = context;
		const symbol = symbolNamed(services, params.symbol);
		checkNamed(params.orderId, params.origClientOrderId);
		const newQtyLots = qtyLotsOf(symbol, "newQty", params.newQty);
		if (failsLotSize(symbol, newQtyLots)) throw filterFailure("LOT_SIZE");
		const request = {
			symbolId: symbol.symbolId,
			orderId: params.orderId ?? 0,
			origClientOrderId: params.origClientOrderId ?? "",
			clientOrderId: clientOrderIdOf(params.newClientOrderId, services.random),
			newQtyLots,
		};
		const account = services.accounts(caller.userId);
		const answer = account.amendOrder(caller, request);
		return viewOf(context, "amend", answer, (value) => amendView(symbol, value));
	},
});
