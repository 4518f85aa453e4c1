import type { AggTrade, Kline, KlineInterval, PublicTrade } from "../../schemas/market.ts";
import type { History, HistoryBatch } from "../../schemas/ports/history.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { Absence } from "../shared/absence.ts";

/** How long rows gather before they are written, and the pause after a failed write. */
const GATHER_MS = 200;
const RETRY_MS = 1_000;
/** With more rows waiting than this, the worker stops reading until History has caught up. */
export const MAX_WAITING_ROWS = 200_000;

interface Rows {
	readonly trades: PublicTrade[];
	readonly aggTrades: AggTrade[];
	readonly klines: Kline[];
}

/**
 * Writes a partition's trades and closed bars to History, behind: in batches, one at a time,
 * each repeated until it is written. Rows are kept until then, so readers find every row here or
 * there.
 */
export class HistoryWriter {
	/** History has everything up to here. */
	written: number;
	/** Called when a batch was written. */
	onWritten: (batch: HistoryBatch) => void = () => {};
	private readonly partition: number;
	private readonly history: History;
	private readonly scheduler: Scheduler;
	private readonly absence: Absence;
	private rows: Rows = { trades: [], aggTrades: [], klines: [] };
	/** The evSeq that `rows` reach up to. */
	private reached: number;
	private inFlight: HistoryBatch | null = null;
	private timer: Cancel | null = null;
	private stopped = false;
	private waiting: { readonly evSeq: number; readonly resolve: () => void }[] = [];

	/** @param written History's position */
	constructor(
		partition: number,
		written: number,
		ports: { history: History; scheduler: Scheduler; logger: Logger },
	) {
		this.partition = partition;
		this.written = written;
		this.reached = written;
		this.history = ports.history;
		this.scheduler = ports.scheduler;
		this.absence = new Absence(ports.logger, "history", { partition });
	}

	trade(trade: PublicTrade): void {
		this.rows.trades.push(trade);
	}

	aggTrade(agg: AggTrade): void {
		this.rows.aggTrades.push(agg);
	}

	kline(kline: Kline): void {
		this.rows.klines.push(kline);
	}

	/** All rows of the records up to this one are there. */
	reach(evSeq: number): void {
		if (evSeq <= this.written) {
			// Replayed: History has them already.
			if (count(this.rows) === 0) return;
			const { trades, aggTrades, klines } = this.takeRows();
			this.onWritten({ partition: this.partition, evSeq, trades, aggTrades, klines });
			return;
		}
		this.reached = evSeq;
		if (this.waitingRows() > 0 && this.timer === null && this.inFlight === null) {
			this.timer = this.scheduler.after(GATHER_MS, () => this.writeNext());
		}
	}

	/** Resolves when History has everything up to this evSeq, which was reached. */
	flushed(evSeq: number): Promise<void> {
		if (evSeq <= this.written) return Promise.resolve();
		return new Promise((resolve) => {
			this.waiting.push({ evSeq, resolve });
			if (this.inFlight === null) this.writeNext();
		});
	}

	/** Rows that are not written yet, those on their way included. */
	waitingRows(): number {
		return count(this.rows) + (this.inFlight === null ? 0 : count(this.inFlight));
	}

	/** Closed bars with trades that History may not have yet, ascending. */
	pendingKlines(symbolId: number, interval: KlineInterval): readonly Kline[] {
		const wanted = (k: Kline) => k.symbolId === symbolId && k.interval === interval;
		return [...(this.inFlight?.klines.filter(wanted) ?? []), ...this.rows.klines.filter(wanted)];
	}

	/** Writes no more; a batch on its way may still arrive. */
	stop(): void {
		this.timer?.();
		this.timer = null;
		this.waiting = [];
		this.stopped = true;
	}

	private takeRows(): Rows {
		const rows = this.rows;
		this.rows = { trades: [], aggTrades: [], klines: [] };
		return rows;
	}

	private writeNext(): void {
		this.timer?.();
		this.timer = null;
		if (this.stopped || this.reached <= this.written) return;
		const { trades, aggTrades, klines } = this.takeRows();
		const { partition, reached: evSeq } = this;
		this.inFlight = { partition, evSeq, trades, aggTrades, klines };
		this.write(this.inFlight);
	}

	private write(batch: HistoryBatch): void {
		this.history.write(batch).then(
			() => this.wrote(batch),
			(error: unknown) => {
				if (this.stopped) return;
				this.absence.failed(error);
				this.timer = this.scheduler.after(RETRY_MS, () => this.write(batch));
			},
		);
	}

	private wrote(batch: HistoryBatch): void {
		if (this.stopped) return;
		this.absence.answered();
		this.inFlight = null;
		this.written = batch.evSeq;
		this.onWritten(batch);
		const done = this.waiting.filter((w) => w.evSeq <= batch.evSeq);
		this.waiting = this.waiting.filter((w) => w.evSeq > batch.evSeq);
		for (const { resolve } of done) resolve();
		if (this.waiting.length > 0) this.writeNext();
		else if (this.waitingRows() > 0) {
			this.timer = this.scheduler.after(GATHER_MS, () => this.writeNext());
		}
	}
}

function count(rows: {
	readonly trades: readonly unknown[];
	readonly aggTrades: readonly unknown[];
	readonly klines: readonly unknown[];
}): number {
	return rows.trades.length + rows.aggTrades.length + rows.klines.length;
}
