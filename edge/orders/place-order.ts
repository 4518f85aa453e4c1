import { newOrderParams } from "../../schemas/api/order-params.ts";
import { placeResult } from "../../schemas/api/order-results.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { answerOf } from "./account-answer.ts";
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
	async run(context, params) {
		const { services, caller } = context;
		const symbol = symbolNamed(services, params.symbol);
		const checked = newOrder(services, symbol, params);
		const order = checked instanceof Promise ? await checked : checked;
		const answer = await answerOf(
			services,
			"place",
			services.accounts(caller.userId).placeOrder(caller, order),
		);
		context.reportOrderCounts(answer.orderCounts);
		const type = params.newOrderRespType ?? defaultResponseType(params.type);
		return placeView(services, symbol, answer, type);
	},
});
