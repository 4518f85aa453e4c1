import { object } from "valibot";
import { cancelOrderListParams, refusedOrderParams } from "../../schemas/api/order-params.ts";
import { ApiError } from "../api-error.ts";
import { type Operation, operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { checkNamed } from "./order-reference.ts";
import { refusalError } from "./refusals.ts";

/**
 * Orders that Binance's symbols may take or not, and that none takes here: refused in Binance's words, where
 * a path that is not there would look like a passing fault.
 */

interface RefusedOrder {
	readonly summary: string;
	readonly paths: readonly string[];
	readonly ws: readonly string[];
	readonly code: number;
	readonly text: string;
}

const REFUSED: readonly RefusedOrder[] = [
	{
		summary: "Place an OCO: refused, there are no order lists",
		paths: ["/api/v3/orderList/oco", "/api/v3/order/oco"],
		ws: ["orderList.place.oco", "orderList.place"],
		code: -2010,
		text: "OCO orders are not supported for this symbol",
	},
	{
		summary: "Place an OTO: refused, there are no order lists",
		paths: ["/api/v3/orderList/oto", "/api/v3/orderList/otoco"],
		ws: ["orderList.place.oto", "orderList.place.otoco"],
		code: -2010,
		text: "OTO orders are not supported for this symbol.",
	},
	{
		summary: "Place an OPO: refused, there are no order lists",
		paths: ["/api/v3/orderList/opo", "/api/v3/orderList/opoco"],
		ws: ["orderList.place.opo", "orderList.place.opoco"],
		code: -2010,
		text: "OPO orders are not supported for this symbol.",
	},
	{
		summary: "Place an order by smart order routing: refused, there is none",
		paths: ["/api/v3/sor/order"],
		ws: ["sor.order.place"],
		code: -1020,
		text: "This operation is not supported.",
	},
	{
		summary: "Check an order of smart order routing: refused, there is none",
		paths: ["/api/v3/sor/order/test"],
		ws: ["sor.order.test"],
		code: -1020,
		text: "This operation is not supported.",
	},
];

export const refusedOrders: readonly Operation[] = REFUSED.map(refusedOrder);

function refusedOrder({ summary, paths, ws, code, text }: RefusedOrder) {
	return operation({
		group: "Trading",
		summary,
		http: paths.map((path) => ({ method: "POST", path }) as const),
		ws,
		security: "trade",
		weight: () => 1,
		freeOnSuccess: true,
		params: refusedOrderParams,
		result: object({}),
		async run({ services }, params) {
			symbolNamed(services, params.symbol);
			throw new ApiError(code, text);
		},
	});
}

/** Cancels an order list: there is none. */
export const cancelOrderList = operation({
	group: "Trading",
	summary: "Cancel an order list: there are none",
	http: [{ method: "DELETE", path: "/api/v3/orderList" }],
	ws: ["orderList.cancel"],
	security: "trade",
	weight: () => 1,
	freeOnSuccess: true,
	params: cancelOrderListParams,
	result: object({}),
	async run({ services }, { symbol, orderListId, listClientOrderId }) {
		symbolNamed(services, symbol);
		checkNamed(orderListId, listClientOrderId, "'orderListId' or 'listClientOrderId'");
		throw refusalError("cancel", { reason: "unknownOrder" });
	},
});
