import { readdirSync, readlinkSync } from "node:fs";
import { sep } from "node:path";

/**
 * Ends what a stack that was killed itself left running in a folder, where `endsWithUs` knows no way: every
 * process that stands in it. The caller holds the lock that says that no stack runs there. Linux only; elsewhere it finds none.
 *
 * @returns how many there were
 */
export function endLeftBehind(folder: string): number {
	const left = processIds().filter((pid) => `${standsIn(pid)}${sep}`.startsWith(`${folder}${sep}`));
	for (const pid of left) {
		try {
			process.kill(pid, "SIGKILL");
		} catch {
			// It ended by itself.
		}
	}
	return left.length;
}

function processIds(): number[] {
	try {
		return readdirSync("/proc")
			.map(Number)
			.filter((pid) => pid > 1 && pid !== process.pid);
	} catch {
		return [];
	}
}

/** "" for one that is gone, or somebody else's. */
function standsIn(pid: number): string {
	try {
		return readlinkSync(`/proc/${pid}/cwd`);
	} catch {
		return "";
	}
}
