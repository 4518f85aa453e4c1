import type { OrdersRecord } from "../../schemas/command.ts";
import { type LedgerBatch, NO_CHANGES, type ShardState } from "../../schemas/ports/ledger.ts";
import type { LoggedBy } from "../../schemas/ports/order-log.ts";
import { shardOfUser } from "../../schemas/ports/users.ts";
import { ordersCodec } from "../../schemas/record-codec.ts";
import { logIdOf, type Topics } from "../protocol/log-identity.ts";
import { retried } from "../protocol/patience.ts";
import { SequenceGate } from "../protocol/sequence-gate.ts";
import { sinceRaised } from "../protocol/since-raised.ts";
import { firstLines } from "./first-lines.ts";
import {
	type PartitionPlan,
	RecoveryImpossible,
	type RecoveryPlan,
	restoredOrders,
	type ShardPlan,
} from "./plan.ts";
import type { RecoveryPorts } from "./recover.ts";

type StorePorts = Omit<RecoveryPorts, "orders" | "trades"> & Topics;

/** Lines appended, or read, at a time. */
const CHUNK = 1_000;

/**
 * Does what a plan says, as far as it is not done yet: the log's first lines, then the order log and
 * history, then the ledger, shard by shard, the venue's last. While one shard of the ledger stands in the
 * lost log, no worker of it starts; so whatever this is cut off by, it is begun again and comes to the
 * same end.
 *
 * @throws RecoveryImpossible when somebody else has written to the log or the ledger meanwhile
 */
export async function carryOut(
	plan: RecoveryPlan,
	ports: RecoveryPorts,
	say: (what: string) => void,
): Promise<void> {
	if (await isDone(plan, ports)) {
		say("all of it was done before");
		return;
	}
	for (const partition of plan.partitions) {
		const { partition: p } = partition;
		const added = await appendLines(firstLines(plan, partition), p, ports);
		say(`orders ${p}: ${added} lines appended`);
	}
	await carryOutInStores(plan, ports, say);
}

/**
 * The same without the log, of which only the name is asked.
 *
 * @throws RecoveryImpossible when somebody else has written to the ledger meanwhile
 */
export async function carryOutInStores(
	plan: RecoveryPlan,
	ports: StorePorts,
	say: (what: string) => void,
): Promise<void> {
	for (const partition of plan.partitions) {
		const { partition: p } = partition;
		const dropped = await writeOrderLog(plan, partition, ports);
		say(`order log ${p}: brought to evSeq ${partition.evSeq}; ${dropped} lost rows taken away`);
		const { evSeq } = partition;
		await ports.resumeMarket({
			...{ partition: p, logId: ports.trades.logId, evSeq, config: plan.config },
		});
		await ports.history.write({ partition: p, evSeq, trades: [], aggTrades: [], klines: [] });
	}
	// With the ledger it is all done, and nobody writes these again.
	await ports.orderLog.sync();
	await ports.history.sync();
	for (const shard of [...plan.shards].reverse()) {
		const done = await commitShard(plan, shard, ports);
		say(`ledger shard ${shard.shard}: ${done ? "committed" : "was done before"}`);
	}
}

/** The venue's shard is the last that is written. */
async function isDone(plan: RecoveryPlan, ports: StorePorts): Promise<boolean> {
	const venue = await retried(ports.scheduler, () => ports.ledger.load(0));
	return hasArrived(venue, plan);
}

/** Whether a shard of the ledger stands where the plan brings it, or beyond. */
export function hasArrived(
	{ positions }: Pick<ShardState, "positions">,
	plan: RecoveryPlan,
): boolean {
	return plan.partitions.every(({ partition, evSeq }) =>
		positions.some((row) => row.partition === partition && row.evSeq >= evSeq),
	);
}

/** Appends what is missing of the lines; how many that were. */
async function appendLines(
	lines: readonly OrdersRecord[],
	partition: number,
	ports: RecoveryPorts,
): Promise<number> {
	const { orders, scheduler } = ports;
	const standing = await standingLines(lines, partition, ports);
	for (let at = standing; at < lines.length; at += CHUNK) {
		const some = lines.slice(at, at + CHUNK);
		// Those that are written twice are ignored by everyone.
		await retried(scheduler, () => orders.append(partition, some));
	}
	return lines.length - standing;
}

