import { spawnSync } from "node:child_process";

/** How one is ended that does not end by itself: SIGTERM drains, SIGQUIT is PostgreSQL's immediate shutdown. */
type LastSignal = "TERM" | "QUIT" | "KILL";

let isKnown: boolean | undefined;

/**
 * Words before a command by which what it runs ends when this process ends, however that does: the kernel
 * sends it the signal, also after a kill -9 (but not in the first milliseconds, before it is asked to). The process
 * id is the program's, and it may run as another user.
 * None where that cannot be had (it takes Linux, and `setpriv` of util-linux): there a kill leaves it running.
 */
export function endsWithUs(signal: LastSignal): string[] {
	const words = (last: LastSignal) => ["setpriv", "--pdeathsig", last, "--"];
	const [program = "", ...rest] = words("KILL");
	isKnown ??= spawnSync(program, [...rest, "true"], { stdio: "ignore" }).status === 0;
	return isKnown ? words(signal) : [];
}
