import { existsSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** Clients wait for what others do first. */
export const AFTER_ORDERS = 5;
/** Nobody waits for it. Not the least there is: beside a busy machine it must get on. */
export const AFTER_ALL = 10;

/** Linux takes one such word in 100 ms, except from root. */
const AGAIN_MS = 120;
const ATTEMPTS = 50;

/**
 * Lets others go before a process, as `nice` counts. It has just been started in a session of its own: its
 * threads are all yet to come, and have what it has.
 *
 * Where Linux groups tasks by session (autogroups), a process' own niceness counts among its own threads only,
 * and the group has one beside it.
 */
export function giveWay(pid: number, niceness: number): void {
	setPriority(pid, niceness);
	letGroupGiveWay(`/proc/${pid}/autogroup`, niceness, ATTEMPTS);
}

/** It works as well without, only not as fast for others: what is not allowed here is left. */
function letGroupGiveWay(group: string, niceness: number, attempts: number): void {
	if (!existsSync(group) || attempts === 0) return;
	try {
		writeFileSync(group, `${niceness}`);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
		setTimeout(() => letGroupGiveWay(group, niceness, attempts - 1), AGAIN_MS).unref();
	}
}
