import { aggTradesParams } from "../../schemas/api/market-data-params.ts";
import { aggTradesResult } from "../../schemas/api/market-data-results.ts";
import { priceText, qtyText } from "../../schemas/api/number-text.ts";
import type { AggTrade } from "../../schemas/market.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { badCombination } from "../api-error.ts";
import { operation } from "../operation.ts";
import { symbolNamed } from "../symbols.ts";

/** Trades of one incoming order at one price, merged. By id or by time, not both. */
export const aggTrades = operation({
	group: "Market data",
	summary: "Aggregate trades",
	http: [{ method: "GET", path: "/api/v3/aggTrades" }],
	ws: ["trades.aggregate"],
	security: "none",
	weight: () => 4,
	freeOnSuccess: false,
	params: aggTradesParams,
	result: aggTradesResult,
	async run({ services }, params) {
		const symbol = symbolNamed(services, params.symbol);
		const { fromId = null, startTime: startMs = null, endTime: endMs = null, limit } = params;
		if (fromId !== null && (startMs !== null || endMs !== null)) throw badCombination();
		const range = { fromId, startMs, endMs, limit };
		const trades = await services.marketData.aggTrades(symbol.symbolId, range);
		return trades.map((trade) => aggTradeView(symbol, trade));
	},
});

function aggTradeView(symbol: SymbolSpec, trade: AggTrade): object {
	return {
		a: trade.aggTradeId,
		p: priceText(symbol, trade.priceTicks),
		q: qtyText(symbol, trade.qtyLots),
		f: trade.firstTradeId,
		l: trade.lastTradeId,
		T: trade.ts,
		m: trade.buyerIsMaker,
		M: true,
	};
}
