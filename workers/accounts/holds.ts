import type { NewOrder } from "../../schemas/command.ts";
import { hasLimitPrice, isStopType, OrderType, Side } from "../../schemas/order.ts";
import type { PlaceRequest } from "../../schemas/ports/account-service.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { baseAmount, budgetAmount, product, quoteAmount } from "../shared/amounts.ts";
import type { ReferencePrices } from "./market.ts";

/** What an order takes before it is logged, and the caps the engine is given with it. */
export interface HoldNeed {
	readonly assetId: number;
	/** In the asset's smallest units. */
	readonly amount: bigint;
	readonly qtyLots: number;
	readonly capTickLots: number;
}

export type HoldFault = "insufficientBalance" | "noPrice";

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The asset an order of that side pays with. */
export function paidAssetId(spec: SymbolSpec, side: Side): number {
	return side === Side.Buy ? spec.quote.assetId : spec.base.assetId;
}

/**
 * The hold of a new order, by the table that `hold-table.test.ts` holds it to. It is never more than `spendable`: an order
 * that must hold more is refused.
 *
 * @param spendable what the user can spend of the asset the order pays with, smallest units
 */
export function holdNeed(
	spec: SymbolSpec,
	request: PlaceRequest,
	prices: ReferencePrices,
	spendable: bigint,
): HoldNeed | HoldFault {
	const need =
		request.side === Side.Buy
			? buyNeed(spec, request, prices, spendable)
			: sellNeed(spec, request, prices, spendable);
	if (typeof need === "string") return need;
	return need.amount > spendable || need.amount <= 0n ? "insufficientBalance" : need;
}

/**
 * The extra a cancel-replace takes over what the old order's cancel will free.
 *
 * @param need hold of the new order
 * @param oldHeld what the old order holds now in the same asset; 0 for the other side or no old order
 * @param allowFailure the new order may go on without the cancel, so it may have to hold everything
 */
export function replaceExtra(
	need: bigint,
	oldHeld: bigint,
	allowFailure: boolean,
	available: bigint,
): bigint | "insufficientBalance" {
	const missing = need > oldHeld ? need - oldHeld : 0n;
	if (available < missing) return "insufficientBalance";
	if (!allowFailure) return missing;
	return need < available ? need : available;
}

function buyNeed(
	spec: SymbolSpec,
	request: PlaceRequest,
	prices: ReferencePrices,
	spendable: bigint,
): HoldNeed | HoldFault {
	const assetId = spec.quote.assetId;
	const { qtyLots } = request;
	if (hasLimitPrice(request.type)) {
		const amount = quoteAmount(spec, request.priceTicks, qtyLots);
		return { assetId, amount, qtyLots, capTickLots: 0 };
	}
	if (request.byQuote) {
		const capTickLots = request.quoteTickLots;
		return { assetId, amount: budgetAmount(spec, capTickLots), qtyLots: 0, capTickLots };
	}
	if (isStopType(request.type)) {
		const capTickLots = withBand(spec, request.stopPriceTicks, qtyLots);
		return { assetId, amount: budgetAmount(spec, capTickLots), qtyLots, capTickLots };
	}
	const ask = prices.askTicks || prices.lastTicks;
	if (ask === 0) return "noPrice";
	if (spendable < quoteAmount(spec, ask, qtyLots)) return "insufficientBalance";
	const affordable = spendable / BigInt(spec.quoteUnitsPerTickLot);
	const capTickLots = smaller(withBand(spec, ask, qtyLots), affordable);
	return { assetId, amount: budgetAmount(spec, capTickLots), qtyLots, capTickLots };
}

function sellNeed(
	spec: SymbolSpec,
	request: PlaceRequest,
	prices: ReferencePrices,
	spendable: bigint,
): HoldNeed | HoldFault {
	const assetId = spec.base.assetId;
	if (!request.byQuote) {
		const { qtyLots } = request;
		return { assetId, amount: baseAmount(spec, qtyLots), qtyLots, capTickLots: 0 };
	}
	const bid = prices.bidTicks || prices.lastTicks;
	if (bid === 0) return "noPrice";
	const capTickLots = request.quoteTickLots;
	// Rounded up: at the worst price of the band the amount can still be reached.
	const wanted = ceilDiv(BigInt(capTickLots) * BigInt(spec.bandPermille), BigInt(bid) * 1_000n);
	const owned = spendable / BigInt(spec.baseUnitsPerLot);
	const qtyLots = Math.min(smaller(Number(wanted), owned), spec.maxQtyLots);
	return { assetId, amount: baseAmount(spec, qtyLots), qtyLots, capTickLots };
}

/** Price × quantity × band in tick-lots, rounded down. */
function withBand(spec: SymbolSpec, priceTicks: number, qtyLots: number): number {
	const tickLots = (product(priceTicks, qtyLots) * BigInt(spec.bandPermille)) / 1_000n;
	return Number(tickLots < MAX_SAFE ? tickLots : MAX_SAFE);
}

function smaller(a: number, b: bigint): number {
	return b < BigInt(Math.min(a, Number.MAX_SAFE_INTEGER)) ? Number(b) : a;
}

function ceilDiv(a: bigint, b: bigint): bigint {
	return (a + b - 1n) / b;
}

/** What is wrong with a request's numbers by themselves: no hold may be worked out from them. */
export function isWellFormed(request: PlaceRequest): boolean {
	const { type, byQuote } = request;
	if (byQuote) return type === OrderType.Market && isPositive(request.quoteTickLots);
	if (!isPositive(request.qtyLots)) return false;
	if (hasLimitPrice(type) && !isPositive(request.priceTicks)) return false;
	return !isStopType(type) || isPositive(request.stopPriceTicks);
}

function isPositive(n: number): boolean {
	return Number.isSafeInteger(n) && n > 0;
}

/** The order as it goes into the log: the request with its hold's caps and the symbol's fees. */
export function newOrderOf(request: PlaceRequest, need: HoldNeed, spec: SymbolSpec): NewOrder {
	const limited = hasLimitPrice(request.type);
	return {
		side: request.side,
		type: request.type,
		timeInForce: request.timeInForce,
		byQuote: request.byQuote,
		priceTicks: limited ? request.priceTicks : 0,
		qtyLots: need.qtyLots,
		capTickLots: need.capTickLots,
		stopPriceTicks: isStopType(request.type) ? request.stopPriceTicks : 0,
		displayLots: request.displayLots,
		stpMode: request.stpMode,
		makerFeePpm: spec.makerFeePpm,
		takerFeePpm: spec.takerFeePpm,
		clientOrderId: request.clientOrderId,
		clientIdGiven: request.clientIdGiven,
		strategyId: request.strategyId,
		strategyType: request.strategyType,
	};
}
