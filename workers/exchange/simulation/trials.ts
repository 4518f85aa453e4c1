import type { EventRecord } from "../../../schemas/event.ts";
import type { Cluster } from "./cluster.ts";
import { PARTITIONS } from "./size.ts";
import type { World } from "./world.ts";

/** Long enough for everybody to start again several times, ms. */
const TRIAL_MS = 4_000;

/**
 * Damage that no protocol undoes, done to an exchange at rest: it must be noticed, and stop whoever
 * meets it. What was to stop and did not is told; the world is of no use afterwards.
 */
export async function trial(world: World, cluster: Cluster): Promise<string[]> {
	const kind = world.random.pick(["a lost tail", "a fork", "another history"] as const);
	const partition = world.random.below(PARTITIONS);
	world.tally.add(`trial: ${kind}`);
	world.putToTheTest();
	cluster.deaths.clear();
	const [due, sign] = await damage(world, cluster, kind, partition);
	await world.time.advance(TRIAL_MS);
	return due
		.filter((role) => !cluster.deaths.get(role)?.some((error) => sign.test(error)))
		.map(
			(role) => `11: ${role} has not noticed ${kind}: ${cluster.deaths.get(role) ?? "it lives"}`,
		);
}

/** Does it; gives those who must die of it, and what they must say. */
async function damage(
	world: World,
	cluster: Cluster,
	kind: "a lost tail" | "a fork" | "another history",
	partition: number,
): Promise<readonly [roles: readonly string[], sign: RegExp]> {
	const { trades, orders, archived, database } = world;
	if (kind === "a fork") {
		await world.until(fork(world, partition), "there is a fork");
		return [["accounts 1", "accounts 2", "market-data", "order-log", "venue"], /fork|has hash/];
	}
	if (kind === "another history") {
		cluster.kill(`matching ${partition}`);
		// What it sent to the archive arrives, and would be started from.
		await world.time.advance(2);
		const last = newest(world, partition);
		const at = trades.all(partition).findIndex(({ evSeq }) => evSeq === last.evSeq);
		trades.tamper(partition, at, { ...last, ts: last.ts + 1 });
		archived.clear();
		return [[`matching ${partition}`], /fork/];
	}
	const shard = 1 + world.random.below(2);
	const position = database.load(shard).positions.find((row) => row.partition === partition);
	orders.lose(partition, (position?.ordersOffset ?? 1) - 1);
	cluster.kill(`accounts ${shard}`);
	return [[`accounts ${shard}`], /has lost data|ends at/];
}

/** The newest record once more with other bytes: of older ones not every reader has the hash. */
async function fork(world: World, partition: number): Promise<void> {
	const { trades } = world;
	for (;;) {
		const last = newest(world, partition);
		const at = await trades.append(partition, [{ ...last, hash: "f".repeat(16) }]);
		const before = trades.all(partition).slice(0, at);
		if (before.every(({ evSeq }) => evSeq <= last.evSeq)) return;
	}
}

/** The last one that is stored may be one that was stored before. */
function newest({ referee }: World, partition: number): EventRecord {
	const { log } = referee;
	return log.record(partition, log.ends()[partition] ?? 0) as EventRecord;
}
