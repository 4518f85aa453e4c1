import {
	type Command,
	CommandKind,
	type OrdersRecord,
	VENUE_SHARD,
} from "../../schemas/command.ts";
import type { PositionRow } from "../../schemas/ports/ledger.ts";
import { FIRST_EPOCH, lastIdAt } from "./numbers.ts";
import { type PartitionPlan, type RecoveryPlan, restoredOrders } from "./plan.ts";

/**
 * The first lines of a partition of a new log: what numbers are used up, the venue's configuration, every
 * open order in the order of the ids. From them alone everybody comes to the same state.
 */
export function firstLines(
	plan: RecoveryPlan,
	{ partition, ...of }: PartitionPlan,
): OrdersRecord[] {
	const { config, madeAtMs: ts } = plan;
	const { evSeq } = of;
	const lastTicks = new Map(of.lastTicks);
	const marks = plan.shards.slice(1).map(({ shard, positions }) => {
		const { ordersEpoch: epoch, ordersSeq: seq } = positions[partition] as PositionRow;
		return { shard, epoch, seq };
	});
	const symbols = config.symbols.filter((symbol) => symbol.partition === partition);
	const commands: Command[] = [
		{ kind: CommandKind.ResumePartition, evSeq, lastOrderId: evSeq, shards: marks },
		...config.assets.map((asset): Command => ({ kind: CommandKind.AddAsset, asset })),
		...symbols.map((symbol): Command => ({ kind: CommandKind.AddSymbol, symbol })),
		...symbols.map(
			({ symbolId }): Command => ({
				...{ kind: CommandKind.ResumeMarket, symbolId, lastId: lastIdAt(evSeq) },
				lastTicks: lastTicks.get(symbolId) ?? 0,
			}),
		),
		...restoredOrders(plan, partition).map(
			(order): Command => ({ kind: CommandKind.RestoreOrder, order }),
		),
	];
	return commands.map((command, i) => ({
		...{ shard: VENUE_SHARD, epoch: FIRST_EPOCH, seq: i + 1, ts, command },
	}));
}
