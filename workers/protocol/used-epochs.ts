import type { OrdersRecord } from "../../schemas/command.ts";
import { invariant } from "../../schemas/invariant.ts";
import type { Ledger, PositionRow } from "../../schemas/ports/ledger.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { positionIn } from "./first-position.ts";
import { retried } from "./patience.ts";

/** Lines read at a time. */
const CHUNK = 5_000;

/** The epochs of one shard. */
export interface ShardEpochs {
	readonly shard: number;
	readonly inLedger: number;
	/** The greatest that a line of the log has, behind what the ledger knows of it. */
	readonly inLog: number;
}

/**
 * What the log has seen of a shard's epochs beside what the ledger knows; changes nothing. Before a position the
 * log has no greater one than the position itself.
 */
export async function epochsOf(
	orders: Log<OrdersRecord>,
	ledger: Ledger,
	shard: number,
	scheduler: Scheduler,
): Promise<ShardEpochs> {
	const { positions } = await retried(scheduler, () => ledger.positions(shard));
	const partitions = Array.from({ length: orders.partitions }, (_, partition) =>
		greatestEpoch(orders, positionIn(positions, partition), shard, scheduler),
	);
	const inLog = Math.max(...(await Promise.all(partitions)));
	// Asked for last: another worker that takes the shard meanwhile raises its epoch there before it is in the log.
	const { epoch } = await retried(scheduler, () => ledger.positions(shard));
	return { shard, inLedger: epoch, inLog };
}

/**
 * Every epoch of the log was in the ledger first, so one that knows less is of an earlier moment. To be asked before
 * an epoch is raised: start by start the epochs would come to one that was never used, and then the users whom the
 * ledger has lost would give their numbers, and what they own, to new ones.
 *
 * @throws InvariantViolation
 */
export async function checkUsedEpochs(
	orders: Log<OrdersRecord>,
	ledger: Ledger,
	shard: number,
	scheduler: Scheduler,
): Promise<void> {
	const { inLedger, inLog } = await epochsOf(orders, ledger, shard, scheduler);
	invariant(
		inLog <= inLedger,
		`the log knows epoch ${inLog} of shard ${shard}, the ledger ${inLedger}: was the ledger restored, or made anew? see docs/runbooks/ledger-restored.md`,
	);
}

/** The greatest epoch of the shard in a partition: at its position, or in a line behind that. */
async function greatestEpoch(
	orders: Log<OrdersRecord>,
	{ partition, ordersOffset, ordersEpoch }: PositionRow,
	shard: number,
	scheduler: Scheduler,
): Promise<number> {
	let greatest = ordersEpoch;
	const end = await retried(scheduler, () => orders.end(partition));
	for (let offset = ordersOffset; offset < end; ) {
		const from = offset;
		const entries = await retried(scheduler, () => orders.read(partition, from, CHUNK));
		invariant(entries.length > 0, `orders ${partition} has nothing at ${from}, ends at ${end}`);
		for (const { record } of entries) {
			if (record.shard === shard) greatest = Math.max(greatest, record.epoch);
		}
		offset += entries.length;
	}
	return greatest;
}