/** How many of the lines stand in the log already. */
async function standingLines(
	lines: readonly OrdersRecord[],
	partition: number,
	{ orders, scheduler }: RecoveryPorts,
): Promise<number> {
	const gate = new SequenceGate();
	let standing = 0;
	let offset = 0;
	while (standing < lines.length) {
		const from = offset;
		const entries = await retried(scheduler, () => orders.read(partition, from, CHUNK));
		if (entries.length === 0) break;
		for (const entry of entries) {
			offset = entry.offset + 1;
			if (gate.judge(entry.record) === "ignored" || standing === lines.length) continue;
			const line = lines[standing] as OrdersRecord;
			if (ordersCodec.encode(entry.record) !== ordersCodec.encode(line)) {
				throw new RecoveryImpossible(
					`orders ${partition} has a line at offset ${entry.offset} that this recovery did not write`,
				);
			}
			standing += 1;
		}
	}
	return standing;
}

/**
 * The order log may hold parts of a batch beyond its position, which nobody else knows of: they would show as soon as
 * it stands behind them. How many such rows there were.
 */
async function writeOrderLog(
	plan: RecoveryPlan,
	at: PartitionPlan,
	{ orderLog, trades: { logId } }: StorePorts,
): Promise<number> {
	const { partition, evSeq, history } = at;
	if ((await orderLog.position(partition)).evSeq >= evSeq) return 0;
	const dropped = await orderLog.dropUnfinished(partition, lostRows(plan, partition));
	const ends = plan.shards.flatMap(({ changes }) => changes.ended.map(({ order }) => order));
	await orderLog.write({
		...{ partition, evSeq, logId, tradesOffset: 0, amendments: [], preventedMatches: [] },
		orders: [
			...restoredOrders(plan, partition),
			...ends.filter((order) => order.partition === partition && order.orderId !== 0),
			...history.gone,
		],
		fills: history.fills,
	});
	return dropped;
}

/** Whether what an event of a partition did to a user is lost: his shard of the ledger never saw it. */
function lostRows({ config, shards }: RecoveryPlan, partition: number): (row: LoggedBy) => boolean {
	const symbols = config.symbols.filter((symbol) => symbol.partition === partition);
	const symbolIds = new Set(symbols.map(({ symbolId }) => symbolId));
	return ({ userId, symbolId, evSeq }) => {
		const known = shards[shardOfUser(userId, shards.length - 1)]?.evSeqs[partition] ?? 0;
		return symbolIds.has(symbolId) && evSeq > known;
	};
}

/** False when it had been committed before. */
async function commitShard(
	plan: RecoveryPlan,
	{ shard, baseBatch, changes, positions }: ShardPlan,
	ports: StorePorts,
): Promise<boolean> {
	const { ledger, scheduler } = ports;
	const epoch = await retried(scheduler, () => ledger.raiseEpoch(shard, 0));
	const state = await sinceRaised(scheduler, shard, epoch, () => ledger.load(shard));
	if (hasArrived(state, plan)) return false;
	if (state.batch !== baseBatch) {
		throw new RecoveryImpossible(
			`shard ${shard} of the ledger ${state.batch < baseBatch ? "is of an earlier moment than the plan" : "was written after the plan was made"}: batch ${state.batch}, not ${baseBatch}`,
		);
	}
	const { balances, openOrders, closedOrders, transfers, recentClientIds, externalIds } = changes;
	const batch: LedgerBatch = {
		// Its prices are told again by the new log's first lines, before anything that follows from them.
		...NO_CHANGES,
		...{ epoch, batch: baseBatch + 1, balances, openOrders, closedOrders, transfers },
		...{ recentClientIds, externalIds, logId: logIdOf(ports), positions, config: plan.config },
	};
	const outcome = await retried(scheduler, () => ledger.commit(shard, batch));
	if (outcome === "superseded") {
		throw new RecoveryImpossible(`shard ${shard} was taken over while it was recovered`);
	}
	return true;
}
