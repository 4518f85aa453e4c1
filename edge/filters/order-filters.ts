import type { AveragePriceView } from "../../schemas/market.ts";
import { hasLimitPrice, OrderType, Side } from "../../schemas/order.ts";
import type { PlaceRequest } from "../../schemas/ports/account-service.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import type { FilterName } from "./filter-failure.ts";

/** What an order is measured against: a ratio of whole numbers, so that nothing is rounded. */
interface ReferencePrice {
	readonly tickLots: bigint;
	readonly lots: bigint;
}

/**
 * The first filter that this order fails, in the order in which exchangeInfo lists them; null when it
 * passes. How many orders somebody has, the account worker checks.
 *
 * @param average asked only when the order has to be measured against the average price
 */
export function failedFilter(
	symbol: SymbolSpec,
	order: PlaceRequest,
	average: () => AveragePriceView | Promise<AveragePriceView>,
): FilterName | null | Promise<FilterName | null> {
	const failed = failedByItself(symbol, order);
	if (failed !== null) return failed;
	if (!needsAverage(symbol, order)) return failedNotional(symbol, order, null);
	const view = average();
	if (view instanceof Promise) return view.then((known) => failedByAverage(symbol, order, known));
	return failedByAverage(symbol, order, view);
}

function failedByAverage(
	symbol: SymbolSpec,
	order: PlaceRequest,
	average: AveragePriceView,
): FilterName | null {
	const reference = referenceOf(average);
	if (reference !== null && failsPercentPrice(symbol, order, reference)) {
		return "PERCENT_PRICE_BY_SIDE";
	}
	return failedNotional(symbol, order, reference);
}

function failedByItself(symbol: SymbolSpec, order: PlaceRequest): FilterName | null {
	if (hasLimitPrice(order.type) && failsPrice(symbol, order.priceTicks)) return "PRICE_FILTER";
	if (order.stopPriceTicks > 0 && failsPrice(symbol, order.stopPriceTicks)) return "PRICE_FILTER";
	if (order.byQuote) return null;
	if (failsLotSize(symbol, order.qtyLots)) return "LOT_SIZE";
	if (order.displayLots > 0) {
		if (failsLotSize(symbol, order.displayLots)) return "LOT_SIZE";
		const parts = Math.ceil(order.qtyLots / order.displayLots);
		if (parts > symbol.filters.icebergParts) return "ICEBERG_PARTS";
	}
	if (isMarket(order.type) && failsMarketLotSize(symbol, order.qtyLots)) return "MARKET_LOT_SIZE";
	return null;
}

/** PRICE_FILTER: within the bounds, a multiple of the tick; a bound of 0 is none. */
function failsPrice(symbol: SymbolSpec, ticks: number): boolean {
	const { minPriceTicks, maxPriceTicks, tickTicks } = symbol.filters;
	if (ticks <= 0 || ticks > symbol.maxPriceTicks || ticks < minPriceTicks) return true;
	return (maxPriceTicks > 0 && ticks > maxPriceTicks) || ticks % tickTicks !== 0;
}

/** LOT_SIZE: for the quantity and for the visible part of an iceberg. */
export function failsLotSize(symbol: SymbolSpec, lots: number): boolean {
	const { minQtyLots, maxQtyLots, stepLots } = symbol.filters;
	if (lots <= 0 || lots > symbol.maxQtyLots) return true;
	return lots < minQtyLots || lots > maxQtyLots || lots % stepLots !== 0;
}

/** MARKET_LOT_SIZE: a step of 0 is none. */
function failsMarketLotSize(symbol: SymbolSpec, lots: number): boolean {
	const { marketMinQtyLots, marketMaxQtyLots, marketStepLots } = symbol.filters;
	if (lots < marketMinQtyLots || lots > marketMaxQtyLots) return true;
	return marketStepLots > 0 && lots % marketStepLots !== 0;
}

function isMarket(type: OrderType): boolean {
	return type === OrderType.Market;
}

function needsAverage(symbol: SymbolSpec, order: PlaceRequest): boolean {
	if (isMarket(order.type)) return !order.byQuote;
	const { bidUpPermille, bidDownPermille, askUpPermille, askDownPermille } = symbol.filters;
	const banded = bidUpPermille + bidDownPermille + askUpPermille + askDownPermille > 0;
	return banded && hasLimitPrice(order.type);
}

/** null while nothing was ever traded: there is nothing to measure against then. */
function referenceOf(average: AveragePriceView): ReferencePrice | null {
	if (average.volumeLots > 0n) return { tickLots: average.quoteTickLots, lots: average.volumeLots };
	return average.lastTicks > 0 ? { tickLots: BigInt(average.lastTicks), lots: 1n } : null;
}

function failsPercentPrice(
	symbol: SymbolSpec,
	order: PlaceRequest,
	reference: ReferencePrice,
): boolean {
	if (!hasLimitPrice(order.type)) return false;
	const { bidUpPermille, bidDownPermille, askUpPermille, askDownPermille } = symbol.filters;
	const buy = order.side === Side.Buy;
	const up = BigInt(buy ? bidUpPermille : askUpPermille);
	const down = BigInt(buy ? bidDownPermille : askDownPermille);
	const price = BigInt(order.priceTicks) * reference.lots * 1000n;
	return (
		(up > 0n && price > reference.tickLots * up) || (down > 0n && price < reference.tickLots * down)
	);
}

/** NOTIONAL: the smallest counts for every order, the largest for all but market orders. */
function failedNotional(
	symbol: SymbolSpec,
	order: PlaceRequest,
	reference: ReferencePrice | null,
): FilterName | null {
	const { minNotionalTickLots, maxNotionalTickLots } = symbol.filters;
	const notional = notionalOf(order, reference);
	if (notional === null) return null;
	if (notional < minNotionalTickLots) return "NOTIONAL";
	if (isMarket(order.type) || maxNotionalTickLots === 0) return null;
	return notional > maxNotionalTickLots ? "NOTIONAL" : null;
}

/**
 * In tick-lots; of a stop order without a limit, at its stop price. Price and quantity are within the
 * symbol's range here, so their product is safe; one of the average price that is not is far above any
 * bound, exact or not.
 */
function notionalOf(order: PlaceRequest, reference: ReferencePrice | null): number | null {
	const { qtyLots } = order;
	if (order.byQuote) return order.quoteTickLots;
	if (hasLimitPrice(order.type)) return order.priceTicks * qtyLots;
	if (!isMarket(order.type)) return order.stopPriceTicks * qtyLots;
	return reference === null
		? null
		: Number((BigInt(qtyLots) * reference.tickLots) / reference.lots);
}
