import type { EpochRecord, OrdersRecord } from "../../schemas/command.ts";
import { type Log, type LogEntry, LogUnavailable } from "../../schemas/ports/log.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { SequenceGate, type ShardMark } from "./sequence-gate.ts";

/** Lines read at a time while looking for the own epoch record. */
const CHUNK = 5_000;
/** Pause before a failed append is repeated or the end is looked at again. */
const RETRY_MS = 20;

/** Another worker has raised the epoch further: this one is not the owner and stops. */
export class Superseded extends Error {
	override readonly name = "Superseded";
}

/** From where a shard reads a partition of `orders` again. */
export interface TakeOverPosition {
	readonly partition: number;
	readonly ordersOffset: number;
	/** The shard's epoch and last accepted seq at that offset. */
	readonly mark: ShardMark;
}

/** How a partition stood when the take-over's own epoch record was met. */
export interface TakenOver {
	readonly partition: number;
	/** The offset after the own epoch record. */
	readonly ordersOffset: number;
	/** The last accepted seq of the shard. */
	readonly lastSeq: number;
}

export interface TakeOverOptions {
	readonly shard: number;
	/** The epoch that was raised for this worker, before its ledger was loaded. */
	readonly epoch: number;
	readonly ts: number;
	readonly log: Log<OrdersRecord>;
	readonly scheduler: Scheduler;
	readonly positions: readonly TakeOverPosition[];
	/** A command of the shard that counts, between the position and the own epoch record. */
	onAccepted(partition: number, entry: LogEntry<OrdersRecord>): void;
}

/**
 * Appends the epoch record to every partition of `orders`, again until it is seen there, and reads each
 * partition from its position up to it by the rule that all readers share.
 *
 * @throws Superseded when a greater epoch stands before the own record
 */
export async function takeOver(options: TakeOverOptions): Promise<TakenOver[]> {
	await Promise.all(options.positions.map((position) => appendEpoch(options, position.partition)));
	const taken: TakenOver[] = [];
	for (const position of options.positions) taken.push(await readToOwnEpoch(options, position));
	return taken;
}

async function appendEpoch(options: TakeOverOptions, partition: number): Promise<void> {
	const record: EpochRecord = {
		shard: options.shard,
		epoch: options.epoch,
		ts: options.ts,
		command: null,
	};
	for (;;) {
		try {
			await options.log.append(partition, [record]);
			return;
		} catch (error) {
			// It may stand there already: a second copy is ignored by everyone.
			if (!(error instanceof LogUnavailable)) throw error;
			await pause(options.scheduler);
		}
	}
}

async function readToOwnEpoch(
	options: TakeOverOptions,
	position: TakeOverPosition,
): Promise<TakenOver> {
	const { shard, epoch } = options;
	const gate = new SequenceGate([position.mark]);
	let offset = position.ordersOffset;
	for (;;) {
		const entries = await options.log.read(position.partition, offset, CHUNK);
		if (entries.length === 0) await pause(options.scheduler);
		for (const entry of entries) {
			offset = entry.offset + 1;
			if (entry.record.shard !== shard) continue;
			const verdict = gate.judge(entry.record);
			if (verdict === "accepted") options.onAccepted(position.partition, entry);
			if (verdict !== "epoch") continue;
			if (entry.record.epoch > epoch) {
				throw new Superseded(`shard ${shard} has epoch ${entry.record.epoch}, mine is ${epoch}`);
			}
			if (entry.record.epoch === epoch) {
				return { partition: position.partition, ordersOffset: offset, lastSeq: gate.seqOf(shard) };
			}
		}
	}
}

function pause(scheduler: Scheduler): Promise<void> {
	return new Promise((resolve) => {
		scheduler.after(RETRY_MS, resolve);
	});
}
