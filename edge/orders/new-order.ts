import type { NewOrderParams } from "../../schemas/api/order-params.ts";
import { StpMode, SymbolState, TimeInForce } from "../../schemas/order.ts";
import type { PlaceRequest } from "../../schemas/ports/account-service.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { ApiError } from "../api-error.ts";
import { type FilterName, filterFailure } from "../filters/filter-failure.ts";
import { failedFilter } from "../filters/order-filters.ts";
import type { EdgeServices } from "../services.ts";
import { clientOrderIdOf } from "./client-order-id.ts";
import { priceTicksOf, qtyLotsOf, quoteTickLotsOf } from "./order-numbers.ts";
import { checkShape } from "./order-shape.ts";

/** What an order without selfTradePreventionMode has. */
export const DEFAULT_STP_MODE = StpMode.ExpireMaker;

/**
 * The order that these parameters ask for, in ticks and lots, past every check that needs only the
 * symbol: its shape, its numbers, its filters. At once when the average price is.
 *
 * @throws ApiError, at once or as a rejection
 */
export function newOrder(
	services: EdgeServices,
	symbol: SymbolSpec,
	params: NewOrderParams,
): PlaceRequest | Promise<PlaceRequest> {
	checkShape(params);
	const order = requestOf(services, symbol, params);
	if (order.displayLots > order.qtyLots) throw new ApiError(-2010, "IcebergQty exceeds QTY.");
	const failed = failedFilter(symbol, order, () =>
		services.marketData.averagePrice(symbol.symbolId),
	);
	if (failed instanceof Promise) return failed.then((name) => passed(order, name));
	return passed(order, failed);
}

function passed(order: PlaceRequest, failed: FilterName | null): PlaceRequest {
	if (failed !== null) throw filterFailure(failed);
	return order;
}

/**
 * What an engine would say of the symbol's state, for calls that never reach it.
 *
 * @throws ApiError -2010
 */
export function checkTrading(symbol: SymbolSpec): void {
	if (symbol.state !== SymbolState.Trading) throw new ApiError(-2010, "Market is closed.");
}

function requestOf(
	services: EdgeServices,
	symbol: SymbolSpec,
	params: NewOrderParams,
): PlaceRequest {
	const { price, stopPrice, quantity, quoteOrderQty, icebergQty } = params;
	return {
		symbolId: symbol.symbolId,
		side: params.side,
		type: params.type,
		timeInForce: params.timeInForce ?? TimeInForce.Gtc,
		byQuote: quoteOrderQty !== undefined,
		priceTicks: price === undefined ? 0 : priceTicksOf(symbol, "price", price),
		stopPriceTicks: stopPrice === undefined ? 0 : priceTicksOf(symbol, "stopPrice", stopPrice),
		qtyLots: quantity === undefined ? 0 : qtyLotsOf(symbol, "quantity", quantity),
		quoteTickLots:
			quoteOrderQty === undefined ? 0 : quoteTickLotsOf(symbol, "quoteOrderQty", quoteOrderQty),
		displayLots: icebergQty === undefined ? 0 : qtyLotsOf(symbol, "icebergQty", icebergQty),
		stpMode: params.selfTradePreventionMode ?? DEFAULT_STP_MODE,
		clientOrderId: clientOrderIdOf(params.newClientOrderId, services.random),
		clientIdGiven: params.newClientOrderId !== undefined,
		strategyId: params.strategyId ?? 0,
		strategyType: params.strategyType ?? 0,
	};
}
