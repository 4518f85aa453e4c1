import { priceText, qtyText, quoteText } from "../../schemas/api/number-text.ts";
import { formatUnits } from "../../schemas/decimal.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";

/** A symbol's filters as exchangeInfo shows them. PRICE_FILTER is first: clients take it by its place. */
export function filterList(symbol: SymbolSpec): readonly object[] {
	const f = symbol.filters;
	return [
		{
			filterType: "PRICE_FILTER",
			minPrice: priceText(symbol, f.minPriceTicks),
			maxPrice: priceText(symbol, f.maxPriceTicks),
			tickSize: priceText(symbol, f.tickTicks),
		},
		{
			filterType: "LOT_SIZE",
			minQty: qtyText(symbol, f.minQtyLots),
			maxQty: qtyText(symbol, f.maxQtyLots),
			stepSize: qtyText(symbol, f.stepLots),
		},
		{ filterType: "ICEBERG_PARTS", limit: f.icebergParts },
		{
			filterType: "MARKET_LOT_SIZE",
			minQty: qtyText(symbol, f.marketMinQtyLots),
			maxQty: qtyText(symbol, f.marketMaxQtyLots),
			stepSize: qtyText(symbol, f.marketStepLots),
		},
		{
			filterType: "PERCENT_PRICE_BY_SIDE",
			bidMultiplierUp: permilleText(f.bidUpPermille),
			bidMultiplierDown: permilleText(f.bidDownPermille),
			askMultiplierUp: permilleText(f.askUpPermille),
			askMultiplierDown: permilleText(f.askDownPermille),
			avgPriceMins: f.avgPriceMins,
		},
		{
			filterType: "NOTIONAL",
			minNotional: quoteText(symbol, f.minNotionalTickLots),
			applyMinToMarket: true,
			maxNotional: quoteText(symbol, f.maxNotionalTickLots),
			applyMaxToMarket: false,
			avgPriceMins: f.avgPriceMins,
		},
		{ filterType: "MAX_NUM_ORDERS", maxNumOrders: f.maxNumOrders },
		{ filterType: "MAX_NUM_ALGO_ORDERS", maxNumAlgoOrders: f.maxNumStopOrders },
	];
}

/** A multiplier in thousandths without trailing zeros, as Binance writes them: "5", "0.2". */
function permilleText(permille: number): string {
	return formatUnits(BigInt(permille), 3).replace(/0+$/, "").replace(/\.$/, "");
}
