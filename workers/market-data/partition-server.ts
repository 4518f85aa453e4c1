import { ArchiveHistory } from "../../db/history/archive-history.ts";
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
		return this.worker?.metrics() ?? "";
	}

	private async startNow(): Promise<void> {
		const { partition, archive, linksOf } = this.options;
		// Not before its turn: whoever had it before has written to it.
		const history = await ArchiveHistory.open(archive, [partition]);
		const worker = new MarketDataWorker({ ...this.options, history, partitions: [partition] });
		await worker.start();
		this.history = history;
		this.worker = worker;
		this.links = linksOf(worker);
		this.links.start();
	}
}
