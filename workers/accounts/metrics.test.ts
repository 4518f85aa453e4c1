import { expect, test } from "bun:test";
import { OrderStatus } from "../../schemas/order.ts";
import { metricsOf } from "./metrics.ts";
import { loadedState, openOrder } from "./testing/state.ts";
import type { Tracked } from "./tracked.ts";
import { WriteBehindCounts } from "./write-behind-counts.ts";

test("a shard's gauges and counters, each with its type and what it is, and what it has committed", () => {
	const state = loadedState({ openOrders: [openOrder(1)] });
	const tracked = state.orders.find(1, 501) as Tracked;
	state.orders.finish(tracked, { ...tracked.state, status: OrderStatus.Filled }, 0);
	const counters = {
		...{ waitingOrders: 3, waitingCancels: 4, unacknowledged: 5, lagMs: 2_500 },
		...{ settledAnswers: 6, committed: new WriteBehindCounts() },
		...{ auditRounds: 7, withdrawalsStopped: true },
	};
	const text = metricsOf(state, { ...counters, mayAnswer: true }).split("\n");
	const namesOf = (word: string) =>
		text.filter((line) => line.startsWith(word)).map((line) => line.split(" ")[2]);
	expect(namesOf("# HELP")).toEqual(namesOf("# TYPE"));
	const lines = text.filter((line) => !line.startsWith("# HELP"));
	expect(lines.slice(0, 18)).toEqual([
		"# TYPE castle_account_waiting_orders gauge",
		'castle_account_waiting_orders{shard="1"} 3',
		"# TYPE castle_account_waiting_cancels gauge",
		'castle_account_waiting_cancels{shard="1"} 4',
		"# TYPE castle_account_unacknowledged_commands gauge",
		'castle_account_unacknowledged_commands{shard="1"} 5',
		"# TYPE castle_account_write_behind_lag_seconds gauge",
		'castle_account_write_behind_lag_seconds{shard="1"} 2.5',
		"# TYPE castle_account_settled_answers_total counter",
		'castle_account_settled_answers_total{shard="1"} 6',
		"# TYPE castle_account_may_answer gauge",
		'castle_account_may_answer{shard="1"} 1',
		"# TYPE castle_account_audit_rounds_total counter",
		'castle_account_audit_rounds_total{shard="1"} 7',
		"# TYPE castle_account_withdrawals_stopped gauge",
		'castle_account_withdrawals_stopped{shard="1"} 1',
		"# TYPE castle_account_finished_orders_kept gauge",
		'castle_account_finished_orders_kept{shard="1"} 1',
	]);
	expect(lines).toContain('castle_account_committed_batches_total{shard="1"} 0');
	const bounds = lines.filter((line) => /^castle_\w+_bound/.test(line));
	expect(bounds).toEqual([
		'castle_account_waiting_orders_bound{shard="1"} 20000',
		'castle_account_waiting_cancels_bound{shard="1"} 20000',
		'castle_account_uncommitted_transfers_bound{shard="1"} 200000',
		'castle_account_write_behind_lag_bound_seconds{shard="1"} 60',
	]);
	const otherwise = metricsOf(state, {
		...{ ...counters, mayAnswer: false, withdrawalsStopped: false },
	});
	expect(otherwise).toContain('castle_account_may_answer{shard="1"} 0');
	expect(otherwise).toContain('castle_account_withdrawals_stopped{shard="1"} 0');
});
