import type { LedgerBatch } from "../../schemas/ports/ledger.ts";
import { metricText } from "../../schemas/prometheus-text.ts";

/** Upper bounds of the lag's histogram, ms. */
const BOUNDS_MS = [25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 1_000, 2_500, 5_000, 30_000];

/** What the write-behind of one shard has brought into the ledger, for its metrics. */
export class WriteBehindCounts {
	batches = 0;
	/** Rows inserted, updated or deleted, the shard's own row included. */
	rows = 0;
	private readonly buckets = new Array<number>(BOUNDS_MS.length).fill(0);
	private sumMs = 0;

	/** @param lagMs from the oldest change in the batch to its commit, at most */
	add(batch: LedgerBatch, lagMs: number): void {
		this.batches += 1;
		this.rows += rowsOf(batch);
		this.sumMs += lagMs;
		const bucket = BOUNDS_MS.findIndex((bound) => lagMs <= bound);
		if (bucket >= 0) this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
	}

	/** Prometheus lines. */
	metrics(shard: number): string {
		const name = "castle_account_commit_lag_seconds";
		const of = `shard="${shard}"`;
		let below = 0;
		const buckets = BOUNDS_MS.map((bound, i) => {
			below += this.buckets[i] ?? 0;
			return `${name}_bucket{${of},le="${bound / 1_000}"} ${below}`;
		});
		const counter = (what: string, help: string, value: number) =>
			metricText(`castle_account_committed_${what}_total`, help, [[of, value]]);
		const counters =
			counter("batches", "Batches that PostgreSQL has committed.", this.batches) +
			counter("rows", "Rows in them.", this.rows);
		const lag = [
			`# HELP ${name} From a batch's oldest change to its commit.`,
			`# TYPE ${name} histogram`,
			...buckets,
			`${name}_bucket{${of},le="+Inf"} ${this.batches}`,
			`${name}_sum{${of}} ${this.sumMs / 1_000}`,
			`${name}_count{${of}} ${this.batches}`,
			"",
		].join("\n");
		return counters + lag;
	}
}

function rowsOf(batch: LedgerBatch): number {
	const { balances, newOrders, openOrders, closedOrders, transfers } = batch;
	const { recentClientIds, externalIds, positions, prices } = batch;
	const lists = [balances, newOrders, openOrders, closedOrders, transfers];
	const more = [recentClientIds, externalIds, positions, prices];
	return [...lists, ...more].reduce((rows, list) => rows + list.length, 1);
}
