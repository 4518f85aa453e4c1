import { assetDetailResult } from "../../schemas/api/account-api.ts";
import { emptyParams } from "../../schemas/api/general-api.ts";
import { assetText } from "../../schemas/api/number-text.ts";
import { operation } from "../operation.ts";

/**
 * How assets come and go, by name: by the operator only, so nothing is open to the client. Served
 * because a common client asks for it before anything else and gives up where the path is missing.
 */
export const assetDetail = operation({
	group: "Wallet",
	summary: "Deposits and withdrawals of each asset: none by the client",
	http: [{ method: "GET", path: "/sapi/v1/asset/assetDetail" }],
	ws: [],
	security: "read",
	weight: () => 1,
	freeOnSuccess: false,
	params: emptyParams,
	result: assetDetailResult,
	async run({ services }) {
		const rows = services.marketData.venue.assets().map((asset) => [
			asset.asset,
			{
				minWithdrawAmount: assetText(asset, 0n),
				depositStatus: false,
				withdrawFee: 0,
				withdrawStatus: false,
			},
		]);
		return Object.fromEntries(rows);
	},
});
