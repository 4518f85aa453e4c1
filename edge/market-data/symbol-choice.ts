import type { SymbolStateName } from "../../schemas/api/order-names.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { ApiError, badCombination } from "../api-error.ts";
import type { EdgeServices } from "../services.ts";
import { isInState, symbolInState, symbolNamed } from "../symbols.ts";

export interface SymbolChoice {
	readonly symbol?: string | undefined;
	readonly symbols?: readonly string[] | undefined;
	readonly symbolStatus?: SymbolStateName | undefined;
}

/**
 * A row for each symbol asked for: the row itself for `symbol`, a list for `symbols` or none, less
 * those in another state than the one asked for.
 *
 * @throws ApiError -1128 for both, -1121, -1220 for a single one in another state
 */
export async function rowPerSymbol(
	services: EdgeServices,
	choice: SymbolChoice,
	row: (symbol: SymbolSpec) => Promise<object>,
): Promise<object> {
	if (choice.symbol !== undefined) {
		if (choice.symbols !== undefined) throw badCombination();
		return row(symbolInState(services, choice.symbol, choice.symbolStatus));
	}
	const chosen =
		choice.symbols?.map((name) => symbolNamed(services, name)) ??
		services.marketData.venue.symbols();
	return Promise.all(chosen.filter((s) => isInState(s, choice.symbolStatus)).map(row));
}

/**
 * For the tickers that no one gives of all symbols.
 *
 * @throws ApiError -1102 when neither is there
 */
export function checkChosen({ symbol, symbols }: SymbolChoice): void {
	if (symbol === undefined && symbols === undefined) {
		throw new ApiError(
			-1102,
			"Param 'symbol' or 'symbols' must be sent, but both were empty/null!",
		);
	}
}

/** Weight of the tickers of a window of their own: by the number of symbols. */
export function windowWeight({ symbols }: SymbolChoice): number {
	return Math.min(200, 4 * (symbols?.length ?? 1));
}

/** Weight of the tickers with statistics: by the number of symbols. */
export function statisticsWeight(choice: SymbolChoice): number {
	const count = choice.symbol !== undefined ? 1 : (choice.symbols?.length ?? Infinity);
	if (count <= 20) return 2;
	return count <= 100 ? 40 : 80;
}

/** Weight of the tickers with prices only. */
export function priceWeight(choice: SymbolChoice): number {
	return choice.symbol !== undefined ? 2 : 4;
}
