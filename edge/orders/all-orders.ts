import { allOrdersParams } from "../../schemas/api/order-params.ts";
import { queryOrdersResult } from "../../schemas/api/order-results.ts";
import { OrderStatus } from "../../schemas/order.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { answerOf } from "./account-answer.ts";
import { mergeOrders } from "./merge-reads.ts";
import { orderLogReaches } from "./order-log-reads.ts";
import { queryView } from "./order-view.ts";
import { checkWindow, fromOne } from "./time-window.ts";

/** Orders of a symbol, open and finished, from an id on or within a day. */
export const allOrders = operation({
	group: "Account",
	summary: "All orders of a symbol",
	http: [{ method: "GET", path: "/api/v3/allOrders" }],
	ws: ["allOrders"],
	security: "read",
	weight: () => 20,
	freeOnSuccess: false,
	params: allOrdersParams,
	result: queryOrdersResult,
	async run({ services, caller: { userId } }, params) {
		const symbol = symbolNamed(services, params.symbol);
		checkWindow(params.startTime, params.endTime);
		const range = {
			fromOrderId: fromOne(params.orderId),
			startMs: fromOne(params.startTime),
			endMs: fromOne(params.endTime),
			limit: params.limit,
		};
		const { symbolId } = symbol;
		const account = services.accounts(userId);
		const recent = await answerOf(services, "query", account.recentOrders(userId, symbolId));
		await orderLogReaches(services, recent.partition, recent.floorEvSeq);
		const logged = await services.orderLog.orders(userId, symbolId, range);
		const settled = recent.orders.filter((order) => order.status !== OrderStatus.Pending);
		return mergeOrders(settled, logged, range).map((order) => queryView(symbol, order));
	},
});
