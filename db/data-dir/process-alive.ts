import { readFileSync } from "node:fs";

/** True while a process of this id runs, whoever's it is; a dead one not yet reaped does not count. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
	} catch (error) {
		return (error as { code?: unknown }).code === "EPERM";
	}
	return !/\) Z /.test(readOrEmpty(`/proc/${pid}/stat`));
}

/** A file's text, or "" where there is none to read. */
export function readOrEmpty(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return "";
	}
}
