import type { Random } from "../../schemas/ports/random.ts";
import { metricText } from "../../schemas/prometheus-text.ts";
import type { VenueConfigState } from "../../schemas/venue-config.ts";
import { MAX_WAITING_ROWS } from "./history-writer.ts";
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
	readonly marketData: MarketDataReader;
	private readonly venueListeners = new Set<() => void>();
	private readonly followers: readonly PartitionFollower[];

	constructor(options: MarketDataWorkerOptions) {
		const run = options.random.bytes(8).toHex();
		this.followers = options.partitions.map((p) => new PartitionFollower(p, run, options));
		for (const follower of this.followers) {
			follower.onVenueChanged = () => {
				for (const tell of this.venueListeners) tell();
			};
		}
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

	get partitions(): readonly number[] {
		return this.followers.map(({ market }) => market.partition);
	}

	/** How far it has come. */
	evSeq(partition: number): number {
		return this.of(partition).market.evSeq;
	}

	/** Resolves when the partition has come so far; rejects when that takes longer than a second. */
	whenAt(partition: number, evSeq: number): Promise<void> {
		return this.of(partition).whenAt(evSeq);
	}

	/** A partition's assets and symbols, and the record that changed them last, or a later one. */
	venueOf(partition: number): { readonly evSeq: number; state(): VenueConfigState } {
		const { market } = this.of(partition);
		return { evSeq: market.venueEvSeq, state: () => market.venue.state() };
	}

	/** Calls when assets or symbols may have changed; gives what takes it back. */
	onVenueChanged(tell: () => void): () => void {
		this.venueListeners.add(tell);
		return () => this.venueListeners.delete(tell);
	}

	/** Prometheus text. */
	metrics(): string {
		return [
			this.metric("records_applied_total", "Records applied since the start.", (f) => f.applied),
			this.metric("ev_seq", "evSeq of the last record applied.", (f) => f.market.evSeq),
			this.metric("time_ms", "Time of the partition.", (f) => f.market.ts),
			this.metric("messages_total", "Messages published.", (f) => f.publisher?.seq ?? 0),
			this.metric("history_ev_seq", "evSeq History has.", (f) => f.writer.written),
			this.metric("history_rows_waiting", "Rows on their way to History.", (f) =>
				f.writer.waitingRows(),
			),
			this.metric(
				"history_rows_waiting_bound",
				"With more of them nothing more is read.",
				() => MAX_WAITING_ROWS,
			),
			this.metric(
				"views_written_total",
				"Views written to the cache.",
				(f) => f.views?.written ?? 0,
			),
			this.metric(
				"view_failures_total",
				"Times the cache was away.",
				(f) => f.views?.failures ?? 0,
			),
			this.metric("snapshots_total", "Snapshots stored.", (f) => f.snapshotsSaved),
		].join("");
	}

	private of(partition: number): PartitionFollower {
		const follower = this.followers.find(({ market }) => market.partition === partition);
		if (follower === undefined)
			throw new RangeError(`partition ${partition} is none of this worker's`);
		return follower;
	}

	private metric(
		name: string,
		help: string,
		value: (follower: PartitionFollower) => number,
	): string {
		return metricText(
			`castle_market_data_${name}`,
			help,
			this.followers.map((f) => [`partition="${f.market.partition}"`, value(f)]),
		);
	}
}
