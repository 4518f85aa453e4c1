import type { ExchangeInfoParams } from "../../schemas/api/general-api.ts";
import { exchangeInfoParams, exchangeInfoResult } from "../../schemas/api/general-api.ts";
import {
	ORDER_TYPE_NAMES,
	STP_MODE_NAMES,
	SYMBOL_STATE_NAMES,
} from "../../schemas/api/order-names.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { badCombination } from "../api-error.ts";
import { filterList } from "../filters/filter-list.ts";
import { operation } from "../operation.ts";
import { DEFAULT_STP_MODE } from "../orders/new-order.ts";
import type { EdgeServices } from "../services.ts";
import { isInState, symbolNamed } from "../symbols.ts";
import { rateLimitList } from "./rate-limits.ts";

/** What the API shows of every amount. */
const PRECISION = 8;

/** The venue's rules: limits, symbols, filters. */
export const exchangeInfo = operation({
	group: "General",
	summary: "Rate limits, symbols and their filters",
	http: [{ method: "GET", path: "/api/v3/exchangeInfo" }],
	ws: ["exchangeInfo"],
	security: "none",
	weight: () => 20,
	freeOnSuccess: false,
	params: exchangeInfoParams,
	result: exchangeInfoResult,
	async run({ services }, params) {
		return {
			timezone: "UTC",
			serverTime: services.clock.nowMs(),
			rateLimits: rateLimitList(services.settings),
			exchangeFilters: [],
			symbols: chosen(services, params).map((symbol) =>
				symbolView(symbol, params.showPermissionSets),
			),
		};
	},
});

function chosen(services: EdgeServices, params: ExchangeInfoParams): readonly SymbolSpec[] {
	const named = params.symbol !== undefined || params.symbols !== undefined;
	const given = [params.symbol, params.symbols, params.permissions].filter((p) => p !== undefined);
	if (given.length > 1 || (named && params.symbolStatus !== undefined)) throw badCombination();
	if (params.symbol !== undefined) return [symbolNamed(services, params.symbol)];
	if (params.symbols !== undefined) return params.symbols.map((s) => symbolNamed(services, s));
	if (params.permissions?.includes("SPOT") === false) return [];
	return services.marketData.venue.symbols().filter((s) => isInState(s, params.symbolStatus));
}

function symbolView(symbol: SymbolSpec, showPermissionSets: boolean): object {
	return {
		symbol: symbol.symbol,
		status: SYMBOL_STATE_NAMES[symbol.state],
		baseAsset: symbol.base.asset,
		baseAssetPrecision: PRECISION,
		quoteAsset: symbol.quote.asset,
		quotePrecision: PRECISION,
		quoteAssetPrecision: PRECISION,
		baseCommissionPrecision: PRECISION,
		quoteCommissionPrecision: PRECISION,
		orderTypes: ORDER_TYPE_NAMES,
		icebergAllowed: true,
		ocoAllowed: false,
		otoAllowed: false,
		opoAllowed: false,
		quoteOrderQtyMarketAllowed: true,
		allowTrailingStop: false,
		cancelReplaceAllowed: true,
		amendAllowed: true,
		pegInstructionsAllowed: false,
		isSpotTradingAllowed: true,
		isMarginTradingAllowed: false,
		filters: filterList(symbol),
		permissions: [],
		permissionSets: showPermissionSets ? [["SPOT"]] : [],
		defaultSelfTradePreventionMode: STP_MODE_NAMES[DEFAULT_STP_MODE],
		allowedSelfTradePreventionModes: STP_MODE_NAMES,
	};
}
