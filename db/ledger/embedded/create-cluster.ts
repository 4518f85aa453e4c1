import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OsUser } from "../../data-dir/os-user.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";

/** The database's own superuser; the socket's folder says who may be it. */
export const CLUSTER_USER = "castle";

const UNFINISHED = "cluster.unfinished";

/**
 * Makes `cluster` in the server's folder unless it is there. It gets its name when it is whole and on
 * disk, so a start that was cut short leaves nothing that looks like a cluster.
 *
 * @throws Error with initdb's own words
 */
export async function createCluster(
	serverFolder: string,
	binaries: PostgresBinaries,
	user: OsUser | null,
): Promise<string> {
	const cluster = join(serverFolder, "cluster");
	await removeUnfinished(serverFolder);
	if (existsSync(cluster)) return cluster;
	// By a name of its own: the initdb of a run that was killed goes on, and when it fails it removes its folder.
	const unfinished = join(serverFolder, `${UNFINISHED}.${crypto.randomUUID()}`);
	// One sync at the end is much faster than one for each of a thousand files.
	await initdb(binaries, serverFolder, user, [
		`--pgdata=${unfinished}`,
		`--username=${CLUSTER_USER}`,
		// By the socket its folder's rights decide; whoever listens to the network asks for a password.
		"--auth-local=trust",
		"--auth-host=scram-sha-256",
		"--encoding=UTF8",
		"--locale=C",
		"--no-sync",
		"--no-instructions",
	]);
	const syncMethod = process.platform === "linux" ? ["--sync-method=syncfs"] : [];
	await initdb(binaries, serverFolder, user, [
		`--pgdata=${unfinished}`,
		"--sync-only",
		...syncMethod,
	]);
	await rename(unfinished, cluster);
	return cluster;
}

/** What starts that were cut short have left. */
async function removeUnfinished(serverFolder: string): Promise<void> {
	for (const name of await readdir(serverFolder)) {
		if (!name.startsWith(UNFINISHED)) continue;
		// Its initdb may still put files there: then it is for the next start.
		await rm(join(serverFolder, name), { recursive: true, force: true }).catch(() => {});
	}
}

function initdb(
	binaries: PostgresBinaries,
	cwd: string,
	user: OsUser | null,
	words: readonly string[],
): Promise<void> {
	const child = spawn(binaries.initdb, words, {
		cwd,
		env: serverEnvironment(),
		stdio: ["ignore", "pipe", "pipe"],
		...(user === null ? {} : { uid: user.uid, gid: user.gid }),
	});
	let output = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream?.on("data", (chunk) => {
			output += `${chunk}`;
		});
	}
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (code, signal) => {
			if (code === 0) resolve();
			else reject(new Error(`initdb ended with ${code ?? signal}: ${output.trim()}`));
		});
	});
}

/** Nothing of ours but the path and the language goes in: no secret, and no PG* variable. */
export function serverEnvironment(): Record<string, string> {
	return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}
