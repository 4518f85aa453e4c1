import type { Ledger } from "../../schemas/ports/ledger.ts";
import { startPatiently } from "../shared/process/patient-start.ts";
import { LogVenue } from "./log-venue.ts";
import { OrderLogWorker, type OrderLogWorkerOptions } from "./worker.ts";

export interface PartitionWriterOptions
	extends Omit<OrderLogWorkerOptions, "venue" | "partitions"> {
	readonly partition: number;
	readonly ledger: Ledger;
}

/** The order log of one partition in a process that knows the venue from ledger and log alone. */
export class PartitionWriter {
	private readonly options: PartitionWriterOptions;
	private worker: OrderLogWorker | null = null;
	private stopped = false;

	constructor(options: PartitionWriterOptions) {
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
		await this.worker?.stop();
	}

	metrics(): string {
		return this.worker?.metrics() ?? "";
	}

	private async startNow(): Promise<void> {
		const { partition, ledger, orderLog, trades, scheduler } = this.options;
		const venue = await LogVenue.load(ledger, trades, scheduler);
		const { tradesOffset } = await orderLog.position(partition);
		await venue.readUpTo(partition, tradesOffset);
		const worker = new OrderLogWorker({
			...this.options,
			partitions: [partition],
			trades: venue.following(),
			venue: venue.config,
		});
		await worker.start();
		this.worker = worker;
	}
}
