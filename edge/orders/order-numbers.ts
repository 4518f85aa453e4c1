import { parseUnits } from "../../schemas/decimal.ts";
import { invariant } from "../../schemas/invariant.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { ApiError } from "../api-error.ts";
import { type FilterName, filterFailure } from "../filters/filter-failure.ts";

/** Decimal texts of the wire to whole ticks, lots and tick-lots: once, exactly, without floats. */

/** More decimals than this are never right, whatever the symbol. */
const WIRE_DECIMALS = 8;

/**
 * A price in ticks.
 *
 * @throws ApiError -1111 for more than 8 decimals, PRICE_FILTER for zero, for what is no whole tick and
 * for what is beyond the symbol's range
 */
export function priceTicksOf(symbol: SymbolSpec, name: string, text: string): number {
	return multipleOf(unitsOf(name, text), symbol.tickSize, symbol.maxPriceTicks, "PRICE_FILTER");
}

/**
 * A quantity in lots.
 *
 * @throws ApiError -1111 for more than 8 decimals, LOT_SIZE for zero, for what is no whole lot and for
 * what is beyond the symbol's range
 */
export function qtyLotsOf(symbol: SymbolSpec, name: string, text: string): number {
	return multipleOf(unitsOf(name, text), symbol.lotSize, symbol.maxQtyLots, "LOT_SIZE");
}

/**
 * An amount of the quote asset in tick-lots, rounded down.
 *
 * @throws ApiError -1111 when it is finer than the asset, NOTIONAL for zero and for what is beyond any
 * order
 */
export function quoteTickLotsOf(symbol: SymbolSpec, name: string, text: string): number {
	const units = unitsOf(name, text, symbol.quote.decimals);
	const tickLots = units / BigInt(symbol.quoteUnitsPerTickLot);
	if (tickLots <= 0n || tickLots > BigInt(Number.MAX_SAFE_INTEGER)) throw filterFailure("NOTIONAL");
	return Number(tickLots);
}

function unitsOf(name: string, text: string, decimals = WIRE_DECIMALS): bigint {
	const units = parseUnits(text, decimals);
	if (typeof units === "bigint") return units;
	throw units === "precision"
		? new ApiError(-1111, `Parameter '${name}' has too much precision.`)
		: new ApiError(
				-1102,
				`Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
			);
}

function multipleOf(units: bigint, size: string, most: number, filter: FilterName): number {
	const unit = sizeUnits(size);
	const count = units / unit;
	if (units % unit !== 0n || count <= 0n || count > BigInt(most)) throw filterFailure(filter);
	return Number(count);
}

/** Sizes in units of 10^-8, by their text: a venue has a handful of them. */
const sizes = new Map<string, bigint>();

function sizeUnits(size: string): bigint {
	const known = sizes.get(size);
	if (known !== undefined) return known;
	const units = parseUnits(size, WIRE_DECIMALS);
	invariant(typeof units === "bigint" && units > 0n, `${size} is not a size`);
	sizes.set(size, units);
	return units;
}
