import { VENUE_SHARD } from "../../schemas/command.ts";
import { retried } from "../protocol/patience.ts";
import { carryOutInStores, hasArrived } from "./carry-out.ts";
import type { RecoveryPlan } from "./plan.ts";
import { newestPlan } from "./plan-store.ts";
import type { RecoveryPorts } from "./recover.ts";

type BegunPorts = Pick<RecoveryPorts, "archive" | "ledger" | "orderLog" | "orders" | "scheduler">;

/**
 * The plan of a recovery that was cut off among its stores, and whose new log is lost too; null when there is none.
 * Of stores that stand half before it and half behind it nobody can work out another.
 */
export async function begunPlan(ports: BegunPorts): Promise<RecoveryPlan | null> {
	const plan = await newestPlan(ports.archive);
	if (plan === null || plan.logId === ports.orders.logId) return null;
	if (!(await hasBegun(plan, ports))) return null;
	for (const { shard, baseBatch } of plan.shards) {
		const state = await retried(ports.scheduler, () => ports.ledger.load(shard));
		const isWritten = hasArrived(state, plan);
		// The venue's shard is the last that is written: it is all done.
		if (isWritten && shard === VENUE_SHARD) return null;
		// Somebody has written to the ledger since: the plan is not of this one.
		if (!isWritten && state.batch !== baseBatch) return null;
	}
	return plan;
}

/** Brings the stores to where a recovery that was cut off would have brought them, as of the log that it was for. */
export async function finishPlan(ports: RecoveryPorts, say: (what: string) => void): Promise<void> {
	const plan = await begunPlan(ports);
	if (plan === null) return;
	say(
		`a recovery was cut off, and its log ${plan.logId} is lost too: what it had begun is finished first`,
	);
	const topic = { logId: plan.logId };
	await carryOutInStores(plan, { ...ports, orders: topic, trades: topic }, say);
}

/** The order log is the first of the stores that is written. */
async function hasBegun(plan: RecoveryPlan, { orderLog }: BegunPorts): Promise<boolean> {
	const [first] = plan.partitions;
	if (first === undefined) return false;
	return (await orderLog.position(first.partition)).evSeq >= first.evSeq;
}
