import { SYMBOL_STATE_NAMES, type SymbolStateName } from "../schemas/api/order-names.ts";
import { invariant } from "../schemas/invariant.ts";
import type { AssetSpec, SymbolSpec } from "../schemas/symbol.ts";
import { ApiError } from "./api-error.ts";
import type { EdgeServices } from "./services.ts";

/**
 * The symbol of that name.
 *
 * @throws ApiError -1121
 */
export function symbolNamed(services: EdgeServices, name: string): SymbolSpec {
	const symbol = services.marketData.venue.symbol(name);
	if (symbol === undefined) throw new ApiError(-1121, "Invalid symbol.");
	return symbol;
}

/** True where the symbol's state is the one asked for; undefined asks for none. */
export function isInState({ state }: SymbolSpec, asked: SymbolStateName | undefined): boolean {
	return asked === undefined || SYMBOL_STATE_NAMES[state] === asked;
}

/**
 * The symbol of that name, which has to be in that state.
 *
 * @throws ApiError -1121, -1220
 */
export function symbolInState(
	services: EdgeServices,
	name: string,
	asked: SymbolStateName | undefined,
): SymbolSpec {
	const symbol = symbolNamed(services, name);
	if (isInState(symbol, asked)) return symbol;
	throw new ApiError(-1220, "The symbol's status does not match the requested symbolStatus.");
}

/** The symbol an order of ours names: the venue has never forgotten one. */
export function symbolOfId(services: EdgeServices, symbolId: number): SymbolSpec {
	const symbol = services.marketData.venue.symbolById(symbolId);
	invariant(symbol !== undefined, `an order names the unknown symbol ${symbolId}`);
	return symbol;
}

/** The asset that money of ours is in. */
export function assetOfId(services: EdgeServices, assetId: number): AssetSpec {
	const asset = services.marketData.venue.assetById(assetId);
	invariant(asset !== undefined, `an amount is in the unknown asset ${assetId}`);
	return asset;
}
