import type { AggTrade, Kline, KlineInterval, PublicTrade } from "../../../schemas/market.ts";
import type { History, HistoryBatch } from "../../../schemas/ports/history.ts";
import type { TradeRange } from "../../../schemas/ports/market-data.ts";

type Range = Omit<TradeRange, "fromId">;

/** History in memory, with a switch that makes writes fail. */
export class FakeHistory implements History {
	failing = false;
	/** A power cut would take what was written. */
	unsynced = false;
	readonly batches: HistoryBatch[] = [];
	private readonly positions = new Map<number, number>();
	private readonly tradeRows = new Map<string, PublicTrade>();
	private readonly aggRows = new Map<string, AggTrade>();
	private readonly klineRows = new Map<string, Kline>();

	async write(batch: HistoryBatch): Promise<void> {
		if (this.failing) throw new Error("history is away");
		this.batches.push(batch);
		for (const t of batch.trades) this.tradeRows.set(`${t.symbolId}/${t.tradeId}`, t);
		for (const a of batch.aggTrades) this.aggRows.set(`${a.symbolId}/${a.aggTradeId}`, a);
		for (const k of batch.klines) {
			this.klineRows.set(`${k.symbolId}/${k.interval}/${k.openTimeMs}`, k);
		}
		const before = this.positions.get(batch.partition) ?? 0;
		this.positions.set(batch.partition, Math.max(before, batch.evSeq));
	}

	async position(partition: number): Promise<number> {
		return this.positions.get(partition) ?? 0;
	}

	async trades(symbolId: number, range: TradeRange): Promise<readonly PublicTrade[]> {
		const rows = [...this.tradeRows.values()].filter((t) => t.symbolId === symbolId);
		return select(
			rows,
			range,
			(t) => t.tradeId,
			(t) => t.ts,
		);
	}

	async aggTrades(symbolId: number, range: TradeRange): Promise<readonly AggTrade[]> {
		const rows = [...this.aggRows.values()].filter((a) => a.symbolId === symbolId);
		return select(
			rows,
			range,
			(a) => a.aggTradeId,
			(a) => a.ts,
		);
	}

	async klines(symbolId: number, interval: KlineInterval, range: Range): Promise<readonly Kline[]> {
		const open = (k: Kline) => k.openTimeMs;
		return select(this.bars(symbolId, interval), { ...range, fromId: null }, open, open);
	}

	async klineBefore(
		symbolId: number,
		interval: KlineInterval,
		beforeMs: number,
	): Promise<Kline | null> {
		const bars = this.bars(symbolId, interval).filter((k) => k.openTimeMs < beforeMs);
		return bars.sort((a, b) => a.openTimeMs - b.openTimeMs).at(-1) ?? null;
	}

	async sync(): Promise<void> {
		if (this.unsynced) throw new Error("the disk is away");
	}

	async close(): Promise<void> {}

	private bars(symbolId: number, interval: KlineInterval): Kline[] {
		return [...this.klineRows.values()].filter(
			(k) => k.symbolId === symbolId && k.interval === interval,
		);
	}
}

/** The rows of a range by the port's rules, the plain way. */
export function select<T>(
	rows: readonly T[],
	range: TradeRange,
	id: (row: T) => number,
	ts: (row: T) => number,
): T[] {
	const { fromId, startMs, endMs, limit } = range;
	const within = rows
		.filter((row) => fromId === null || id(row) >= fromId)
		.filter((row) => startMs === null || ts(row) >= startMs)
		.filter((row) => endMs === null || ts(row) <= endMs)
		.sort((a, b) => id(a) - id(b));
	return fromId === null && startMs === null ? within.slice(-limit) : within.slice(0, limit);
}
