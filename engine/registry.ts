import type { SetSymbolState } from "../schemas/command.ts";
import { parseUnits } from "../schemas/decimal.ts";
import { SymbolState } from "../schemas/order.ts";
import { Rejection } from "../schemas/rejection.ts";
import type { AssetSpec, SymbolSpec } from "../schemas/symbol.ts";
import { isWhole } from "./admission.ts";
import { type MarketRules, rulesOf } from "./market-rules.ts";

const TWO_TO_53 = 2n ** 53n;
const MAX_DECIMALS = 8;

/** An asset as the engine remembers it: so that none is added twice. */
export interface KnownAsset {
	readonly assetId: number;
	readonly asset: string;
}

/** The venue's assets and symbols, of all partitions, in the order in which they were added. */
export class Registry {
	readonly assets: KnownAsset[] = [];
	readonly symbols: MarketRules[] = [];

	/** None, or why the asset is refused. */
	addAsset({ assetId, asset, decimals }: AssetSpec): Rejection {
		const known = this.assets.some((a) => a.assetId === assetId || a.asset === asset);
		const valid = isId(assetId) && asset.length > 0 && isWhole(decimals, 0, MAX_DECIMALS);
		if (known || !valid) return Rejection.InvalidCommand;
		this.assets.push({ assetId, asset });
		return Rejection.None;
	}

	/** None, or why the symbol is refused. */
	addSymbol(spec: SymbolSpec): Rejection {
		const known = this.symbols.some(
			(s) => s.symbolId === spec.symbolId || s.symbol === spec.symbol,
		);
		if (known || !hasExactNumbers(spec) || !hasValidRules(spec)) return Rejection.InvalidCommand;
		this.symbols.push(rulesOf(spec));
		return Rejection.None;
	}

	setState(command: SetSymbolState): Rejection {
		const rules = this.find(command.symbolId);
		if (rules === undefined) return Rejection.UnknownSymbol;
		if (!isState(command.state)) return Rejection.InvalidCommand;
		rules.state = command.state;
		return Rejection.None;
	}

	/** Takes new filters; what never changes must be as it is, and the state has its own command. */
	setRules(spec: SymbolSpec): Rejection {
		const rules = this.find(spec.symbolId);
		if (rules === undefined) return Rejection.UnknownSymbol;
		if (!hasExactNumbers(spec) || !hasValidRules(spec)) return Rejection.InvalidCommand;
		const { tickTicks, stepLots } = spec.filters;
		const asked = { ...rulesOf(spec), tickTicks: rules.tickTicks, stepLots: rules.stepLots };
		const keys = Object.keys(rules) as (keyof MarketRules)[];
		if (!keys.every((key) => asked[key] === rules[key])) return Rejection.InvalidCommand;
		rules.tickTicks = tickTicks;
		rules.stepLots = stepLots;
		return Rejection.None;
	}

	private find(symbolId: number): MarketRules | undefined {
		return this.symbols.find((rules) => rules.symbolId === symbolId);
	}
}

/**
 * Whether a tick × lot is a whole number of the quote's smallest units and a lot of the base's, as
 * the specification says, and no price × quantity passes 2^53: so that only fees are ever rounded.
 */
function hasExactNumbers(spec: SymbolSpec): boolean {
	const { base, quote, maxPriceTicks, maxQtyLots } = spec;
	if (!isWhole(base.decimals, 0, MAX_DECIMALS) || !isWhole(quote.decimals, 0, MAX_DECIMALS)) {
		return false;
	}
	if (!isWhole(maxPriceTicks, 1, Number.MAX_SAFE_INTEGER)) return false;
	if (!isWhole(maxQtyLots, 1, Number.MAX_SAFE_INTEGER)) return false;
	if (BigInt(maxPriceTicks) * BigInt(maxQtyLots) >= TWO_TO_53) return false;
	const { quoteUnitsPerTickLot, baseUnitsPerLot } = spec;
	if (!isWhole(quoteUnitsPerTickLot, 1, Number.MAX_SAFE_INTEGER)) return false;
	if (!isWhole(baseUnitsPerLot, 1, Number.MAX_SAFE_INTEGER)) return false;
	return (
		unitsOf(spec.lotSize, "1", base.decimals) === BigInt(baseUnitsPerLot) &&
		unitsOf(spec.tickSize, spec.lotSize, quote.decimals) === BigInt(quoteUnitsPerTickLot)
	);
}

/** a × b in units of 10^-decimals; undefined when that is not whole or not a number. */
function unitsOf(a: string, b: string, decimals: number): bigint | undefined {
	const left = parseUnits(a, 30);
	const right = parseUnits(b, 30);
	if (typeof left !== "bigint" || typeof right !== "bigint") return undefined;
	const scaled = left * right * 10n ** BigInt(decimals);
	const whole = scaled / 10n ** 60n;
	return whole * 10n ** 60n === scaled ? whole : undefined;
}

function hasValidRules(spec: SymbolSpec): boolean {
	const { tickTicks, stepLots } = spec.filters;
	return (
		isId(spec.symbolId) &&
		spec.symbol.length > 0 &&
		isWhole(spec.partition, 0, 0xffff_ffff) &&
		isId(spec.base.assetId) &&
		isId(spec.quote.assetId) &&
		spec.base.assetId !== spec.quote.assetId &&
		isState(spec.state) &&
		isWhole(tickTicks, 0, Number.MAX_SAFE_INTEGER) &&
		isWhole(stepLots, 0, Number.MAX_SAFE_INTEGER)
	);
}

function isState(state: number): boolean {
	return isWhole(state, SymbolState.Trading, SymbolState.Break);
}

function isId(id: number): boolean {
	return isWhole(id, 0, 0xffff_ffff);
}
