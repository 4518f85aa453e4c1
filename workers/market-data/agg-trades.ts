import type { AggTrade, PublicTrade } from "../../schemas/market.ts";

/** Merges the trades of one incoming order at one price and time; one symbol. */
export class AggTrades {
	/** Id of the last one that was given out; ids are gapless from 1. */
	lastId: number;
	private open: AggTrade | null = null;
	private openTakerOrderId = 0;

	constructor(lastId = 0) {
		this.lastId = lastId;
	}

	/** Adds a trade; gives the aggregate that it ended, if any. */
	add(trade: PublicTrade, takerOrderId: number): AggTrade | null {
		const { open } = this;
		const same =
			open !== null &&
			this.openTakerOrderId === takerOrderId &&
			open.priceTicks === trade.priceTicks &&
			open.buyerIsMaker === trade.buyerIsMaker;
		if (same) {
			this.open = {
				...open,
				qtyLots: open.qtyLots + trade.qtyLots,
				lastTradeId: trade.tradeId,
			};
			return null;
		}
		const ended = this.end();
		this.openTakerOrderId = takerOrderId;
		this.open = {
			symbolId: trade.symbolId,
			aggTradeId: this.lastId + 1,
			priceTicks: trade.priceTicks,
			qtyLots: trade.qtyLots,
			firstTradeId: trade.tradeId,
			lastTradeId: trade.tradeId,
			ts: trade.ts,
			buyerIsMaker: trade.buyerIsMaker,
		};
		return ended;
	}

	/** The command is answered: no more trades of its orders. Gives the aggregate that this ends. */
	end(): AggTrade | null {
		const ended = this.open;
		if (ended !== null) this.lastId = ended.aggTradeId;
		this.open = null;
		return ended;
	}
}
