import type { AggTrade, Kline, PublicTrade } from "../../../../schemas/market.ts";
import type { HistoryBatch } from "../../../../schemas/ports/history.ts";
import type { MarketModel } from "./market-model.ts";
import type { ModelSymbol } from "./model-symbol.ts";
import { type Stretch, TradeSums } from "./trade-sums.ts";

/** What history has of a symbol. */
interface Kept {
	readonly symbol: ModelSymbol;
	readonly sums: TradeSums;
	tradeId: number;
	/** Last trades of the last aggregate trade, and of the last bar of each interval. */
	mergedId: number;
	readonly bars: Map<string, number>;
}

/** 19: what is written to history are the trades up to there, and their sums, none left out. */
export class HistoryReferee {
	private readonly fault: (text: string) => void;
	private readonly market: MarketModel;
	private readonly kept = new Map<number, Kept>();

	constructor(fault: (text: string) => void, market: MarketModel) {
		this.fault = fault;
		this.market = market;
	}

	/** A batch is stored, by whoever wrote it. */
	writes({ partition, evSeq, trades, aggTrades, klines }: HistoryBatch): void {
		for (const row of trades) this.trade(row);
		for (const row of aggTrades) this.merged(row);
		for (const row of klines) this.bar(row);
		for (const symbol of this.market.symbols.values()) {
			if (symbol.spec.partition === partition) this.lacks(symbol, evSeq);
		}
	}

	private trade(row: PublicTrade): void {
		const kept = this.of(row.symbolId);
		const due = kept?.symbol.trades[row.tradeId - 1];
		const same =
			due?.ts === row.ts &&
			due.trade.priceTicks === row.priceTicks &&
			due.trade.qtyLots === row.qtyLots;
		if (kept === undefined || !same || row.tradeId > kept.tradeId + 1) {
			return this.fault(`19: trade ${row.tradeId} of symbol ${row.symbolId} is written wrong`);
		}
		kept.tradeId = Math.max(kept.tradeId, row.tradeId);
	}

	private merged({ symbolId, firstTradeId, lastTradeId, priceTicks, qtyLots }: AggTrade): void {
		const kept = this.of(symbolId);
		const those = kept?.symbol.trades.slice(firstTradeId - 1, lastTradeId) ?? [];
		const lots = those.reduce((sum, { trade }) => sum + trade.qtyLots, 0);
		const isSum = lots === qtyLots && those.every(({ trade }) => trade.priceTicks === priceTicks);
		if (kept === undefined || !isSum || firstTradeId > kept.mergedId + 1) {
			return this.fault(`19: trades from ${firstTradeId} of symbol ${symbolId} are merged wrong`);
		}
		kept.mergedId = Math.max(kept.mergedId, lastTradeId);
	}

	private bar(bar: Kline): void {
		const { symbolId, interval, firstTradeId, lastTradeId } = bar;
		const kept = this.of(symbolId);
		const before = kept?.bars.get(interval) ?? 0;
		const fault = kept?.sums.faultOf(stretchOf(bar)) ?? null;
		if (kept === undefined || fault !== null || firstTradeId > before + 1) {
			return this.fault(`19: bar ${interval} of symbol ${symbolId}, before ${before}: ${fault}`);
		}
		kept.bars.set(interval, Math.max(before, lastTradeId));
	}

	/** All that happened up to the batch's position is there, but for bars that are not over. */
	private lacks(symbol: ModelSymbol, evSeq: number): void {
		const kept = this.of(symbol.spec.symbolId);
		const next = symbol.trades[kept?.tradeId ?? 0];
		if (next !== undefined && next.evSeq <= evSeq) {
			this.fault(
				`19: history at ${evSeq} lacks trade ${next.trade.tradeId} of ${symbol.spec.symbol}`,
			);
		}
	}

	private of(symbolId: number): Kept | undefined {
		let kept = this.kept.get(symbolId);
		const symbol = this.market.symbols.get(symbolId);
		if (kept === undefined && symbol !== undefined) {
			kept = { symbol, sums: new TradeSums(symbol), tradeId: 0, mergedId: 0, bars: new Map() };
			this.kept.set(symbolId, kept);
		}
		return kept;
	}
}

function stretchOf(bar: Kline): Stretch {
	const { volumeLots, quoteTickLots, takerBuyLots, takerBuyTickLots } = bar;
	return {
		...bar,
		isOpen: false,
		...{ lots: volumeLots, tickLots: quoteTickLots },
		bought: { lots: takerBuyLots, tickLots: takerBuyTickLots },
	};
}
