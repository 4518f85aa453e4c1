import type { OrdersRecord } from "../../schemas/command.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { logIdOf, type Topics } from "../protocol/log-identity.ts";
import { retried } from "../protocol/patience.ts";
import { epochsOf, type ShardEpochs } from "../protocol/used-epochs.ts";
import { RecoveryImpossible } from "./plan.ts";

/** Above what the log has seen: an epoch may have been raised, and its owner have died before it wrote. */
const MARGIN = 1_000;

export interface RestoredLedgerPorts {
	/** The log as it was, which goes on. */
	readonly orders: Log<OrdersRecord>;
	readonly trades: Topics["trades"];
	readonly ledger: Ledger;
	readonly scheduler: Scheduler;
	readonly accountShards: number;
}

/**
 * What the log has seen of each shard's epochs, the venue's first, beside what a restored ledger knows; changes
 * nothing.
 *
 * @throws RecoveryImpossible when the log ends before the ledger, or is another one
 */
export async function readEpochs(ports: RestoredLedgerPorts): Promise<ShardEpochs[]> {
	const { orders, ledger, scheduler, accountShards } = ports;
	const epochs: ShardEpochs[] = [];
	for (let shard = 0; shard <= accountShards; shard += 1) {
		await checkEnds(ports, shard);
		epochs.push(await epochsOf(orders, ledger, shard, scheduler));
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

async function checkEnds(ports: RestoredLedgerPorts, shard: number): Promise<void> {
	const { orders, ledger, scheduler } = ports;
	const { positions, logId } = await retried(scheduler, () => ledger.positions(shard));
	if (logId !== null && logId !== logIdOf(ports)) {
		throw new RecoveryImpossible(
			`shard ${shard} of the ledger stands in the log ${logId}, and this is the log ${logIdOf(ports)}: is the backup older than a recovery of the log? see docs/runbooks/ledger-restored.md`,
		);
	}
	for (const { partition, ordersOffset } of positions) {
		const end = await retried(scheduler, () => orders.end(partition));
		if (end >= ordersOffset) continue;
		throw new RecoveryImpossible(
			`orders ${partition} ends at ${end}, before ${ordersOffset}: the log is lost, and not the ledger`,
		);
	}
}
