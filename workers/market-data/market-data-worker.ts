import type { MarketData } from "../../schemas/ports/market-data.ts";
import type { Random } from "../../schemas/ports/random.ts";
import { MarketDataReader } from "./market-data-reader.ts";
import { type FollowerPorts, PartitionFollower } from "./partition-follower.ts";

/** What the market-data worker needs: its partitions of `trades`, and ports. */
export interface MarketDataWorkerOptions extends FollowerPorts {
	readonly partitions: readonly number[];
	readonly random: Random;
}

/**
 * Market data as a function of `trades`: books, trades, bars, tickers, for queries and for streams.
 * A broken invariant is thrown into the log's delivery and stops the process.
 */
export class MarketDataWorker {
	readonly marketData: MarketData;
	private readonly followers: readonly PartitionFollower[];

	constructor(options: MarketDataWorkerOptions) {
		const run = options.random.bytes(8).toHex();
		this.followers = options.partitions.map((p) => new PartitionFollower(p, run, options));
		this.marketData = new MarketDataReader(this.followers, options.history);
	}

	/** Resolves when everything is applied that the log held when it was called. */
	async start(): Promise<void> {
		await Promise.all(this.followers.map((follower) => follower.start()));
	}

	/** Publishes what is waiting, lets History catch up and stores snapshots. */
	async stop(): Promise<void> {
		await Promise.all(this.followers.map((follower) => follower.stop()));
	}

	/** Prometheus text. */
	metrics(): string {
		return [
			this.metric(
				"counter",
				"records_applied_total",
				"Records applied since the start",
				(f) => f.applied,
			),
			this.metric("gauge", "ev_seq", "evSeq of the last record applied", (f) => f.market.evSeq),
			this.metric("gauge", "time_ms", "Time of the partition", (f) => f.market.ts),
			this.metric("counter", "messages_total", "Messages published", (f) => f.publisher?.seq ?? 0),
			this.metric("gauge", "history_ev_seq", "evSeq History has", (f) => f.writer.written),
			this.metric("gauge", "history_rows_waiting", "Rows on their way to History", (f) =>
				f.writer.waitingRows(),
			),
			this.metric("counter", "snapshots_total", "Snapshots stored", (f) => f.snapshotsSaved),
		].join("");
	}

	private metric(
		type: "counter" | "gauge",
		name: string,
		help: string,
		value: (follower: PartitionFollower) => number,
	): string {
		const full = `castle_market_data_${name}`;
		const lines = this.followers.map(
			(f) => `${full}{partition="${f.market.partition}"} ${value(f)}\n`,
		);
		return `# HELP ${full} ${help}.\n# TYPE ${full} ${type}\n${lines.join("")}`;
	}
}
