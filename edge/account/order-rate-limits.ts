import * as v from "valibot";
import { emptyParams, rateLimitResult } from "../../schemas/api/general-api.ts";
import { orderCountList } from "../general/rate-limits.ts";
import { operation } from "../operation.ts";
import { answerOf } from "../orders/account-answer.ts";

/** How many orders of the account count against its limits now. */
export const orderRateLimits = operation({
	group: "Account",
	summary: "Unfilled order counts",
	http: [{ method: "GET", path: "/api/v3/rateLimit/order" }],
	ws: ["account.rateLimits.orders"],
	security: "read",
	weight: () => 40,
	freeOnSuccess: false,
	params: emptyParams,
	result: v.array(rateLimitResult),
	async run({ services, caller: { userId } }) {
		const account = services.accounts(userId);
		return orderCountList(await answerOf(services, "query", account.orderCounts(userId)));
	},
});
