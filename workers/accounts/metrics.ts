import { metricText } from "../../schemas/prometheus-text.ts";
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
	const lines: [name: string, value: number, help: string][] = [
		[
			"waiting_orders",
			counters.waitingOrders,
			"Orders, their changes, deposits and withdrawals whose answer is waited for.",
		],
		["waiting_cancels", counters.waitingCancels, "Cancels whose answer is waited for."],
		["unacknowledged_commands", counters.unacknowledged, "Commands on their way into the log."],
		[
			"write_behind_lag_seconds",
			counters.lagMs / 1_000,
			"How long the oldest change waits for PostgreSQL.",
		],
		[
			"settled_answers_total",
			counters.settledAnswers,
			"Answers of the engine that are settled, since the start.",
		],
		[
			"may_answer",
			counters.mayAnswer ? 1 : 0,
			"1: its lease lets it answer; 0: outcomes are told as unknown.",
		],
		[
			"audit_rounds_total",
			counters.auditRounds,
			"Rounds of the auditor through all accounts and orders.",
		],
		[
			"withdrawals_stopped",
			counters.withdrawalsStopped ? 1 : 0,
			"1: an invariant is broken (docs/runbooks/withdrawals-stopped.md).",
		],
		[
			"finished_orders_kept",
			state.orders.finished.count(),
			"Finished orders kept until the order log has them.",
		],
		[
			"uncommitted_transfers",
			state.uncommittedTransfers(),
			"Transfers that no batch for PostgreSQL has taken.",
		],
		[
			"waiting_orders_bound",
			settings.maxWaitingOrders,
			"With more of them new orders are refused.",
		],
		["waiting_cancels_bound", settings.maxWaitingCancels, "With more of them cancels are refused."],
		[
			"uncommitted_transfers_bound",
			settings.maxUncommittedTransfers,
			"With more of them new orders are refused.",
		],
		[
			"write_behind_lag_bound_seconds",
			settings.maxLagMs / 1_000,
			"With a longer lag new orders are refused.",
		],
	];
	const of = `shard="${state.shard}"`;
	const gauges = lines.map(([name, value, help]) =>
		metricText(`castle_account_${name}`, help, [[of, value]]),
	);
	return gauges.join("") + counters.committed.metrics(state.shard);
}
