import type { AccountState } from "./state.ts";
import type { WriteBehindCounts } from "./write-behind-counts.ts";

/** What the worker counts beside its state. */
export interface WorkerCounters {
	readonly waitingOrders: number;
	readonly waitingCancels: number;
	readonly unacknowledged: number;
	readonly lagMs: number;
	readonly committed: WriteBehindCounts;
	readonly settledAnswers: number;
	readonly mayAnswer: boolean;
	readonly auditRounds: number;
	readonly withdrawalsStopped: boolean;
}

/** Prometheus lines of one shard. */
export function metricsOf(state: AccountState, counters: WorkerCounters): string {
	const { settings } = state;
	const lines: [name: string, type: "gauge" | "counter", value: number][] = [
		["castle_account_waiting_orders", "gauge", counters.waitingOrders],
		["castle_account_waiting_cancels", "gauge", counters.waitingCancels],
		["castle_account_unacknowledged_commands", "gauge", counters.unacknowledged],
		["castle_account_write_behind_lag_seconds", "gauge", counters.lagMs / 1_000],
		["castle_account_settled_answers_total", "counter", counters.settledAnswers],
		["castle_account_may_answer", "gauge", counters.mayAnswer ? 1 : 0],
		["castle_account_audit_rounds_total", "counter", counters.auditRounds],
		["castle_account_withdrawals_stopped", "gauge", counters.withdrawalsStopped ? 1 : 0],
		["castle_account_finished_orders_kept", "gauge", state.orders.finished.count()],
		["castle_account_uncommitted_transfers", "gauge", state.uncommittedTransfers()],
		["castle_account_waiting_orders_bound", "gauge", settings.maxWaitingOrders],
		["castle_account_waiting_cancels_bound", "gauge", settings.maxWaitingCancels],
		["castle_account_uncommitted_transfers_bound", "gauge", settings.maxUncommittedTransfers],
		["castle_account_write_behind_lag_bound_seconds", "gauge", settings.maxLagMs / 1_000],
	];
	const label = `{shard="${state.shard}"}`;
	const gauges = lines.map(
		([name, type, value]) => `# TYPE ${name} ${type}\n${name}${label} ${value}\n`,
	);
	return gauges.join("") + counters.committed.metrics(state.shard);
}
