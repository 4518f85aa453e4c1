import { testOrderParams } from "../../schemas/api/order-params.ts";
import { testOrderResult } from "../../schemas/api/order-results.ts";
import { feeText, NO_DISCOUNT } from "../account/commission-view.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { checkTrading, newOrder } from "./new-order.ts";

/** Checks an order like a real one, but never hands it on. */
export const testOrder = operation({
	group: "Trading",
	summary: "Check an order without placing it",
	http: [{ method: "POST", path: "/api/v3/order/test" }],
	ws: ["order.test"],
	security: "trade",
	weight: (params) => (params.computeCommissionRates ? 20 : 1),
	freeOnSuccess: false,
	params: testOrderParams,
	result: testOrderResult,
	async run({ services }, params) {
		const symbol = symbolNamed(services, params.symbol);
		await newOrder(services, symbol, params);
		checkTrading(symbol);
		if (!params.computeCommissionRates) return {};
		const none = { maker: feeText(0), taker: feeText(0) };
		return {
			standardCommissionForOrder: {
				maker: feeText(symbol.makerFeePpm),
				taker: feeText(symbol.takerFeePpm),
			},
			specialCommissionForOrder: none,
			taxCommissionForOrder: none,
			discount: NO_DISCOUNT,
		};
	},
});
