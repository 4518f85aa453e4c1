import { ApiError } from "../api-error.ts";

/** The filters this venue has, by the names of the API. */
export type FilterName =
	| "PRICE_FILTER"
	| "LOT_SIZE"
	| "ICEBERG_PARTS"
	| "MARKET_LOT_SIZE"
	| "PERCENT_PRICE_BY_SIDE"
	| "NOTIONAL"
	| "MAX_NUM_ORDERS"
	| "MAX_NUM_ALGO_ORDERS";

export function filterFailure(name: FilterName): ApiError {
	return new ApiError(-1013, `Filter failure: ${name}`);
}
