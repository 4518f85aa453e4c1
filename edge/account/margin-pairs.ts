import { array, object } from "valibot";
import { emptyParams } from "../../schemas/api/general-api.ts";
import { operation } from "../operation.ts";

/**
 * Pairs of margin trading: none, on a spot venue. Served because common clients ask for them before
 * anything else and give up where the path is missing.
 */
export const marginPairs = operation({
	group: "Wallet",
	summary: "Pairs of margin trading: always none",
	http: [
		{ method: "GET", path: "/sapi/v1/margin/allPairs" },
		{ method: "GET", path: "/sapi/v1/margin/isolated/allPairs" },
	],
	ws: [],
	security: "read",
	weight: () => 1,
	freeOnSuccess: false,
	params: emptyParams,
	result: array(object({})),
	run: async () => [],
});
