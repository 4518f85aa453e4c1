import * as v from "valibot";
import { STP_MODE_NAMES, SYMBOL_STATE_NAMES } from "./order-names.ts";
import { flag, params, permissions, symbol, symbolStatus, symbols } from "./param-types.ts";
import { timeMs } from "./result-types.ts";

/** Parameters and results of the calls about the venue itself. */

export const emptyParams = params({});
export const emptyResult = v.strictObject({});

export const serverTimeResult = v.strictObject({ serverTime: timeMs });

export const systemStatusResult = v.strictObject({
	status: v.literal(0),
	msg: v.literal("normal"),
});

export const exchangeInfoParams = params({
	symbol: v.optional(symbol),
	symbols: v.optional(symbols),
	permissions: v.optional(permissions),
	showPermissionSets: v.optional(flag, "true"),
	symbolStatus: v.optional(symbolStatus),
});
export type ExchangeInfoParams = v.InferOutput<typeof exchangeInfoParams>;

export const executionRulesParams = params({
	symbol: v.optional(symbol),
	symbols: v.optional(symbols),
	symbolStatus: v.optional(symbolStatus),
});

export const executionRulesResult = v.strictObject({
	symbolRules: v.array(
		v.strictObject({ symbol: v.string(), rules: v.array(v.looseObject({ ruleType: v.string() })) }),
	),
});

export const rateLimitResult = v.strictObject({
	rateLimitType: v.picklist(["REQUEST_WEIGHT", "ORDERS", "RAW_REQUESTS", "CONNECTIONS"]),
	interval: v.picklist(["SECOND", "MINUTE", "HOUR", "DAY"]),
	intervalNum: v.number(),
	limit: v.number(),
	count: v.optional(v.number()),
});

const symbolResult = v.strictObject({
	symbol: v.string(),
	status: v.picklist(SYMBOL_STATE_NAMES),
	baseAsset: v.string(),
	baseAssetPrecision: v.number(),
	quoteAsset: v.string(),
	quotePrecision: v.number(),
	quoteAssetPrecision: v.number(),
	baseCommissionPrecision: v.number(),
	quoteCommissionPrecision: v.number(),
	orderTypes: v.array(v.string()),
	icebergAllowed: v.boolean(),
	ocoAllowed: v.boolean(),
	otoAllowed: v.boolean(),
	opoAllowed: v.boolean(),
	quoteOrderQtyMarketAllowed: v.boolean(),
	allowTrailingStop: v.boolean(),
	cancelReplaceAllowed: v.boolean(),
	amendAllowed: v.boolean(),
	pegInstructionsAllowed: v.boolean(),
	isSpotTradingAllowed: v.boolean(),
	isMarginTradingAllowed: v.boolean(),
	filters: v.array(v.looseObject({ filterType: v.string() })),
	permissions: v.array(v.string()),
	permissionSets: v.array(v.array(v.string())),
	defaultSelfTradePreventionMode: v.picklist(STP_MODE_NAMES),
	allowedSelfTradePreventionModes: v.array(v.picklist(STP_MODE_NAMES)),
});

export const exchangeInfoResult = v.strictObject({
	timezone: v.string(),
	serverTime: timeMs,
	rateLimits: v.array(rateLimitResult),
	exchangeFilters: v.array(v.unknown()),
	symbols: v.array(symbolResult),
});
