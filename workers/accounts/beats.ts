import { CommandKind } from "../../schemas/command.ts";
import type { Cancel, Scheduler } from "../../schemas/ports/scheduler.ts";
import { BEAT_AFTER_MS } from "../protocol/lease.ts";
import type { ShardWriter } from "../protocol/shard-writer.ts";

/** How often a beat goes to every partition. */
const PLACE_EVERY_MS = 60_000;

/**
 * Beats, commands without effect. With nothing to send for a while, one proves that the shard lives. And since its
 * place in a partition of `orders` is behind the last line of its own, a partition that its users leave alone gets one,
 * too: else a start would read it from far back, and retention keep it until then.
 *
 * @param own the partition of those that prove
 * @returns what ends them
 */
export function startBeats(
	writer: ShardWriter,
	scheduler: Scheduler,
	own: number,
	partitions: number,
): readonly Cancel[] {
	return [
		scheduler.every(BEAT_AFTER_MS, () => prove(writer, own)),
		scheduler.every(PLACE_EVERY_MS, () => keepPlaces(writer, partitions)),
	];
}

function prove(writer: ShardWriter, own: number): void {
	if (writer.pending() > 0 || writer.msSinceWrite() < BEAT_AFTER_MS) return;
	writer.write(own, { kind: CommandKind.Beat });
}

function keepPlaces(writer: ShardWriter, partitions: number): void {
	for (let partition = 0; partition < partitions; partition += 1) {
		if (writer.isIdle(partition)) writer.write(partition, { kind: CommandKind.Beat });
	}
}
