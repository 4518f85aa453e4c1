import { type MarketDataMessage, marketData } from "../../schemas/market.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { Channel, PubSub } from "../../schemas/ports/pubsub.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { metricText } from "../../schemas/prometheus-text.ts";

/** Messages that wait for one partition of the topic; about 40 s of them. */
const MAX_WAITING = 2_000;
const RETRY_MS = 250;
/** How long `stop` waits for what is not written yet. */
const DRAIN_MS = 2_000;

export interface TopicCopyOptions {
	readonly pubsub: PubSub;
	/** The topic `market-data`. */
	readonly log: Log<MarketDataMessage>;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
}

/**
 * Pub/sub that writes market data into its topic as well, for readers that want to go back: analytics,
 * archive. The topic is worked out from `trades`, so it is never waited for: what it cannot take in time
 * is left out, and whoever reads it sees the gap by `seq`.
 */
export class TopicCopy implements PubSub {
	private readonly options: TopicCopyOptions;
	private readonly lanes: readonly Lane[];

	constructor(options: TopicCopyOptions) {
		this.options = options;
		this.lanes = Array.from(
			{ length: options.log.partitions },
			(_, partition) => new Lane(options, partition),
		);
	}

	publish<M>(channel: Channel<M>, message: M): void {
		this.options.pubsub.publish(channel, message);
		if (channel.name !== marketData.name) return;
		const told = message as MarketDataMessage;
		this.lanes[told.partition]?.add(told);
	}

	subscribe<M>(channel: Channel<M>, handle: (message: M) => void): () => void {
		return this.options.pubsub.subscribe(channel, handle);
	}

	onLoss(handle: () => void): () => void {
		return this.options.pubsub.onLoss(handle);
	}

	/** Takes nothing more, and resolves when what waits is written, or the topic could not take it for a while. */
	async stop(): Promise<void> {
		await Promise.all(this.lanes.map((lane) => lane.stop()));
	}

	/** Prometheus lines. */
	metrics(): string {
		const byLane = (name: string, help: string, value: (lane: Lane) => number) =>
			metricText(
				`castle_market_data_topic_${name}`,
				help,
				this.lanes.map((lane, partition) => [`partition="${partition}"`, value(lane)]),
			);
		return [
			byLane("waiting", "Messages that wait to be written to the topic.", (lane) => lane.waiting),
			byLane("waiting_bound", "With so many waiting new ones are left out.", () => MAX_WAITING),
			byLane("left_out_total", "Messages left out of the topic.", (lane) => lane.leftOut),
		].join("");
	}
}

/** One partition of the topic: one batch in flight. */
class Lane {
	leftOut = 0;
	/** Takes nothing more. */
	private closed = false;
	/** Writes no more. */
	private stopped = false;
	private readonly options: TopicCopyOptions;
	private readonly partition: number;
	private queue: MarketDataMessage[] = [];
	private inFlight = 0;
	private whenWritten = () => {};

	constructor(options: TopicCopyOptions, partition: number) {
		this.options = options;
		this.partition = partition;
	}

	get waiting(): number {
		return this.queue.length + this.inFlight;
	}

	add(message: MarketDataMessage): void {
		if (this.closed) return;
		if (this.waiting >= MAX_WAITING) {
			if (this.leftOut === 0) {
				this.options.logger.warn("the topic market-data cannot keep up; messages are left out", {
					partition: this.partition,
				});
			}
			this.leftOut += 1;
			return;
		}
		this.queue.push(message);
		this.flush();
	}

	stop(): Promise<void> {
		this.closed = true;
		return new Promise((resolve) => {
			const end = (): void => {
				this.stopped = true;
				cancel();
				resolve();
			};
			const cancel = this.options.scheduler.after(DRAIN_MS, end);
			this.whenWritten = end;
			if (this.waiting === 0) end();
		});
	}

	private flush(): void {
		if (this.inFlight > 0) return;
		if (this.queue.length === 0) return this.whenWritten();
		const batch = this.queue;
		this.queue = [];
		this.inFlight = batch.length;
		this.append(batch);
	}

	private append(batch: readonly MarketDataMessage[]): void {
		if (this.stopped) return;
		const { log, scheduler } = this.options;
		log.append(this.partition, batch).then(
			() => {
				this.inFlight = 0;
				this.flush();
			},
			// Its outcome is unknown: readers drop by `seq` what comes twice.
			() => scheduler.after(RETRY_MS, () => this.append(batch)),
		);
	}
}
