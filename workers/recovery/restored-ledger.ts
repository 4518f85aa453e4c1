import type { OrdersRecord } from "../../schemas/command.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { positionIn } from "../protocol/first-position.ts";
import { retried } from "../protocol/patience.ts";
import { RecoveryImpossible } from "./plan.ts";

/** Lines read at a time. */
const CHUNK = 5_000;
/** Above what the log has seen: an epoch may have been raised, and its owner have died before it wrote. */
const MARGIN = 1_000;

export interface RestoredLedgerPorts {
	/** The log as it was, which goes on. */
	readonly orders: Log<OrdersRecord>;
	readonly ledger: Ledger;
	readonly scheduler: Scheduler;
	readonly accountShards: number;
}

/** The epochs of one shard. */
export interface ShardEpochs {
	readonly shard: number;
	readonly inLedger: number;
	/** The greatest that a line of the log has, behind what the ledger knows of it. */
	readonly inLog: number;
}

/**
 * What the log has seen of each shard's epochs, the venue's first, beside what a restored ledger knows; changes
 * nothing.
 *
 * @throws RecoveryImpossible when the log ends before the ledger
 */
export async function readEpochs(ports: RestoredLedgerPorts): Promise<ShardEpochs[]> {
	const { ledger, scheduler, accountShards } = ports;
	const epochs: ShardEpochs[] = [];
	for (let shard = 0; shard <= accountShards; shard += 1) {
		const { epoch, positions } = await retried(scheduler, () => ledger.load(shard));
		let inLog = 0;
		for (let partition = 0; partition < ports.orders.partitions; partition += 1) {
			const { ordersOffset, ordersEpoch } = positionIn(positions, partition);
			const behind = await greatestEpoch(ports, shard, partition, ordersOffset);
			inLog = Math.max(inLog, ordersEpoch, behind);
		}
		epochs.push({ shard, inLedger: epoch, inLog });
	}
	return epochs;
}

/**
 * Raises every shard's epoch above any that was ever used: what a ledger that was restored from a backup must
 * have before a worker starts. One that took an epoch again would take the lines of its first owner for its own.
 *
 * @throws RecoveryImpossible as `readEpochs`
 */
export async function raiseEpochs(
	ports: RestoredLedgerPorts,
): Promise<(ShardEpochs & { readonly raisedTo: number })[]> {
	const { ledger, scheduler } = ports;
	const raised: (ShardEpochs & { readonly raisedTo: number })[] = [];
	for (const epochs of await readEpochs(ports)) {
		const { shard, inLedger, inLog } = epochs;
		const atLeast = Math.max(inLedger, inLog) + MARGIN;
		const raisedTo = await retried(scheduler, () => ledger.raiseEpoch(shard, atLeast));
		raised.push({ ...epochs, raisedTo });
	}
	return raised;
}

/** Before the position the log has no greater one than the position itself. */
async function greatestEpoch(
	{ orders, scheduler }: RestoredLedgerPorts,
	shard: number,
	partition: number,
	ordersOffset: number,
): Promise<number> {
	const end = await retried(scheduler, () => orders.end(partition));
	if (end < ordersOffset) {
		throw new RecoveryImpossible(
			`orders ${partition} ends at ${end}, before ${ordersOffset}: the log is lost, and not the ledger`,
		);
	}
	let greatest = 0;
	for (let offset = ordersOffset; offset < end; ) {
		const from = offset;
		const entries = await retried(scheduler, () => orders.read(partition, from, CHUNK));
		if (entries.length === 0) {
			throw new RecoveryImpossible(
				`orders ${partition} has nothing at ${from}, and ends at ${end}`,
			);
		}
		for (const { record } of entries) {
			if (record.shard === shard) greatest = Math.max(greatest, record.epoch);
		}
		offset = (entries.at(-1)?.offset ?? end) + 1;
	}
	return greatest;
}
