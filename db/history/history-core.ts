import type { HistoryFile } from "./history-file.ts";

/** What the history's thread serves. */
export function historyCore(file: HistoryFile) {
	return {
		write: file.write.bind(file),
		position: file.position.bind(file),
		trades: file.trades.bind(file),
		aggTrades: file.aggTrades.bind(file),
		klines: file.klines.bind(file),
		klineBefore: file.klineBefore.bind(file),
		sync: file.sync.bind(file),
		close: file.close.bind(file),
	};
}

export type HistoryCore = ReturnType<typeof historyCore>;
