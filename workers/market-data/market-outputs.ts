import type { LevelChanged } from "../../schemas/event.ts";
import type { AggTrade, Kline, PublicTrade } from "../../schemas/market.ts";
import type { SymbolMarket } from "./symbol-market.ts";

/** What a stretch of `trades` gives out, in the order of its events. */
export interface MarketOutputs {
	trade(market: SymbolMarket, trade: PublicTrade): void;
	aggTrade(market: SymbolMarket, agg: AggTrade): void;
	levelChanged(market: SymbolMarket, change: LevelChanged): void;
	/** A bar ended, with or without trades; `offsetMs` is its shift from UTC. */
	barClosed(market: SymbolMarket, kline: Kline, offsetMs: number): void;
}
