import { array, object } from "valibot";
import { emptyParams } from "../../schemas/api/general-api.ts";
import { allOrderListsParams, orderListParams } from "../../schemas/api/order-params.ts";
import { badCombination } from "../api-error.ts";
import { operation } from "../operation.ts";
import { checkNamed } from "./order-reference.ts";
import { refusalError } from "./refusals.ts";
import { checkWindow } from "./time-window.ts";

/** This venue has no order lists: what an account without any is told, by the rules of those that have. */

const orderLists = array(object({}));

/** One order list: there is none. */
export const queryOrderList = operation({
	group: "Account",
	summary: "Query an order list: there are none",
	http: [{ method: "GET", path: "/api/v3/orderList" }],
	ws: ["orderList.status"],
	security: "read",
	weight: () => 4,
	freeOnSuccess: false,
	params: orderListParams,
	result: object({}),
	async run(_context, { orderListId, origClientOrderId }) {
		checkNamed(orderListId, origClientOrderId, "'origClientOrderId' or 'orderListId'");
		throw refusalError("query", { reason: "unknownOrder" });
	},
});

/** Order lists that are open: none. */
export const openOrderLists = operation({
	group: "Account",
	summary: "Open order lists: always none",
	http: [{ method: "GET", path: "/api/v3/openOrderList" }],
	ws: ["openOrderLists.status"],
	security: "read",
	weight: () => 6,
	freeOnSuccess: false,
	params: emptyParams,
	result: orderLists,
	run: async () => [],
});

/** Order lists, by id or within a day: none. */
export const allOrderLists = operation({
	group: "Account",
	summary: "All order lists: always none",
	http: [{ method: "GET", path: "/api/v3/allOrderList" }],
	ws: ["allOrderLists"],
	security: "read",
	weight: () => 20,
	freeOnSuccess: false,
	params: allOrderListsParams,
	result: orderLists,
	async run(_context, { fromId, startTime, endTime }) {
		const timed = startTime !== undefined || endTime !== undefined;
		if (fromId !== undefined && timed) throw badCombination();
		checkWindow(startTime, endTime);
		return [];
	},
});
