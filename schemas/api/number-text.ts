import { formatUnits, parseUnits } from "../decimal.ts";
import { invariant } from "../invariant.ts";
import type { AssetSpec, SymbolSpec } from "../symbol.ts";

/**
 * Whole numbers of the inside as Binance's decimal texts: always 8 decimals ("0.00000000" is a gone
 * level, exactly so). Exact: integers only, as numbers where they are safe, as bigint beyond.
 */

/** Every amount, price and quantity of the API has so many. */
const SHOWN_DECIMALS = 8;
const ONE = 10 ** SHOWN_DECIMALS;
const ZERO_TEXT = "0.00000000";

/** The price of so many ticks; negative for a change of price. */
export function priceText(symbol: SymbolSpec, ticks: number): string {
	return scaleOf(symbol.tickSize).textOf(ticks);
}

/** The quantity of so many lots. */
export function qtyText(symbol: SymbolSpec, lots: number | bigint): string {
	return scaleOf(symbol.lotSize).textOf(lots);
}

/** The quote amount of so many tick-lots (price in ticks × quantity in lots). */
export function quoteText(symbol: SymbolSpec, tickLots: number | bigint): string {
	const { quote, quoteUnitsPerTickLot } = symbol;
	const unitsEach = quoteUnitsPerTickLot * tenTo(missingDecimals(quote));
	if (Number.isSafeInteger(unitsEach)) return scaledText(tickLots, unitsEach);
	return formatUnits(
		BigInt(tickLots) * BigInt(quoteUnitsPerTickLot),
		quote.decimals,
		SHOWN_DECIMALS,
	);
}

/** An amount of an asset from its smallest units. */
export function assetText(asset: AssetSpec, units: bigint): string {
	return scaledText(units, tenTo(missingDecimals(asset)));
}

/**
 * The average price of trades, tick-lots ÷ lots, rounded half up at 8 decimals; the price of
 * `elseTicks` when nothing traded.
 */
export function averagePriceText(
	symbol: SymbolSpec,
	quoteTickLots: bigint,
	volumeLots: bigint,
	elseTicks: number,
): string {
	if (volumeLots === 0n) return priceText(symbol, elseTicks);
	const scaled = quoteTickLots * BigInt(scaleOf(symbol.tickSize).unitsEach);
	return formatUnits((2n * scaled + volumeLots) / (2n * volumeLots), SHOWN_DECIMALS);
}

/** The change from one price to another in percent, 3 decimals, half away from zero; 0 from nothing. */
export function percentText(fromTicks: number, toTicks: number): string {
	if (fromTicks === 0) return "0.000";
	const from = BigInt(fromTicks);
	const change = (BigInt(toTicks) - from) * 100_000n;
	const size = (2n * (change < 0n ? -change : change) + from) / (2n * from);
	return formatUnits(change < 0n ? -size : size, 3);
}

/**
 * Counts of one size as text. Texts written before are kept, each at the place of its count's lowest
 * bits: prices and quantities come again and again, and a text that is there already is flat in memory,
 * where a new one is not.
 */
class Scale {
	/** Of 10^-8. */
	readonly unitsEach: number;
	private readonly counts = new Float64Array(KEPT_TEXTS).fill(Number.NaN);
	private readonly texts = new Array<string>(KEPT_TEXTS).fill("");

	constructor(unitsEach: number) {
		this.unitsEach = unitsEach;
	}

	textOf(count: number | bigint): string {
		if (typeof count === "bigint") return scaledText(count, this.unitsEach);
		const place = count & (KEPT_TEXTS - 1);
		if (this.counts[place] === count) return this.texts[place]!;
		const text = scaledText(count, this.unitsEach);
		this.counts[place] = count;
		this.texts[place] = text;
		return text;
	}
}

/** A power of two. */
const KEPT_TEXTS = 4_096;

function scaledText(count: number | bigint, unitsEach: number): string {
	if (count === 0) return ZERO_TEXT;
	if (typeof count === "number") {
		const units = count * unitsEach;
		if (Number.isSafeInteger(units)) return units < 0 ? `-${safeText(-units)}` : safeText(units);
		return formatUnits(BigInt(count) * BigInt(unitsEach), SHOWN_DECIMALS);
	}
	const rounded = Number(count);
	if (Number.isSafeInteger(rounded)) return scaledText(rounded, unitsEach);
	return formatUnits(count * BigInt(unitsEach), SHOWN_DECIMALS);
}

/**
 * Whole and fraction apart: each fits 32 bits as a rule, and such numbers become text several times
 * faster than larger ones. The 1 in front of the fraction keeps its zeros.
 *
 * @param units of 10^-8, safe and not negative
 */
function safeText(units: number): string {
	const whole = Math.floor(units / ONE);
	return `${whole}.${String(units - whole * ONE + ONE).slice(1)}`;
}

/** By the text of the size: a venue has a handful of them. */
const scales = new Map<string, Scale>();

function scaleOf(size: string): Scale {
	const known = scales.get(size);
	if (known !== undefined) return known;
	const units = parseUnits(size, SHOWN_DECIMALS);
	invariant(typeof units === "bigint" && units > 0n, `${size} is no size with at most 8 decimals`);
	invariant(units <= BigInt(Number.MAX_SAFE_INTEGER), `a size of ${size} is too large`);
	const scale = new Scale(Number(units));
	scales.set(size, scale);
	return scale;
}

function missingDecimals(asset: AssetSpec): number {
	invariant(asset.decimals <= SHOWN_DECIMALS, `${asset.asset} has more than 8 decimals`);
	return SHOWN_DECIMALS - asset.decimals;
}

/** An exact power of ten; exponent at most 8. */
function tenTo(exponent: number): number {
	return 10 ** exponent;
}
