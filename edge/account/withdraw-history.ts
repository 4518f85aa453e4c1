import { withdrawHistoryParams, withdrawHistoryResult } from "../../schemas/api/funds-api.ts";
import { assetText } from "../../schemas/api/number-text.ts";
import { ApiError } from "../api-error.ts";
import { operation } from "../operation.ts";
import { assetOfId } from "../symbols.ts";
import { fundsHistory, movementView } from "./funds-history.ts";

/** Binance's word for one that has left the balance. Others are not shown. */
const COMPLETED = 6;
const MOST_IDS = 45;

/** What was paid out of the account. */
export const withdrawHistory = operation({
	group: "Wallet",
	summary: "Withdrawals, newest first",
	http: [{ method: "GET", path: "/sapi/v1/capital/withdraw/history" }],
	ws: [],
	security: "read",
	// Binance counts it for the user (18000 of 180000 a minute), for the address nothing: here is no such count.
	weight: () => 1,
	freeOnSuccess: false,
	params: withdrawHistoryParams,
	result: withdrawHistoryResult,
	async run(context, params) {
		const { status = COMPLETED, withdrawOrderId, idList } = params;
		const ids = idList?.split(",") ?? [];
		if (ids.length > MOST_IDS) throw new ApiError(-1128, `idList has more than ${MOST_IDS} ids.`);
		const rows = await fundsHistory(context, "withdrawal", params, ids);
		// None was asked for by a client, so none has an id of his.
		if (status !== COMPLETED || withdrawOrderId !== undefined) return [];
		return rows.map((row) => ({
			...movementView(context, row),
			status: COMPLETED,
			transactionFee: assetText(assetOfId(context.services, row.assetId), 0n),
			applyTime: secondText(row.doneAtMs),
			completeTime: secondText(row.doneAtMs),
			info: "",
			confirmNo: 1,
			txKey: "",
		}));
	},
});

/** "2026-11-23 17:20:00", UTC. */
function secondText(ms: number): string {
	// biome-ignore lint/style/noRestrictedGlobals: it is given the time, and asks for none
	return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
