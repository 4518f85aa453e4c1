import type { LostPartition } from "./lost-log.ts";
import type { UnknownTrade } from "./plan.ts";
import type { RecoveredShard } from "./recovered-shard.ts";

/**
 * Trades of a partition of which one half is settled and the other half is not known. What the order log
 * has, both sides have; so only what the ledger has beyond it is looked through.
 */
export function unknownTrades(
	{ partition }: LostPartition,
	shards: readonly RecoveredShard[],
): UnknownTrade[] {
	const halves = new Map<string, UnknownTrade[]>();
	for (const { shard, lost } of shards) {
		for (const half of lost.transfers[partition] ?? []) {
			if (half.kind !== "fill") continue;
			const key = `${half.symbolId}/${half.tradeId}`;
			halves.set(key, [...(halves.get(key) ?? []), { shard, half }]);
		}
	}
	return [...halves.values()].flatMap((sides) => (sides.length === 1 ? sides : []));
}
