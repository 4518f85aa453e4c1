import { MAX_EVENTS_PER_RECORD } from "../../schemas/event.ts";

/**
 * More records, or commands of a shard, than a log can have held beyond what ledger, order log, history
 * and snapshots know of it: those are seconds behind, and this is minutes at any speed.
 */
const NUMBER_GAP = 10_000_000;

/** A round number that is a gap or more beyond every number that was used as far as is known. */
export function numberBeyond(used: number): number {
	return (Math.floor(used / NUMBER_GAP) + 2) * NUMBER_GAP;
}

/**
 * No order id is greater than the evSeq of its record, since each is given by a record of its own; no
 * trade, prevented match or update id greater than this many per record. So numbers that nobody knows any
 * more are passed for certain, also when a log is lost again.
 */
export function lastIdAt(evSeq: number): number {
	return evSeq * MAX_EVENTS_PER_RECORD;
}

/** Before any owner of the venue's shard: its first lines count when nobody has raised its epoch yet. */
export const FIRST_EPOCH = 0;
