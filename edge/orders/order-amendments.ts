import { qtyText } from "../../schemas/api/number-text.ts";
import { amendmentsParams } from "../../schemas/api/order-params.ts";
import { amendmentsResult } from "../../schemas/api/order-results.ts";
import type { Amendment } from "../../schemas/order-state.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { orderLogHas } from "./order-log-reads.ts";

/** Every amend of one order, oldest first. */
export const orderAmendments = operation({
	group: "Account",
	summary: "Amendments of an order",
	http: [{ method: "GET", path: "/api/v3/order/amendments" }],
	ws: ["order.amendments"],
	security: "read",
	weight: () => 4,
	freeOnSuccess: false,
	params: amendmentsParams,
	result: amendmentsResult,
	async run({ services, caller: { userId } }, params) {
		const symbol = symbolNamed(services, params.symbol);
		const { symbolId } = symbol;
		const { orderId, fromExecutionId = 0, limit } = params;
		await orderLogHas(services, userId, symbolId, orderId);
		const range = { orderId, fromExecutionId, limit };
		const amendments = await services.orderLog.amendments(userId, symbolId, range);
		return amendments.map((amendment) => amendmentView(symbol, amendment));
	},
});

function amendmentView(symbol: SymbolSpec, amendment: Amendment): object {
	return {
		symbol: symbol.symbol,
		orderId: amendment.orderId,
		executionId: amendment.executionId,
		origClientOrderId: amendment.origClientOrderId,
		newClientOrderId: amendment.clientOrderId,
		origQty: qtyText(symbol, amendment.origQtyLots),
		newQty: qtyText(symbol, amendment.newQtyLots),
		time: amendment.ts,
	};
}
