import { myFiltersParams, myFiltersResult } from "../../schemas/api/account-api.ts";
import { filterList } from "../filters/filter-list.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";

/** The filters that an order of the account in a symbol has to pass: the symbol's, which are everyone's. */
export const myFilters = operation({
	group: "Account",
	summary: "Filters of a symbol that apply to the account",
	http: [{ method: "GET", path: "/api/v3/myFilters" }],
	ws: ["myFilters"],
	security: "read",
	weight: () => 40,
	freeOnSuccess: false,
	params: myFiltersParams,
	result: myFiltersResult,
	async run({ services }, params) {
		const symbol = symbolNamed(services, params.symbol);
		return { exchangeFilters: [], symbolFilters: filterList(symbol), assetFilters: [] };
	},
});
