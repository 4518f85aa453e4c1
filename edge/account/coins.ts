import { coinsResult } from "../../schemas/api/account-api.ts";
import { emptyParams } from "../../schemas/api/general-api.ts";
import { assetText } from "../../schemas/api/number-text.ts";
import { operation } from "../operation.ts";
import { answerOf } from "../orders/account-answer.ts";

/**
 * The venue's assets with what the account has of them. Money comes and goes by the operator only, so
 * no asset has a network.
 */
export const coins = operation({
	group: "Wallet",
	summary: "Assets and holdings",
	http: [{ method: "GET", path: "/sapi/v1/capital/config/getall" }],
	ws: [],
	security: "read",
	weight: () => 10,
	freeOnSuccess: false,
	params: emptyParams,
	result: coinsResult,
	async run({ services, caller: { userId } }) {
		const answer = await answerOf(services, "query", services.accounts(userId).account(userId));
		const byAsset = new Map(answer.balances.map((line) => [line.assetId, line]));
		return services.marketData.venue.assets().map((asset) => {
			const { available = 0n, held = 0n } = byAsset.get(asset.assetId) ?? {};
			const none = assetText(asset, 0n);
			return {
				coin: asset.asset,
				depositAllEnable: false,
				withdrawAllEnable: false,
				name: asset.name,
				free: assetText(asset, available),
				locked: assetText(asset, held),
				freeze: none,
				withdrawing: none,
				ipoing: none,
				ipoable: none,
				storage: none,
				isLegalMoney: false,
				trading: true,
				networkList: [],
			};
		});
	},
});
