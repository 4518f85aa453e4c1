import { parseSafeUnits, parseUnits } from "../../schemas/decimal.ts";
import { invariant } from "../../schemas/invariant.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { ApiError } from "../api-error.ts";
import { type FilterName, filterFailure } from "../filters/filter-failure.ts";
import { mandatory } from "../http/errors.ts";

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
	return multipleOf(name, text, symbol.tickSize, symbol.maxPriceTicks, "PRICE_FILTER");
}

/**
 * A quantity in lots.
 *
 * @throws ApiError -1111 for more than 8 decimals, LOT_SIZE for zero, for what is no whole lot and for
 * what is beyond the symbol's range
 */
export function qtyLotsOf(symbol: SymbolSpec, name: string, text: string): number {
	return multipleOf(name, text, symbol.lotSize, symbol.maxQtyLots, "LOT_SIZE");
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
		: mandatory(name);
}

/** How many sizes the text says. */
function multipleOf(
	name: string,
	text: string,
	size: string,
	most: number,
	filter: FilterName,
): number {
	const unit = sizeUnits(size);
	const units = parseSafeUnits(text, WIRE_DECIMALS);
	// Of 15 digits at most: a quotient that is not whole is not rounded to one that is.
	const count = units < 0 ? quotient(unitsOf(name, text), unit) : units / unit;
	if (!Number.isSafeInteger(count) || count <= 0 || count > most) throw filterFailure(filter);
	return count;
}

/** NaN when it is no whole number. */
function quotient(units: bigint, unit: number): number {
	return units % BigInt(unit) === 0n ? Number(units / BigInt(unit)) : Number.NaN;
}

/** Sizes in units of 10^-8, by their text: a venue has a handful of them. */
const sizes = new Map<string, number>();

function sizeUnits(size: string): number {
	const known = sizes.get(size);
	if (known !== undefined) return known;
	const units = parseUnits(size, WIRE_DECIMALS);
	invariant(typeof units === "bigint" && units > 0n, `${size} is not a size`);
	invariant(units <= BigInt(Number.MAX_SAFE_INTEGER), `a size of ${size} is too large`);
	sizes.set(size, Number(units));
	return Number(units);
}
