import { Side } from "../../../../schemas/order.ts";
import type { PriceRow } from "../../../../schemas/ports/ledger.ts";
import type { MarketModel } from "./market-model.ts";
import type { ModelSymbol } from "./model-symbol.ts";

/**
 * 17: the prices that a shard has in the ledger are those of `trades` at its positions. Behind the best
 * level a start knows its own orders only, so the best known need not be the best; but it is a level, and
 * none that is known is forgotten while it stands.
 */
export class PricesCheck {
	private readonly fault: (text: string) => void;
	private readonly market: MarketModel;
	/** By shard and symbol. */
	private readonly rows = new Map<string, PriceRow>();

	constructor(fault: (text: string) => void, market: MarketModel) {
		this.fault = fault;
		this.market = market;
	}

	/** The ledger has these rows now, and had others; nothing is held against them. */
	restored(shard: number, rows: readonly PriceRow[]): void {
		for (const { spec } of this.market.symbols.values()) {
			this.rows.delete(`${shard}/${spec.symbolId}`);
		}
		for (const row of rows) this.rows.set(`${shard}/${row.symbolId}`, row);
	}

	/** @param evSeqs by partition: the positions that were committed with the rows */
	committed(shard: number, rows: readonly PriceRow[], evSeqs: readonly number[]): void {
		const changed = new Map(rows.map((row) => [row.symbolId, row]));
		for (const symbol of this.market.symbols.values()) {
			const { symbolId, partition } = symbol.spec;
			const key = `${shard}/${symbolId}`;
			const before = this.rows.get(key) ?? nothingOf(symbolId);
			const row = changed.get(symbolId) ?? before;
			this.check(symbol, before, row, shard, evSeqs[partition] ?? 0);
			this.rows.set(key, row);
		}
	}

	private check(
		symbol: ModelSymbol,
		before: PriceRow,
		row: PriceRow,
		shard: number,
		evSeq: number,
	): void {
		const name = `${symbol.spec.symbol} in shard ${shard} at ${evSeq}`;
		const last = symbol.trades.findLast((trade) => trade.evSeq <= evSeq)?.trade;
		const isLast =
			row.lastTradeId === (last?.tradeId ?? 0) && row.lastTicks === (last?.priceTicks ?? 0);
		if (!isLast)
			this.fault(`17: ${name}: the last trade is ${last?.tradeId}, not ${row.lastTradeId}`);
		for (const [side, known, now] of [
			[Side.Buy, before.bidTicks, row.bidTicks],
			[Side.Sell, before.askTicks, row.askTicks],
		] as const) {
			if (now !== 0 && !stands(symbol, side, now, evSeq)) {
				this.fault(`17: ${name}: nothing stands at ${now}`);
			}
			const better = side === Side.Buy ? now >= known : now <= known && now !== 0;
			if (known === 0 || better || !stands(symbol, side, known, evSeq)) continue;
			this.fault(`17: ${name}: ${known} stands, ${now} is the best known`);
		}
	}
}

function stands({ lotsFrom }: ModelSymbol, side: Side, priceTicks: number, evSeq: number): boolean {
	const history = lotsFrom[side].get(priceTicks) ?? [];
	return (history.findLast((change) => change.evSeq <= evSeq)?.qtyLots ?? 0) > 0;
}

function nothingOf(symbolId: number): PriceRow {
	return { symbolId, bidTicks: 0, askTicks: 0, lastTicks: 0, lastTradeId: 0 };
}
