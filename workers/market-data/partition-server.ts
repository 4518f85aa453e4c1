import { ArchiveHistory } from "../../db/history/archive-history.ts";
import { metricText } from "../../schemas/prometheus-text.ts";
import type { LinkDialer } from "../shared/link/dialer.ts";
import { startPatiently } from "../shared/process/patient-start.ts";
import { MarketDataWorker, type MarketDataWorkerOptions } from "./market-data-worker.ts";

export interface PartitionServerOptions
	extends Omit<MarketDataWorkerOptions, "history" | "partitions"> {
	readonly partition: number;
	/** Its links to the gateways, not started yet. */
	linksOf(worker: MarketDataWorker): LinkDialer;
}

/** Market data of one partition in a process of its own: history in the archive, questions over links. */
export class PartitionServer {
	private readonly options: PartitionServerOptions;
	private worker: MarketDataWorker | null = null;
	private links: LinkDialer | null = null;
	private history: ArchiveHistory | null = null;
	private stopped = false;
	private failedMerges = 0;

	constructor(options: PartitionServerOptions) {
		this.options = options;
	}

	/** Waits for stores that are away. */
	start(): Promise<void> {
		return startPatiently(
			this.options,
			() => this.startNow(),
			() => this.stopped,
		);
	}

	async stop(): Promise<void> {
		this.stopped = true;
		await this.links?.stop();
		await this.worker?.stop();
		await this.history?.close();
	}

	metrics(): string {
		if (this.worker === null) return "";
		const failed = metricText(
			"castle_market_data_history_merges_failed_total",
			"Merges of History's objects that failed, each tried again with the next batch.",
			[[`partition="${this.options.partition}"`, this.failedMerges]],
		);
		return this.worker.metrics() + failed;
	}

	private async startNow(): Promise<void> {
		const { partition, archive, linksOf } = this.options;
		// Not before its turn: whoever had it before has written to it.
		const history = await ArchiveHistory.open(archive, [partition], (_, error) =>
			this.mergeFailed(error),
		);
		const worker = new MarketDataWorker({ ...this.options, history, partitions: [partition] });
		await worker.start();
		this.history = history;
		this.worker = worker;
		this.links = linksOf(worker);
		this.links.start();
	}

	/** Batches come five times a second: the first, the second, the fourth and so on are told. */
	private mergeFailed(error: unknown): void {
		this.failedMerges += 1;
		if (!Number.isInteger(Math.log2(this.failedMerges))) return;
		const { logger, partition } = this.options;
		const fields = { partition, failures: this.failedMerges, error: String(error) };
		logger.warn("history was not merged, and is with the next batch", fields);
	}
}
