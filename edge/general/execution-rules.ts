import { executionRulesParams, executionRulesResult } from "../../schemas/api/general-api.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { badCombination } from "../api-error.ts";
import type { SymbolChoice } from "../market-data/symbol-choice.ts";
import { operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { isInState, symbolNamed } from "../symbols.ts";

/** Rules that a symbol's trades keep to beyond its filters: none has any here. */
export const executionRules = operation({
	group: "General",
	summary: "Execution rules of symbols: none",
	http: [{ method: "GET", path: "/api/v3/executionRules" }],
	ws: ["executionRules"],
	security: "none",
	weight: (params) => Math.min(40, 2 * countOf(params)),
	freeOnSuccess: false,
	params: executionRulesParams,
	result: executionRulesResult,
	async run({ services }, params) {
		const symbols = chosen(services, params);
		return { symbolRules: symbols.map(({ symbol }) => ({ symbol, rules: [] })) };
	},
});

function countOf({ symbol, symbols }: SymbolChoice): number {
	return symbol === undefined ? (symbols?.length ?? Number.POSITIVE_INFINITY) : 1;
}

/** @throws ApiError -1128 for more than one of the three, -1121 */
function chosen(services: EdgeServices, params: SymbolChoice): readonly SymbolSpec[] {
	const { symbol, symbols, symbolStatus } = params;
	if ([symbol, symbols, symbolStatus].filter((p) => p !== undefined).length > 1) {
		throw badCombination();
	}
	if (symbol !== undefined) return [symbolNamed(services, symbol)];
	if (symbols !== undefined) return symbols.map((name) => symbolNamed(services, name));
	return services.marketData.venue.symbols().filter((s) => isInState(s, symbolStatus));
}
