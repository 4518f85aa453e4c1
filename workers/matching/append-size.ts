import type { EventRecord } from "../../schemas/event.ts";

/**
 * Records in one append to `trades`, and events: a broker takes 8 MiB at a time, and an event of the longest
 * numbers has 200 bytes. One append that it does not take would be repeated for ever.
 */
const RECORDS = 2_000;
const EVENTS = 20_000;

/** How many of these records leave together. */
export function countInAppend(records: readonly EventRecord[]): number {
	const most = Math.min(RECORDS, records.length);
	let events = 0;
	for (let count = 0; count < most; count += 1) {
		events += (records[count] as EventRecord).events.length;
		if (events > EVENTS) return count;
	}
	return most;
}
