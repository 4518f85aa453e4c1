import { depthParams } from "../../schemas/api/market-data-params.ts";
import { depthResult } from "../../schemas/api/market-data-results.ts";
import { priceText, qtyText } from "../../schemas/api/number-text.ts";
import type { Levels } from "../../schemas/market.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { operation } from "../operation.ts";
import { symbolInState } from "../symbols.ts";

/** Weights by how many levels are asked for. */
function depthWeight(limit: number): number {
	if (limit <= 100) return 5;
	if (limit <= 500) return 25;
	return limit <= 1000 ? 50 : 250;
}

/** The order book by price level. `lastUpdateId` is in the id space of the depth streams. */
export const depth = operation({
	group: "Market data",
	summary: "Order book",
	http: [{ method: "GET", path: "/api/v3/depth" }],
	ws: ["depth"],
	security: "none",
	weight: (params) => depthWeight(params.limit),
	freeOnSuccess: false,
	params: depthParams,
	result: depthResult,
	async run({ services }, params) {
		const symbol = symbolInState(services, params.symbol, params.symbolStatus);
		const view = await services.marketData.depth(symbol.symbolId, params.limit);
		return {
			lastUpdateId: view.lastUpdateId,
			bids: levelsView(symbol, view.bids),
			asks: levelsView(symbol, view.asks),
		};
	},
});

function levelsView(symbol: SymbolSpec, levels: Levels): readonly (readonly string[])[] {
	return levels.map(([ticks, lots]) => [priceText(symbol, ticks), qtyText(symbol, lots)]);
}
