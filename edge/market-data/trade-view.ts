import { priceText, qtyText, quoteText } from "../../schemas/api/number-text.ts";
import type { PublicTrade } from "../../schemas/market.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";

/** A public trade as REST has it. */
export function tradeView(symbol: SymbolSpec, trade: PublicTrade): object {
	return {
		id: trade.tradeId,
		price: priceText(symbol, trade.priceTicks),
		qty: qtyText(symbol, trade.qtyLots),
		quoteQty: quoteText(symbol, BigInt(trade.priceTicks) * BigInt(trade.qtyLots)),
		time: trade.ts,
		isBuyerMaker: trade.buyerIsMaker,
		isBestMatch: true,
	};
}
