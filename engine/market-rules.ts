import type { SymbolState } from "../schemas/order.ts";
import type { SymbolSpec } from "../schemas/symbol.ts";

/** What the engine keeps of a symbol's specification: the numbers it checks orders against. */
export interface MarketRules {
	readonly symbolId: number;
	readonly symbol: string;
	readonly partition: number;
	readonly baseAssetId: number;
	readonly quoteAssetId: number;
	readonly tickSize: string;
	readonly lotSize: string;
	readonly quoteUnitsPerTickLot: number;
	readonly baseUnitsPerLot: number;
	readonly maxPriceTicks: number;
	readonly maxQtyLots: number;
	/** The filters' steps, in engine ticks and lots; 0 asks for none. These and the state may change. */
	tickTicks: number;
	stepLots: number;
	state: SymbolState;
}

/** The engine's part of a specification. */
export function rulesOf(spec: SymbolSpec): MarketRules {
	return {
		symbolId: spec.symbolId,
		symbol: spec.symbol,
		partition: spec.partition,
		baseAssetId: spec.base.assetId,
		quoteAssetId: spec.quote.assetId,
		tickSize: spec.tickSize,
		lotSize: spec.lotSize,
		quoteUnitsPerTickLot: spec.quoteUnitsPerTickLot,
		baseUnitsPerLot: spec.baseUnitsPerLot,
		maxPriceTicks: spec.maxPriceTicks,
		maxQtyLots: spec.maxQtyLots,
		tickTicks: spec.filters.tickTicks,
		stepLots: spec.filters.stepLots,
		state: spec.state,
	};
}
