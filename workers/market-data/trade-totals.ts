import type { PublicTrade } from "../../schemas/market.ts";
import { ExactSum } from "./exact-sum.ts";

/** Trades of a stretch of time, summed up; prices in ticks, 0 while there are none. */
export class TradeTotals {
	openTicks = 0;
	highTicks = 0;
	lowTicks = 0;
	closeTicks = 0;
	trades = 0;
	firstTradeId = 0;
	lastTradeId = 0;
	volumeLots = new ExactSum();
	quoteTickLots = new ExactSum();

	/** Adds a trade that is later than all so far. */
	addTrade(trade: PublicTrade): void {
		const { priceTicks, qtyLots, tradeId } = trade;
		this.widen(priceTicks, priceTicks, priceTicks, priceTicks, tradeId);
		this.trades += 1;
		this.lastTradeId = tradeId;
		this.volumeLots.add(qtyLots);
		this.quoteTickLots.add(priceTicks * qtyLots);
	}

	/** Adds a stretch that is later than all so far; an empty one changes nothing. */
	addTotals(later: TradeTotals): void {
		if (later.trades === 0) return;
		this.widen(
			later.openTicks,
			later.highTicks,
			later.lowTicks,
			later.closeTicks,
			later.firstTradeId,
		);
		this.trades += later.trades;
		this.lastTradeId = later.lastTradeId;
		this.volumeLots.addSum(later.volumeLots);
		this.quoteTickLots.addSum(later.quoteTickLots);
	}

	private widen(open: number, high: number, low: number, close: number, firstId: number): void {
		if (this.trades === 0) {
			this.openTicks = open;
			this.highTicks = high;
			this.lowTicks = low;
			this.firstTradeId = firstId;
		} else {
			if (high > this.highTicks) this.highTicks = high;
			if (low < this.lowTicks) this.lowTicks = low;
		}
		this.closeTicks = close;
	}
}

/** What a bar needs besides: what takers bought. */
export class BarTotals extends TradeTotals {
	takerBuyLots = new ExactSum();
	takerBuyTickLots = new ExactSum();

	override addTrade(trade: PublicTrade): void {
		super.addTrade(trade);
		if (trade.buyerIsMaker) return;
		this.takerBuyLots.add(trade.qtyLots);
		this.takerBuyTickLots.add(trade.priceTicks * trade.qtyLots);
	}

	/** Adds a later stretch with what its takers bought. */
	addBar(later: BarTotals): void {
		if (later.trades === 0) return;
		this.addTotals(later);
		this.takerBuyLots.addSum(later.takerBuyLots);
		this.takerBuyTickLots.addSum(later.takerBuyTickLots);
	}
}
