import { object } from "valibot";
import { referencePriceParams } from "../../schemas/api/market-data-params.ts";
import { ApiError } from "../api-error.ts";
import { operation } from "../operation.ts";
import { symbolInState } from "../symbols.ts";

/** A price that Binance sets for some symbols. No symbol has one here: filters go by the average price. */
export const referencePrice = operation({
	group: "Market data",
	summary: "Reference price of a symbol, or how it is worked out: no symbol has one",
	http: [
		{ method: "GET", path: "/api/v3/referencePrice" },
		{ method: "GET", path: "/api/v3/referencePrice/calculation" },
	],
	ws: ["referencePrice", "referencePrice.calculation"],
	security: "none",
	weight: () => 2,
	freeOnSuccess: false,
	params: referencePriceParams,
	result: object({}),
	async run({ services }, params) {
		symbolInState(services, params.symbol, params.symbolStatus);
		throw new ApiError(-2043, "This symbol doesn't have a reference price.");
	},
});
