import { array, object } from "valibot";
import { blockTradesParams } from "../../schemas/api/market-data-params.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";

/** Trades that two accounts agreed on beside the book, of which this venue has none. */
export const historicalBlockTrades = operation({
	group: "Market data",
	summary: "Block trades: always none",
	http: [{ method: "GET", path: "/api/v3/historicalBlockTrades" }],
	ws: ["blockTrades.historical"],
	security: "none",
	weight: () => 25,
	freeOnSuccess: false,
	params: blockTradesParams,
	result: array(object({})),
	async run({ services }, params) {
		symbolNamed(services, params.symbol);
		return [];
	},
});
