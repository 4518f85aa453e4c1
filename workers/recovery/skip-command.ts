import { CommandKind, type OrdersRecord, VENUE_SHARD } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Ledger } from "../../schemas/ports/ledger.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { SettingsError } from "../../schemas/settings.ts";
import { checkClockByLedger } from "../protocol/clock-check.ts";
import { positionIn } from "../protocol/first-position.ts";
import { patient, retried } from "../protocol/patience.ts";
import { sinceRaised } from "../protocol/since-raised.ts";
import { takeOver, takeOverPosition } from "../protocol/take-over.ts";
import { newestRecords } from "../shared/newest-records.ts";
import { RecoveryImpossible } from "./plan.ts";

/** Lines read at a time: fewer than retention leaves before the last that is answered. */
const CHUNK = 1_000;

export interface SkipPorts {
	readonly orders: Log<OrdersRecord>;
	readonly trades: Log<EventRecord>;
	readonly ledger: Ledger;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
}

/** A command of the log that the engine cannot take. */
export interface BreakingCommand {
	readonly partition: number;
	readonly shard: number;
	readonly seq: number;
}

/**
 * @param text PARTITION:SHARD:SEQ
 * @throws SettingsError when it is not three whole numbers
 */
export function breakingCommandOf(text: string): BreakingCommand {
	const parts = /^(\d{1,9}):(\d{1,9}):([1-9]\d{0,15})$/.exec(text)?.slice(1).map(Number);
	const [partition, shard, seq] = parts ?? [];
	if (partition === undefined || shard === undefined || seq === undefined) {
		throw new SettingsError(`--skip=${text}: PARTITION:SHARD:SEQ is wanted, as in 0:1:4711`);
	}
	return { partition, shard, seq };
}

/**
 * Whether the command can be skipped: nothing was made of it yet. Changes nothing.
 *
 * @throws RecoveryImpossible when there is no such command, or `trades` answers it already
 */
export async function checkSkip(ports: SkipPorts, command: BreakingCommand): Promise<void> {
	const { orders, trades, scheduler } = ports;
	const { partition, shard, seq } = command;
	if (partition >= trades.partitions) {
		throw new RecoveryImpossible(`there are ${trades.partitions} partitions, none is ${partition}`);
	}
	const records = await newestRecords(patient(trades, scheduler), partition);
	const answered = records.some((record) => record.shard === shard && record.seq >= seq);
	if (answered) {
		throw new RecoveryImpossible(
			`seq ${seq} of shard ${shard} was answered in partition ${partition}: it cannot be skipped any more`,
		);
	}
	const last = records.findLast((record) => record.seq > 0);
	if (await isWaiting(patient(orders, scheduler), command, last)) return;
	throw new RecoveryImpossible(
		`orders ${partition} has no seq ${seq} of shard ${shard} that waits for an answer: matching names the command that stops it`,
	);
}

/** @param last the last answer; what it answers stands before whatever waits for one */
async function isWaiting(
	orders: Log<OrdersRecord>,
	{ partition, shard, seq }: BreakingCommand,
	last: EventRecord | undefined,
): Promise<boolean> {
	const names = (record: OrdersRecord, of: Pick<EventRecord, "shard" | "seq">) =>
		record.command !== null && record.shard === of.shard && record.seq === of.seq;
	for (let end = await orders.end(partition); end > 0; end -= CHUNK) {
		const from = Math.max(0, end - CHUNK);
		const lines = await orders.read(partition, from, end - from);
		if (lines.some(({ record }) => names(record, { shard, seq }))) return true;
		if (last !== undefined && lines.some(({ record }) => names(record, last))) return false;
	}
	return false;
}

/**
 * Writes the operator's Skip behind the command, as the owner of the venue's shard: a venue worker that still
 * runs ends. Matching finds it at its next start.
 *
 * @throws RecoveryImpossible as `checkSkip`
 * @throws InvariantViolation when the clock is off
 * @throws Superseded when a venue worker takes the shard at the same time
 */
export async function skipCommand(ports: SkipPorts, command: BreakingCommand): Promise<void> {
	const { orders, ledger, clock, scheduler } = ports;
	const { partition, shard, seq } = command;
	await checkClockByLedger(clock, scheduler, ledger);
	await checkSkip(ports, command);
	const epoch = await retried(scheduler, () => ledger.raiseEpoch(VENUE_SHARD, 0));
	const { positions } = await sinceRaised(scheduler, VENUE_SHARD, epoch, () =>
		ledger.positions(VENUE_SHARD),
	);
	let ts = Math.max(clock.nowMs(), ...positions.map(({ lastTs }) => lastTs));
	const taken = await takeOver({
		...{ shard: VENUE_SHARD, epoch, ts, log: orders, scheduler },
		positions: Array.from({ length: orders.partitions }, (_, p) =>
			takeOverPosition(VENUE_SHARD, positionIn(positions, p)),
		),
		onAccepted: (_, { record }) => {
			ts = Math.max(ts, record.ts);
		},
	});
	const lastSeq = taken.find((place) => place.partition === partition)?.lastSeq ?? 0;
	const line: OrdersRecord = {
		...{ shard: VENUE_SHARD, epoch, seq: lastSeq + 1, ts },
		command: { kind: CommandKind.Skip, shard, seq },
	};
	await retried(scheduler, () => orders.append(partition, [line]));
}
