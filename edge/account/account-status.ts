import { accountStatusResult } from "../../schemas/api/account-api.ts";
import { emptyParams } from "../../schemas/api/general-api.ts";
import { operation } from "../operation.ts";
import { answerOf } from "../orders/account-answer.ts";

/** Whether the account may do what accounts do, or an operator has frozen it. */
export const accountStatus = operation({
	group: "Wallet",
	summary: "Status of the account",
	http: [{ method: "GET", path: "/sapi/v1/account/status" }],
	ws: [],
	security: "read",
	weight: () => 1,
	freeOnSuccess: false,
	params: emptyParams,
	result: accountStatusResult,
	async run({ services, caller: { userId } }) {
		const answer = await answerOf(services, "query", services.accounts(userId).account(userId));
		return { data: answer.frozen ? "Frozen" : "Normal" };
	},
});
