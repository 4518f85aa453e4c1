import { parseUnits } from "../../schemas/decimal.ts";
import { SymbolState } from "../../schemas/order.ts";
import type { AssetSpec, SymbolSpec } from "../../schemas/symbol.ts";

/** A market as an operator describes it, in decimal text. */
export interface SymbolDraft {
	readonly base: AssetSpec;
	readonly quote: AssetSpec;
	/** Smallest price step, "0.01". */
	readonly tickSize: string;
	/** Smallest quantity step, "0.00001". */
	readonly lotSize: string;
	readonly minPrice: string;
	readonly maxPrice: string;
	readonly minQty: string;
	readonly maxQty: string;
	readonly marketMaxQty: string;
	/** In quote. */
	readonly minNotional: string;
	readonly maxNotional: string;
	readonly makerFeePpm: number;
	readonly takerFeePpm: number;
}

/** A description that makes no market; the message says which part and why. */
export class SymbolDraftError extends Error {
	override readonly name = "SymbolDraftError";
}

/** Prices and quantities of the API have no more. */
const WIRE_DECIMALS = 8;
/** A price may be at most this many times above or below the average. */
const PERCENT_UP_PERMILLE = 5_000;
const PERCENT_DOWN_PERMILLE = 200;
/** A market buy holds 5 % more than the best ask asks. */
const BAND_PERMILLE = 1_050;

/**
 * The market of a description, in whole ticks and lots.
 *
 * @throws SymbolDraftError when a text is no decimal or no multiple of its step, when a size cannot be told in the
 * API's 8 decimals, when tick × lot is not a whole multiple of the quote's smallest unit, when the maxima multiply
 * past 2^53, when base and quote are one asset, or when no order can be as large as the smallest has to be
 */
export function symbolOf(draft: SymbolDraft, symbolId: number, partition: number): SymbolSpec {
	const { base, quote } = draft;
	if (base.assetId === quote.assetId) {
		throw new SymbolDraftError(`a market is of two assets, and ${base.asset} is one`);
	}
	const tick = size("tickSize", draft.tickSize);
	const lot = size("lotSize", draft.lotSize);
	// tick × lot has 36 decimals here; the quote's smallest unit is 10^(36 - decimals) of those.
	const unit = 10n ** BigInt(36 - quote.decimals);
	if ((tick * lot) % unit !== 0n) {
		throw new SymbolDraftError(
			`tickSize × lotSize must be a whole multiple of ${quote.asset}'s smallest unit`,
		);
	}
	const baseUnit = 10n ** BigInt(18 - base.decimals);
	if (lot % baseUnit !== 0n) {
		throw new SymbolDraftError(`lotSize must be a whole multiple of ${base.asset}'s smallest unit`);
	}
	const ticks = (name: string, text: string) => steps(name, text, tick, "tickSize");
	const lots = (name: string, text: string) => steps(name, text, lot, "lotSize");
	const maxPriceTicks = ticks("maxPrice", draft.maxPrice);
	const maxQtyLots = lots("maxQty", draft.maxQty);
	if (BigInt(maxPriceTicks) * BigInt(maxQtyLots) >= 2n ** 53n) {
		throw new SymbolDraftError("maxPrice ÷ tickSize × maxQty ÷ lotSize must stay below 2^53");
	}
	const quoteUnitsPerTickLot = Number((tick * lot) / unit);
	const tickLots = (name: string, text: string) =>
		Number(scaled(name, text, quote.decimals) / BigInt(quoteUnitsPerTickLot));
	const minNotionalTickLots = tickLots("minNotional", draft.minNotional);
	const maxNotionalTickLots = tickLots("maxNotional", draft.maxNotional);
	const minNotional = `minNotional=${draft.minNotional}`;
	if (minNotionalTickLots > maxNotionalTickLots) {
		throw new SymbolDraftError(`${minNotional} must not be above ${draft.maxNotional}`);
	}
	if (maxNotionalTickLots > Number.MAX_SAFE_INTEGER) {
		throw new SymbolDraftError(
			`maxNotional=${draft.maxNotional} must stay below 2^53 of tickSize × lotSize`,
		);
	}
	if (minNotionalTickLots > maxPriceTicks * maxQtyLots) {
		throw new SymbolDraftError(`${minNotional} is above any order of maxPrice × maxQty`);
	}
	return {
		symbolId,
		symbol: base.asset + quote.asset,
		partition,
		base,
		quote,
		tickSize: draft.tickSize,
		lotSize: draft.lotSize,
		quoteUnitsPerTickLot,
		baseUnitsPerLot: Number(lot / baseUnit),
		maxPriceTicks,
		maxQtyLots,
		filters: {
			minPriceTicks: ticks("minPrice", draft.minPrice),
			maxPriceTicks,
			tickTicks: 1,
			minQtyLots: lots("minQty", draft.minQty),
			maxQtyLots,
			stepLots: 1,
			marketMinQtyLots: lots("minQty", draft.minQty),
			marketMaxQtyLots: lots("marketMaxQty", draft.marketMaxQty),
			marketStepLots: 1,
			minNotionalTickLots,
			maxNotionalTickLots,
			bidUpPermille: PERCENT_UP_PERMILLE,
			bidDownPermille: PERCENT_DOWN_PERMILLE,
			askUpPermille: PERCENT_UP_PERMILLE,
			askDownPermille: PERCENT_DOWN_PERMILLE,
			avgPriceMins: 5,
			maxNumOrders: 200,
			maxNumStopOrders: 5,
			icebergParts: 100,
		},
		makerFeePpm: draft.makerFeePpm,
		takerFeePpm: draft.takerFeePpm,
		bandPermille: BAND_PERMILLE,
		state: SymbolState.Trading,
	};
}

/** A tick or a lot: the edge counts them in units of 10^-8, in which clients write prices and quantities. */
function size(name: string, text: string): bigint {
	const units = scaled(name, text, WIRE_DECIMALS);
	if (units <= 0n || units > BigInt(Number.MAX_SAFE_INTEGER)) {
		throw new SymbolDraftError(`${name}=${text} must be above 0, and below 90071992`);
	}
	return units * 10n ** BigInt(18 - WIRE_DECIMALS);
}

function scaled(name: string, text: string, decimals: number): bigint {
	const units = parseUnits(text, decimals);
	if (typeof units !== "bigint") throw new SymbolDraftError(`${name}=${text}: ${units}`);
	return units;
}

function steps(name: string, text: string, step: bigint, stepName: string): number {
	const units = scaled(name, text, 18);
	if (units <= 0n || units % step !== 0n) {
		throw new SymbolDraftError(`${name}=${text} must be a positive multiple of ${stepName}`);
	}
	if (units / step > BigInt(Number.MAX_SAFE_INTEGER)) {
		throw new SymbolDraftError(`${name}=${text} must stay below 2^53 of ${stepName}`);
	}
	return Number(units / step);
}
