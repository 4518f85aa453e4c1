import { commissionParams, commissionResult } from "../../schemas/api/account-api.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";
import { NO_DISCOUNT, ratesView } from "./commission-view.ts";

/** The rates that the account pays in a symbol. */
export const commission = operation({
	group: "Account",
	summary: "Commission rates of a symbol",
	http: [{ method: "GET", path: "/api/v3/account/commission" }],
	ws: ["account.commission"],
	security: "read",
	weight: () => 20,
	freeOnSuccess: false,
	params: commissionParams,
	result: commissionResult,
	async run({ services }, params) {
		const symbol = symbolNamed(services, params.symbol);
		const none = ratesView({ makerFeePpm: 0, takerFeePpm: 0 });
		return {
			symbol: symbol.symbol,
			standardCommission: ratesView(symbol),
			specialCommission: none,
			taxCommission: none,
			discount: NO_DISCOUNT,
		};
	},
});
