import * as v from "valibot";
import { flag, params, symbol } from "./param-types.ts";
import { amount, id, timeMs } from "./result-types.ts";

/** Parameters and results of the calls about an account. */

export const accountParams = params({ omitZeroBalances: v.optional(flag, "false") });

const rates = v.strictObject({ maker: amount, taker: amount, buyer: amount, seller: amount });

export const accountResult = v.strictObject({
	makerCommission: v.number(),
	takerCommission: v.number(),
	buyerCommission: v.number(),
	sellerCommission: v.number(),
	commissionRates: rates,
	canTrade: v.boolean(),
	canWithdraw: v.boolean(),
	canDeposit: v.boolean(),
	brokered: v.boolean(),
	requireSelfTradePrevention: v.boolean(),
	preventSor: v.boolean(),
	updateTime: timeMs,
	accountType: v.literal("SPOT"),
	balances: v.array(v.strictObject({ asset: v.string(), free: amount, locked: amount })),
	permissions: v.array(v.string()),
	uid: id,
});

export const commissionParams = params({ symbol });

export const commissionResult = v.strictObject({
	symbol: v.string(),
	standardCommission: rates,
	specialCommission: rates,
	taxCommission: rates,
	discount: v.strictObject({
		enabledForAccount: v.boolean(),
		enabledForSymbol: v.boolean(),
		discountAsset: v.string(),
		discount: amount,
	}),
});

export const myFiltersParams = params({ symbol });

const filters = v.array(v.looseObject({ filterType: v.string() }));

export const myFiltersResult = v.strictObject({
	exchangeFilters: filters,
	symbolFilters: filters,
	assetFilters: filters,
});

export const tradeFeeParams = params({ symbol: v.optional(symbol) });

export const tradeFeeResult = v.array(
	v.strictObject({ symbol: v.string(), makerCommission: amount, takerCommission: amount }),
);

export const coinsResult = v.array(
	v.strictObject({
		coin: v.string(),
		depositAllEnable: v.boolean(),
		withdrawAllEnable: v.boolean(),
		name: v.string(),
		free: amount,
		locked: amount,
		freeze: amount,
		withdrawing: amount,
		ipoing: amount,
		ipoable: amount,
		storage: amount,
		isLegalMoney: v.boolean(),
		trading: v.boolean(),
		networkList: v.array(v.unknown()),
	}),
);

export const assetDetailResult = v.record(
	v.string(),
	v.strictObject({
		minWithdrawAmount: amount,
		depositStatus: v.boolean(),
		withdrawFee: v.number(),
		withdrawStatus: v.boolean(),
	}),
);

export const accountStatusResult = v.strictObject({ data: v.picklist(["Normal", "Frozen"]) });

export const apiRestrictionsResult = v.strictObject({
	ipRestrict: v.boolean(),
	createTime: timeMs,
	enableReading: v.boolean(),
	enableSpotAndMarginTrading: v.boolean(),
	enableWithdrawals: v.boolean(),
	enableInternalTransfer: v.boolean(),
	permitsUniversalTransfer: v.boolean(),
	enableMargin: v.boolean(),
	enableFutures: v.boolean(),
	enableVanillaOptions: v.boolean(),
	enablePortfolioMarginTrading: v.boolean(),
	enableFixApiTrade: v.boolean(),
	enableFixReadOnly: v.boolean(),
});

export const listenKeyParams = params({ listenKey: v.optional(v.string()) });

export const namedListenKeyParams = params({ listenKey: v.string() });

export const listenKeyResult = v.strictObject({ listenKey: v.string() });
