import { LogTrimmed } from "../../db/log/log-trimmed.ts";
import type { EventRecord } from "../../schemas/event.ts";
import type { Log } from "../../schemas/ports/log.ts";

/** As far back from the end of `trades` the newest record is looked for: late copies of older ones may follow it. */
export const LATE_COPIES = 2_000;

/**
 * The last records of a partition of `trades`, the newest among them, as they are stored; none when it is empty.
 *
 * @throws LogUnavailable
 */
export async function newestRecords(
	trades: Log<EventRecord>,
	partition: number,
): Promise<readonly EventRecord[]> {
	const end = await trades.end(partition);
	if (end === 0) return [];
	try {
		return recordsOf(await trades.read(partition, Math.max(0, end - LATE_COPIES), LATE_COPIES));
	} catch (error) {
		// Retention may leave less than that.
		if (!(error instanceof LogTrimmed)) throw error;
		return recordsOf(await trades.read(partition, end - 1, 1));
	}
}

function recordsOf(entries: readonly { readonly record: EventRecord }[]): EventRecord[] {
	return entries.map(({ record }) => record);
}
