import { expect, test } from "bun:test";
import { type LedgerBatch, NO_CHANGES } from "../../schemas/ports/ledger.ts";
import { WriteBehindCounts } from "./write-behind-counts.ts";

const batch: LedgerBatch = {
	...NO_CHANGES,
	epoch: 1,
	batch: 1,
	balances: [
		{ accountId: 1, assetId: 1, available: 1n, held: 0n },
		{ accountId: 2, assetId: 1, available: 1n, held: 0n },
	],
	closedOrders: [{ partition: 0, seq: 1 }],
	prices: [{ symbolId: 1, bidTicks: 99, askTicks: 101, lastTicks: 100, lastTradeId: 9 }],
	logId: "test",
};

test("batches, their rows with the shard's own, and a cumulative histogram of the lag", () => {
	const counts = new WriteBehindCounts();
	counts.add(batch, 25);
	counts.add(batch, 26);
	counts.add({ ...batch, balances: [] }, 60_000);
	const lines = counts.metrics(3).split("\n");
	expect(lines).toContain('castle_account_committed_batches_total{shard="3"} 3');
	expect(lines).toContain('castle_account_committed_rows_total{shard="3"} 13');
	const bucket = (le: string) => `castle_account_commit_lag_seconds_bucket{shard="3",le="${le}"}`;
	expect(lines).toContain(`${bucket("0.025")} 1`);
	expect(lines).toContain(`${bucket("0.05")} 2`);
	expect(lines).toContain(`${bucket("30")} 2`);
	expect(lines).toContain(`${bucket("+Inf")} 3`);
	expect(lines).toContain('castle_account_commit_lag_seconds_sum{shard="3"} 60.051');
});
