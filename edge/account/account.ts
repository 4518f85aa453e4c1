import { accountParams, accountResult } from "../../schemas/api/account-api.ts";
import { assetText } from "../../schemas/api/number-text.ts";
import type { BalanceLine } from "../../schemas/user-event.ts";
import { operation } from "../operation.ts";
import { answerOf } from "../orders/account-answer.ts";
import type { EdgeServices } from "../services.ts";
import { ratesView } from "./commission-view.ts";

/** Balances and rights of the account. */
export const account = operation({
	group: "Account",
	summary: "Balances and rates",
	http: [{ method: "GET", path: "/api/v3/account" }],
	ws: ["account.status"],
	security: "read",
	weight: () => 20,
	freeOnSuccess: false,
	params: accountParams,
	result: accountResult,
	async run({ services, caller: { userId } }, params) {
		const answer = await answerOf(services, "query", services.accounts(userId).account(userId));
		const rates = standardRates(services);
		return {
			makerCommission: basisPoints(rates.makerFeePpm),
			takerCommission: basisPoints(rates.takerFeePpm),
			buyerCommission: 0,
			sellerCommission: 0,
			commissionRates: ratesView(rates),
			canTrade: !answer.frozen,
			canWithdraw: !answer.frozen && !answer.withdrawalsStopped,
			canDeposit: true,
			brokered: false,
			requireSelfTradePrevention: false,
			preventSor: false,
			updateTime: answer.updatedAtMs,
			accountType: "SPOT",
			balances: balanceRows(services, answer.balances, params.omitZeroBalances),
			permissions: ["SPOT"],
			uid: answer.userId,
		};
	},
});

/** Every asset of the venue, also those the account never had, unless zeros are to be left out. */
function balanceRows(
	services: EdgeServices,
	lines: readonly BalanceLine[],
	omitZeros: boolean,
): readonly object[] {
	const byAsset = new Map(lines.map((line) => [line.assetId, line]));
	return services.marketData.venue
		.assets()
		.map((asset) => {
			const { available = 0n, held = 0n } = byAsset.get(asset.assetId) ?? {};
			return { asset, available, held };
		})
		.filter(({ available, held }) => !omitZeros || available !== 0n || held !== 0n)
		.map(({ asset, available, held }) => ({
			asset: asset.asset,
			free: assetText(asset, available),
			locked: assetText(asset, held),
		}));
}

/** The rates of an account are those of its symbols; what stands for all of them is the dearest. */
function standardRates(services: EdgeServices): { makerFeePpm: number; takerFeePpm: number } {
	const symbols = services.marketData.venue.symbols();
	return {
		makerFeePpm: Math.max(0, ...symbols.map((symbol) => symbol.makerFeePpm)),
		takerFeePpm: Math.max(0, ...symbols.map((symbol) => symbol.takerFeePpm)),
	};
}

function basisPoints(feePpm: number): number {
	return Math.round(feePpm / 100);
}
