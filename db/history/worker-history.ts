import type { AggTrade, Kline, KlineInterval, PublicTrade } from "../../schemas/market.ts";
import type { History, HistoryBatch } from "../../schemas/ports/history.ts";
import type { TradeRange } from "../../schemas/ports/market-data.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { ThreadClient } from "../thread/thread-client.ts";
import type { HistoryCore } from "./history-core.ts";

/** History in a SQLite file on a thread of its own: the embedded default. */
export class WorkerHistory implements History {
	private readonly thread: ThreadClient<HistoryCore>;

	private constructor(thread: ThreadClient<HistoryCore>) {
		this.thread = thread;
	}

	/** @throws Error when the file cannot be opened or is of another version */
	static async open(options: {
		readonly path: string;
		readonly scheduler: Scheduler;
	}): Promise<WorkerHistory> {
		const module = new URL("./history-thread.ts", import.meta.url);
		return new WorkerHistory(
			await ThreadClient.start<HistoryCore>(module, options.path, options.scheduler),
		);
	}

	write(batch: HistoryBatch): Promise<void> {
		return this.thread.call("write", batch);
	}

	position(partition: number): Promise<number> {
		return this.thread.call("position", partition);
	}

	trades(symbolId: number, range: TradeRange): Promise<readonly PublicTrade[]> {
		return this.thread.call("trades", symbolId, range);
	}

	aggTrades(symbolId: number, range: TradeRange): Promise<readonly AggTrade[]> {
		return this.thread.call("aggTrades", symbolId, range);
	}

	klines(
		symbolId: number,
		interval: KlineInterval,
		range: Omit<TradeRange, "fromId">,
	): Promise<readonly Kline[]> {
		return this.thread.call("klines", symbolId, interval, range);
	}

	klineBefore(symbolId: number, interval: KlineInterval, beforeMs: number): Promise<Kline | null> {
		return this.thread.call("klineBefore", symbolId, interval, beforeMs);
	}

	sync(): Promise<void> {
		return this.thread.call("sync");
	}

	/** Ends the thread after what was asked before. */
	close(): Promise<void> {
		return this.thread.close("close");
	}
}
