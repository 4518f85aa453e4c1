import type { EpochRecord, OrdersRecord } from "../../schemas/command.ts";
import { invariant } from "../../schemas/invariant.ts";
import type { PositionRow } from "../../schemas/ports/ledger.ts";
import type { Log, LogEntry } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { pause, retried } from "./patience.ts";
import { SequenceGate, type ShardMark } from "./sequence-gate.ts";

/** Lines read at a time while looking for the own epoch record. */
const CHUNK = 5_000;
/** Pause before the end is looked at again. */
const LOOK_AGAIN_MS = 20;

/** Another worker has raised the epoch further: this one is not the owner and stops. */
export class Superseded extends Error {
	override readonly name = "Superseded";
}

/** Of a shard whose epoch is `now`, and was raised to `mine` before. */
export function superseded(shard: number, mine: number, now: number): Superseded {
	return new Superseded(`shard ${shard} has epoch ${now}, mine is ${mine}`);
}

/** From where a shard reads a partition of `orders` again. */
export interface TakeOverPosition {
	readonly partition: number;
	/** After the shard's last acknowledged batch, or its epoch record; 0 before the first. */
	readonly ordersOffset: number;
	/** The shard's epoch and last accepted seq at that offset. */
	readonly mark: ShardMark;
}

/** As the ledger has it. */
export function takeOverPosition(shard: number, row: PositionRow): TakeOverPosition {
	const { partition, ordersOffset, ordersEpoch: epoch, ordersSeq: seq } = row;
	return { partition, ordersOffset, mark: { shard, epoch, seq } };
}

/** How a partition stood when the take-over's own epoch record was met. */
export interface TakenOver {
	readonly partition: number;
	/** The offset after the own epoch record. */
	readonly ordersOffset: number;
	/** The last accepted seq of the shard. */
	readonly lastSeq: number;
}

export interface EpochOptions {
	readonly shard: number;
	/** The epoch that was raised for this worker, before its positions were asked for. */
	readonly epoch: number;
	readonly ts: number;
	readonly log: Log<OrdersRecord>;
	readonly scheduler: Scheduler;
	readonly positions: readonly TakeOverPosition[];
}

export interface TakeOverOptions extends EpochOptions {
	/**
	 * A command of the shard that counts, between the position and the own epoch record. In the order of its
	 * partition; the partitions are read side by side.
	 */
	onAccepted(partition: number, entry: LogEntry<OrdersRecord>): void;
}

/** Where each partition ended, as positions are, before the own epoch record was appended. */
export type EndsBefore = readonly number[];

/** Both halves, one after the other. @throws as they do */
export async function takeOver(options: TakeOverOptions): Promise<TakenOver[]> {
	return readToEpoch(options, await appendEpoch(options));
}

/**
 * The first half: appends the epoch record to every partition of `orders`, and sees it there. From then on nothing
 * counts that the owner before may still write.
 *
 * @throws Superseded when a position is of that epoch or a later one
 * @throws InvariantViolation when what the log acknowledged is not there any more
 */
export async function appendEpoch(options: EpochOptions): Promise<EndsBefore> {
	const { positions, log, scheduler } = options;
	await Promise.all(positions.map((position) => checkPosition(options, position)));
	const ends = await Promise.all(
		positions.map(({ partition }) => retried(scheduler, () => log.end(partition))),
	);
	await Promise.all(positions.map(({ partition }) => appendTo(options, partition)));
	await Promise.all(
		positions.map(({ partition }, i) => seen(options, partition, ends[i] as number)),
	);
	return ends;
}

/**
 * The second half: reads each partition from its position up to the own epoch record, by the rule that all readers
 * share.
 *
 * @throws Superseded when a greater epoch stands before the own record
 * @throws InvariantViolation when the epoch is not new
 */
export function readToEpoch(options: TakeOverOptions, ends: EndsBefore): Promise<TakenOver[]> {
	const { positions } = options;
	return Promise.all(
		positions.map((position, i) => readToOwnEpoch(options, position, ends[i] as number)),
	);
}

/**
 * The record before the position is the last that was acknowledged: a log without it has lost data, or
 * is another log. Retention leaves it in place for this.
 */
async function checkPosition(
	{ shard, epoch, log, scheduler }: EpochOptions,
	{ partition, ordersOffset, mark }: TakeOverPosition,
): Promise<void> {
	if (mark.epoch >= epoch) {
		throw superseded(shard, epoch, mark.epoch);
	}
	if (ordersOffset === 0) return;
	const [last] = await retried(scheduler, () => log.read(partition, ordersOffset - 1, 1));
	const record = last?.record;
	invariant(
		record?.shard === shard &&
			record.epoch === mark.epoch &&
			(record.command === null || record.seq === mark.seq),
		`orders ${partition} has lost data: seq ${mark.seq} of shard ${shard} in epoch ${mark.epoch} was acknowledged and is not at offset ${ordersOffset - 1}`,
	);
}

async function appendTo(options: EpochOptions, partition: number): Promise<void> {
	const record: EpochRecord = {
		shard: options.shard,
		epoch: options.epoch,
		ts: options.ts,
		command: null,
	};
	// It may stand there already: a second copy is ignored by everyone.
	await retried(options.scheduler, () => options.log.append(partition, [record]));
}

/** Resolves when the own epoch record is read behind what was there before. */
async function seen(
	{ shard, epoch, log, scheduler }: EpochOptions,
	partition: number,
	end: number,
): Promise<void> {
	let offset = end;
	for (;;) {
		const from = offset;
		const entries = await retried(scheduler, () => log.read(partition, from, CHUNK));
		if (entries.length === 0) await pause(scheduler, LOOK_AGAIN_MS);
		for (const { record, offset: at } of entries) {
			if (record.command === null && record.shard === shard && record.epoch === epoch) return;
			offset = at + 1;
		}
	}
}

/** @param end where the partition ended before the own record was appended */
async function readToOwnEpoch(
	options: TakeOverOptions,
	position: TakeOverPosition,
	end: number,
): Promise<TakenOver> {
	const { shard, epoch } = options;
	const gate = new SequenceGate([position.mark]);
	let offset = position.ordersOffset;
	for (;;) {
		const from = offset;
		const entries = await retried(options.scheduler, () =>
			options.log.read(position.partition, from, CHUNK),
		);
		if (entries.length === 0) await pause(options.scheduler, LOOK_AGAIN_MS);
		for (const entry of entries) {
			offset = entry.offset + 1;
			if (entry.record.shard !== shard) continue;
			const verdict = gate.judge(entry.record);
			if (verdict === "accepted") options.onAccepted(position.partition, entry);
			if (verdict !== "epoch") continue;
			if (entry.record.epoch > epoch) {
				throw superseded(shard, epoch, entry.record.epoch);
			}
			if (entry.record.epoch === epoch) {
				// A ledger that comes from a backup gives epochs again: the lines behind are another owner's.
				invariant(
					entry.offset >= end,
					`epoch ${epoch} of shard ${shard} was used before: was the ledger restored? see docs/runbooks/ledger-restored.md`,
				);
				return { partition: position.partition, ordersOffset: offset, lastSeq: gate.seqOf(shard) };
			}
		}
	}
}
