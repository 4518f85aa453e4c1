import { isAlive } from "../../data-dir/process-alive.ts";
import { waitUntil } from "./wait-until.ts";

const STOP_TIMEOUT_MS = 3_000;

/**
 * SIGINT is its fast shutdown, SIGQUIT its immediate one, which its own log makes up for at the next
 * start; each gets 3 s. Returns when the process is gone.
 *
 * @throws Error when even SIGKILL does not end it
 */
export async function stopServer(pid: number): Promise<void> {
	for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
		if (!isAlive(pid)) return;
		askToStop(pid, signal);
		if (await waitUntil(() => !isAlive(pid), STOP_TIMEOUT_MS)) return;
	}
	throw new Error(`PostgreSQL (process ${pid}) does not end`);
}

/** One of the signals above, without waiting for what comes of it. */
export function askToStop(pid: number, signal: "SIGINT" | "SIGQUIT" | "SIGKILL"): void {
	try {
		process.kill(pid, signal);
	} catch {
		// It has ended.
	}
}
