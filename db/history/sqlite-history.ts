import type { AggTrade, Kline, KlineInterval, PublicTrade } from "../../schemas/market.ts";
import type { History, HistoryBatch } from "../../schemas/ports/history.ts";
import type { TradeRange } from "../../schemas/ports/market-data.ts";
import { HistoryFile } from "./history-file.ts";

/** History in a SQLite file on this thread; ":memory:" for simulations and tests. */
export class SqliteHistory implements History {
	private readonly file: HistoryFile;

	constructor(options: { readonly path: string }) {
		this.file = new HistoryFile(options.path);
	}

	async write(batch: HistoryBatch): Promise<void> {
		this.file.write(batch);
	}

	async position(partition: number): Promise<number> {
		return this.file.position(partition);
	}

	async trades(symbolId: number, range: TradeRange): Promise<readonly PublicTrade[]> {
		return this.file.trades(symbolId, range);
	}

	async aggTrades(symbolId: number, range: TradeRange): Promise<readonly AggTrade[]> {
		return this.file.aggTrades(symbolId, range);
	}

	async klines(
		symbolId: number,
		interval: KlineInterval,
		range: Omit<TradeRange, "fromId">,
	): Promise<readonly Kline[]> {
		return this.file.klines(symbolId, interval, range);
	}

	async klineBefore(
		symbolId: number,
		interval: KlineInterval,
		beforeMs: number,
	): Promise<Kline | null> {
		return this.file.klineBefore(symbolId, interval, beforeMs);
	}

	async sync(): Promise<void> {
		this.file.sync();
	}

	async close(): Promise<void> {
		this.file.close();
	}
}
