import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { readOrEmpty } from "../../data-dir/process-alive.ts";

/** What PostgreSQL wrote of itself into its data folder. */
export interface PostmasterFile {
	readonly pid: number;
	readonly socketDir: string;
	/** It takes connections, as far as it knows. */
	readonly ready: boolean;
}

/** Reads postmaster.pid; null when there is none, or it is not written to its end. */
export function postmasterFile(clusterDir: string): PostmasterFile | null {
	try {
		const lines = readFileSync(join(clusterDir, "postmaster.pid"), "utf8").split("\n");
		const pid = Number(lines[0]);
		if (!Number.isSafeInteger(pid) || pid <= 1) return null;
		return { pid, socketDir: lines[4] ?? "", ready: (lines[7] ?? "").trim() === "ready" };
	} catch {
		return null;
	}
}

/** The command line of a process, its words joined by spaces; empty when there is none. */
export function commandLine(pid: number): string {
	if (process.platform === "linux") {
		return readOrEmpty(`/proc/${pid}/cmdline`).split("\0").join(" ").trim();
	}
	try {
		return execFileSync("ps", ["-ww", "-o", "command=", "-p", `${pid}`], {
			encoding: "utf8",
		}).trim();
	} catch {
		return "";
	}
}

/**
 * Ends what a killed postmaster left: its children notice its death by themselves, but one in the midst
 * of work may take seconds, and no new postmaster starts before. Linux only; elsewhere they are waited for.
 */
export function killOrphans(clusterDir: string): void {
	if (process.platform !== "linux") return;
	for (const name of readdirSync("/proc")) {
		const pid = Number(name);
		if (!Number.isSafeInteger(pid) || !commandLine(pid).startsWith("postgres: ")) continue;
		try {
			if (readlinkSync(`/proc/${pid}/cwd`) === clusterDir) process.kill(pid, "SIGKILL");
		} catch {
			// It ended meanwhile, or it is not ours to look at.
		}
	}
}
