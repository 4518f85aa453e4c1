import { tradeFeeParams, tradeFeeResult } from "../../schemas/api/account-api.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { feeText } from "./commission-view.ts";

/** Trading fees by symbol. */
export const tradeFee = operation({
	group: "Wallet",
	summary: "Trading fees",
	http: [{ method: "GET", path: "/sapi/v1/asset/tradeFee" }],
	ws: [],
	security: "read",
	weight: () => 1,
	freeOnSuccess: false,
	params: tradeFeeParams,
	result: tradeFeeResult,
	async run({ services }, params) {
		const symbols =
			params.symbol === undefined
				? services.marketData.venue.symbols()
				: [symbolNamed(services, params.symbol)];
		return symbols.map((symbol) => ({
			symbol: symbol.symbol,
			makerCommission: feeText(symbol.makerFeePpm),
			takerCommission: feeText(symbol.takerFeePpm),
		}));
	},
});
