import { apiRestrictionsResult } from "../../schemas/api/account-api.ts";
import { emptyParams } from "../../schemas/api/general-api.ts";
import { badKey } from "../auth/signed.ts";
import { operation } from "../operation.ts";

/** What the key of the call may do, and whether it is tied to addresses. */
export const apiRestrictions = operation({
	group: "Wallet",
	summary: "What this API key may do",
	http: [{ method: "GET", path: "/sapi/v1/account/apiRestrictions" }],
	ws: [],
	security: "read",
	weight: () => 1,
	freeOnSuccess: false,
	params: emptyParams,
	result: apiRestrictionsResult,
	async run({ services, apiKey }) {
		const key = await services.users.keyByText(apiKey);
		// It was revoked since it signed.
		if (key === null || key.revoked) throw badKey();
		return {
			ipRestrict: key.ips.length > 0,
			createTime: key.createdAtMs,
			enableReading: key.scopes.includes("read"),
			enableSpotAndMarginTrading: key.scopes.includes("trade"),
			enableWithdrawals: false,
			enableInternalTransfer: false,
			permitsUniversalTransfer: false,
			enableMargin: false,
			enableFutures: false,
			enableVanillaOptions: false,
			enablePortfolioMarginTrading: false,
			enableFixApiTrade: false,
			enableFixReadOnly: false,
		};
	},
});
