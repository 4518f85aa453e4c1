import type { Archive } from "../../schemas/ports/archive.ts";
import { bigintJson, parseBigintJson } from "../shared/bigint-json.ts";
import type { PartitionPlan, RecoveryPlan, ShardPlan } from "./plan.ts";

/** What is not of one shard or partition; written last, so what it names is whole. */
type PlanHead = Omit<RecoveryPlan, "shards" | "partitions"> & {
	readonly shards: number;
	readonly partitions: number;
};

const FOLDER = "recovery/";

/**
 * Keeps a plan before any of it is done: a recovery that is killed goes on with the plan it had, since
 * half of what it was worked out from has changed. A log has one plan.
 */
export async function storePlan(archive: Archive, plan: RecoveryPlan): Promise<void> {
	const { shards, partitions, ...rest } = plan;
	for (const shard of shards) await put(archive, name(plan.logId, `shard-${shard.shard}`), shard);
	for (const partition of partitions) {
		await put(archive, name(plan.logId, `partition-${partition.partition}`), partition);
	}
	const head: PlanHead = { ...rest, shards: shards.length, partitions: partitions.length };
	await put(archive, name(plan.logId, "plan"), head);
}

/** The plan that was made for a log; null when there is none. */
export async function readPlan(archive: Archive, logId: string): Promise<RecoveryPlan | null> {
	const head = await get<PlanHead>(archive, name(logId, "plan"));
	if (head === null) return null;
	const shards: ShardPlan[] = [];
	for (let i = 0; i < head.shards; i += 1) {
		shards.push((await get(archive, name(logId, `shard-${i}`))) as ShardPlan);
	}
	const partitions: PartitionPlan[] = [];
	for (let i = 0; i < head.partitions; i += 1) {
		partitions.push((await get(archive, name(logId, `partition-${i}`))) as PartitionPlan);
	}
	return { ...head, shards, partitions };
}

/** The plan that was made last, for whatever log; null when there is none. */
export async function newestPlan(archive: Archive): Promise<RecoveryPlan | null> {
	let newest: PlanHead | null = null;
	for (const at of await archive.list(FOLDER)) {
		if (!at.endsWith("/plan")) continue;
		const head = await get<PlanHead>(archive, at);
		if (head !== null && head.madeAtMs >= (newest?.madeAtMs ?? 0)) newest = head;
	}
	return newest === null ? null : readPlan(archive, newest.logId);
}

function name(logId: string, part: string): string {
	return `${FOLDER}${encodeURIComponent(logId)}/${part}`;
}

function put(archive: Archive, at: string, value: unknown): Promise<void> {
	return archive.put(at, new TextEncoder().encode(bigintJson(value)));
}

async function get<T>(archive: Archive, at: string): Promise<T | null> {
	const bytes = await archive.get(at);
	return bytes === null ? null : parseBigintJson<T>(new TextDecoder().decode(bytes));
}
