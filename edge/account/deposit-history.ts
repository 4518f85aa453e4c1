import { depositHistoryParams, depositHistoryResult } from "../../schemas/api/funds-api.ts";
import { operation } from "../operation.ts";
import { fundsHistory, movementView } from "./funds-history.ts";

/** Binance's word for one that is in the balance. Others are not shown. */
const SUCCESS = 1;

/** What the account was brought. */
export const depositHistory = operation({
	group: "Wallet",
	summary: "Deposits, newest first",
	http: [{ method: "GET", path: "/sapi/v1/capital/deposit/hisrec" }],
	ws: [],
	security: "read",
	weight: () => 1,
	freeOnSuccess: false,
	params: depositHistoryParams,
	result: depositHistoryResult,
	async run(context, params) {
		const { status = SUCCESS, txId } = params;
		const ids = txId === undefined ? [] : [txId];
		const rows = await fundsHistory(context, "deposit", params, ids);
		if (status !== SUCCESS) return [];
		return rows.map((row) => ({
			...movementView(context, row),
			status: SUCCESS,
			insertTime: row.doneAtMs,
			completeTime: row.doneAtMs,
			confirmTimes: "1/1",
			unlockConfirm: 1,
		}));
	},
});
