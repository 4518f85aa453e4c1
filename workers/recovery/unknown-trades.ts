import type { LostPartition } from "./lost-log.ts";
import type { UnknownTrade } from "./plan.ts";
import type { RecoveredShard } from "./recovered-shard.ts";

/**
 * Trades of a partition of which one half is settled and the other half is not known. What the order log
 * has, both sides have; so only what the ledger has beyond it is looked through. A recovery before may be among
 * that, where the order log was lost since: for whom it stood in, it has.
 */
export function unknownTrades(
	{ partition }: LostPartition,
	shards: readonly RecoveredShard[],
): UnknownTrade[] {
	const halves = new Map<string, UnknownTrade[]>();
	for (const { shard, lost } of shards) {
		for (const half of lost.transfers[partition] ?? []) {
			const isSide = half.kind === "fill" || (half.kind === "recovery" && half.tradeId !== 0);
			if (!isSide) continue;
			const key = `${half.symbolId}/${half.tradeId}`;
			halves.set(key, [...(halves.get(key) ?? []), { shard, half }]);
		}
	}
	return [...halves.values()].flatMap((sides) => (sides.length === 1 ? sides : []));
}
