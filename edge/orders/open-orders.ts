import { openOrdersParams } from "../../schemas/api/order-params.ts";
import { queryOrdersResult } from "../../schemas/api/order-results.ts";
import { OrderStatus } from "../../schemas/order.ts";
import { operation } from "../operation.ts";
import { symbolNamed, symbolOfId } from "../symbols.ts";
import { answerOf } from "./account-answer.ts";
import { queryView } from "./order-view.ts";

/** Orders that are open, of one symbol or all, oldest first. */
export const openOrders = operation({
	group: "Account",
	summary: "Open orders",
	http: [{ method: "GET", path: "/api/v3/openOrders" }],
	ws: ["openOrders.status"],
	security: "read",
	weight: (params) => (params.symbol === undefined ? 80 : 6),
	freeOnSuccess: false,
	params: openOrdersParams,
	result: queryOrdersResult,
	async run({ services, caller }, params) {
		const symbolId =
			params.symbol === undefined ? 0 : symbolNamed(services, params.symbol).symbolId;
		const account = services.accounts(caller.userId);
		const open = await answerOf(services, "query", account.openOrders(caller.userId, symbolId));
		return open
			.filter((order) => order.status !== OrderStatus.Pending)
			.map((order) => queryView(symbolOfId(services, order.symbolId), order));
	},
});
