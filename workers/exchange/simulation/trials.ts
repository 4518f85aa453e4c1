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
	const records = trades.all(partition);
	const last = records.at(-1) as EventRecord;
	if (kind === "a fork") {
		void trades.append(partition, [{ ...last, hash: "f".repeat(16) }]);
		return [["accounts 1", "accounts 2", "market-data", "order-log", "venue"], /fork|has hash/];
	}
	if (kind === "another history") {
		cluster.kill(`matching ${partition}`);
		// What it sent to the archive arrives, and would be started from.
		await world.time.advance(2);
		trades.tamper(partition, records.length - 1, { ...last, ts: last.ts + 1 });
		archived.clear();
		return [[`matching ${partition}`], /fork/];
	}
	const shard = 1 + world.random.below(2);
	const position = database.load(shard).positions.find((row) => row.partition === partition);
	orders.lose(partition, (position?.ordersOffset ?? 1) - 1);
	cluster.kill(`accounts ${shard}`);
	return [[`accounts ${shard}`], /has lost data|ends at/];
}
