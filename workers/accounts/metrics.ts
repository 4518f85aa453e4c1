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
	const lines: [name: string, type: "gauge" | "counter", value: number, help: string][] = [
		[
			"castle_account_waiting_orders",
			"gauge",
			counters.waitingOrders,
			"Orders and amends whose answer is waited for.",
		],
		[
			"castle_account_waiting_cancels",
			"gauge",
			counters.waitingCancels,
			"Cancels whose answer is waited for.",
		],
		[
			"castle_account_unacknowledged_commands",
			"gauge",
			counters.unacknowledged,
			"Commands on their way into the log.",
		],
		[
			"castle_account_write_behind_lag_seconds",
			"gauge",
			counters.lagMs / 1_000,
			"How long the oldest change waits for PostgreSQL.",
		],
		[
			"castle_account_settled_answers_total",
			"counter",
			counters.settledAnswers,
			"Answers of the engine that are settled, since the start.",
		],
		[
			"castle_account_may_answer",
			"gauge",
			counters.mayAnswer ? 1 : 0,
			"1: its lease lets it answer; 0: outcomes are told as unknown.",
		],
		[
			"castle_account_audit_rounds_total",
			"counter",
			counters.auditRounds,
			"Rounds of the auditor through all accounts and orders.",
		],
		[
			"castle_account_withdrawals_stopped",
			"gauge",
			counters.withdrawalsStopped ? 1 : 0,
			"1: an invariant is broken (docs/runbooks/withdrawals-stopped.md).",
		],
		[
			"castle_account_finished_orders_kept",
			"gauge",
			state.orders.finished.count(),
			"Finished orders kept until the order log has them.",
		],
		[
			"castle_account_uncommitted_transfers",
			"gauge",
			state.uncommittedTransfers(),
			"Transfers that PostgreSQL has not got.",
		],
		[
			"castle_account_waiting_orders_bound",
			"gauge",
			settings.maxWaitingOrders,
			"With more of them new orders are refused.",
		],
		[
			"castle_account_waiting_cancels_bound",
			"gauge",
			settings.maxWaitingCancels,
			"With more of them cancels are refused.",
		],
		[
			"castle_account_uncommitted_transfers_bound",
			"gauge",
			settings.maxUncommittedTransfers,
			"With more of them new orders are refused.",
		],
		[
			"castle_account_write_behind_lag_bound_seconds",
			"gauge",
			settings.maxLagMs / 1_000,
			"With a longer lag new orders are refused.",
		],
	];
	const label = `{shard="${state.shard}"}`;
	const gauges = lines.map(
		([name, type, value, help]) =>
			`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}${label} ${value}\n`,
	);
	return gauges.join("") + counters.committed.metrics(state.shard);
}
