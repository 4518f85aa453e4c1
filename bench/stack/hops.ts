import { descendantsSeconds, processSeconds } from "../process-seconds.ts";

/** Processor seconds used so far, by name. */
export type Seconds = ReadonlyMap<string, number>;

export function secondsOf(pids: ReadonlyMap<string, number>): Seconds {
	return new Map([...pids].map(([name, pid]) => [name, pid === 0 ? 0 : treeSeconds(pid)]));
}

/** In cores: 1 is one core busy all the time. Processes of one kind ("edge-1", "edge-2") count together. */
export function usedBetween(before: Seconds, after: Seconds, seconds: number): Seconds {
	const cores = new Map<string, number>();
	for (const [name, used] of after) {
		const kind = name.replace(/-\d+$/, "");
		const more = (used - (before.get(name) ?? 0)) / seconds;
		cores.set(kind, (cores.get(kind) ?? 0) + more);
	}
	return cores;
}

/** PostgreSQL works in children of its own. */
function treeSeconds(pid: number): number {
	return processSeconds(pid) + descendantsSeconds(pid);
}
