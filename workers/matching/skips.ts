import {
	CommandKind,
	type CommandRecord,
	type OrdersRecord,
	VENUE_SHARD,
} from "../../schemas/command.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { SequenceGate } from "../protocol/sequence-gate.ts";

/** Lines read at a time. */
const CHUNK = 5_000;

/**
 * Whether an operator's Skip that counts names a command, anywhere behind it.
 *
 * @param from the offset after the command
 * @param gate as it stands there; moved along
 * @throws LogUnavailable
 */
export async function isSkipped(
	orders: Log<OrdersRecord>,
	partition: number,
	from: number,
	gate: SequenceGate,
	{ shard, seq }: CommandRecord,
): Promise<boolean> {
	for (let next = from; ; ) {
		const entries = await orders.read(partition, next, CHUNK);
		if (entries.length === 0) return false;
		for (const { offset, record } of entries) {
			next = offset + 1;
			if (gate.judge(record) !== "accepted" || record.shard !== VENUE_SHARD) continue;
			const { command } = record;
			if (command?.kind !== CommandKind.Skip) continue;
			if (command.shard === shard && command.seq === seq) return true;
		}
	}
}
