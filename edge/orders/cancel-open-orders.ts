import { cancelAllParams } from "../../schemas/api/order-params.ts";
import { cancelAllResult } from "../../schemas/api/order-results.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { viewOf } from "./account-answer.ts";
import { cancelView } from "./order-view.ts";

/** Cancels everything the account has open in a symbol; -2011 when that is nothing. */
export const cancelOpenOrders = operation({
	group: "Trading",
	summary: "Cancel all open orders of a symbol",
	http: [{ method: "DELETE", path: "/api/v3/openOrders" }],
	ws: ["openOrders.cancelAll"],
	security: "trade",
	weight: () => 1,
	freeOnSuccess: true,
	params: cancelAllParams,
	result: cancelAllResult,
	async run(context, params) {
		const { services, caller } = context;
		const symbol = symbolNamed(services, params.symbol);
		const account = services.accounts(caller.userId);
		const answer = account.cancelAll(caller, symbol.symbolId);
		return viewOf(context, "cancel", answer, ({ canceled }) =>
			canceled.map((one) => cancelView(symbol, one)),
		);
	},
});
