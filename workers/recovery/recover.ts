import { type OrdersRecord, VENUE_SHARD } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { History } from "../../schemas/ports/history.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { OrderLog } from "../../schemas/ports/order-log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import type { VenueConfigState } from "../../schemas/venue-config.ts";
import { checkClockByLedger } from "../protocol/clock-check.ts";
import { retried } from "../protocol/patience.ts";
import { carryOut } from "./carry-out.ts";
import { type LostLog, type LostLogPorts, readLostLog } from "./lost-log.ts";
import { planRecovery, RecoveryImpossible, type RecoveryPlan } from "./plan.ts";
import { readPlan, storePlan } from "./plan-store.ts";
import { begunPlan, finishPlan } from "./unfinished-plan.ts";

export interface RecoveryPorts {
	/** The new log, empty. */
	readonly orders: Log<OrdersRecord>;
	readonly trades: Log<EventRecord>;
	readonly ledger: Ledger;
	readonly orderLog: OrderLog;
	readonly history: History;
	readonly archive: Archive;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly accountShards: number;
	/** The configuration as market data has stored it last; null when it never has. */
	readonly marketConfig: LostLogPorts["marketConfig"];
	/** Brings market data's own memory over to the new log. */
	resumeMarket(at: {
		readonly partition: number;
		readonly logId: string;
		readonly evSeq: number;
		readonly config: VenueConfigState;
	}): Promise<void>;
}

/**
 * What a recovery from here would do; changes nothing. Where the log of one that was cut off is lost as well, what
 * that one had begun: the next goes on from its end.
 *
 * @throws RecoveryImpossible when there is nothing to recover, or what is left does not add up
 */
export async function previewRecovery(ports: RecoveryPorts): Promise<RecoveryPlan> {
	const { archive, orders } = ports;
	const made = await readPlan(archive, orders.logId);
	if (made !== null) return made;
	await checkNewLog(ports);
	const noEpochs = allShards(ports).map(() => 0);
	return (await begunPlan(ports)) ?? (await makePlan(ports, noEpochs));
}

/**
 * Brings the exchange back without its log. Run again after it was cut off, it goes on.
 *
 * @param say told what is being done, for whoever watches
 * @throws RecoveryImpossible as `previewRecovery`, or when somebody writes beside it
 * @throws InvariantViolation when the clock is off
 */
export async function recover(
	ports: RecoveryPorts,
	say: (what: string) => void,
): Promise<RecoveryPlan> {
	const { archive, orders, ledger, clock, scheduler } = ports;
	let plan = await readPlan(archive, orders.logId);
	if (plan === null) {
		await checkNewLog(ports);
		await checkClockByLedger(clock, scheduler, ledger);
		await finishPlan(ports, say);
		const epochs: number[] = [];
		for (const shard of allShards(ports)) {
			// Whoever still writes to the ledger stops; what it knows now is what counts.
			epochs.push(await retried(scheduler, () => ledger.raiseEpoch(shard, 0)));
		}
		plan = await makePlan(ports, epochs);
		await storePlan(archive, plan);
		say("the plan is made and kept in the archive");
	} else {
		say("going on with the plan that was made before");
	}
	await carryOut(plan, ports, say);
	return plan;
}

async function makePlan(ports: RecoveryPorts, epochs: readonly number[]): Promise<RecoveryPlan> {
	await checkNewLog(ports);
	const lost = await readLostLog({ ...ports, partitions: ports.orders.partitions });
	if (lost.shards.every(({ evSeqs }) => evSeqs.every((evSeq) => evSeq === 0))) {
		throw new RecoveryImpossible("the ledger has never seen a log: there is nothing to recover");
	}
	checkSizes(ports, lost);
	return planRecovery(lost, epochs, ports.orders.logId, ports.clock.nowMs());
}

/** The new log must be cut as the old one was. */
function checkSizes({ orders, accountShards }: RecoveryPorts, { shards }: LostLog): void {
	const known = shards.flatMap(({ state }) => state.positions.map((row) => row.partition));
	const partitions = Math.max(...known) + 1;
	if (partitions !== orders.partitions) {
		throw new RecoveryImpossible(
			`the lost log had ${partitions} partitions, the new one has ${orders.partitions}`,
		);
	}
	const empty = shards.find(({ shard, state }) => shard > 0 && state.positions.length === 0);
	if (empty === undefined) return;
	throw new RecoveryImpossible(
		`shard ${empty.shard} of ${accountShards} has never been in the ledger: is that their number?`,
	);
}

async function checkNewLog({ orders, trades, scheduler }: RecoveryPorts): Promise<void> {
	for (const log of [orders, trades]) {
		for (let partition = 0; partition < log.partitions; partition += 1) {
			const end = await retried(scheduler, () => log.end(partition));
			if (end === 0) continue;
			throw new RecoveryImpossible(
				`${log.topic} ${partition} has ${end} records: it is not lost, or something was started on it since; a new log must be empty`,
			);
		}
	}
}

function allShards({ accountShards }: RecoveryPorts): number[] {
	return Array.from({ length: accountShards + 1 }, (_, i) => VENUE_SHARD + i);
}
