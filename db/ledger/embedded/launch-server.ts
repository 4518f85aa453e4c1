import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fchownSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import type { Logger } from "../../../schemas/ports/logger.ts";
import type { OsUser } from "../../data-dir/os-user.ts";
import { readOrEmpty } from "../../data-dir/process-alive.ts";
import { type PostgresSettings, postgresOptions } from "../connection-settings.ts";
import { CLUSTER_USER, serverEnvironment } from "./create-cluster.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { SOCKET_PORT } from "./server-folder.ts";
import { killOrphans, postmasterFile } from "./server-process.ts";
import { type LoopbackPort, serverWords } from "./server-settings.ts";
import { stopServer } from "./stop-server.ts";
import { waitUntil } from "./wait-until.ts";

const READY_TIMEOUT_MS = 30_000;
const ORPHAN_TIMEOUT_MS = 5_000;

/** What does not change between starts of one data folder. */
export interface Installation {
	readonly binaries: PostgresBinaries;
	/** Whom it runs as; null is ourselves. */
	readonly user: OsUser | null;
	/** The server's folder. */
	readonly folder: string;
	/** PostgreSQL's own data folder, in it. */
	readonly cluster: string;
	/** Where it listens beside its socket; null: nowhere. */
	readonly loopback: LoopbackPort | null;
	/** Words before its command, of a program that becomes it. */
	readonly launcher: readonly string[];
	readonly logger: Logger;
}

/**
 * Starts the server and waits until it answers. An earlier one has ended; children that it left may
 * linger for a moment, and are ended.
 *
 * @returns its pid
 * @throws Error with the end of its log; nothing of it runs then
 */
export async function launchServer(installation: Installation, socketDir: string): Promise<number> {
	const { cluster, folder, logger } = installation;
	const settings = settingsOf(socketDir, installation.loopback);
	const logFile = join(folder, "server.log");
	const deadline = performance.now() + ORPHAN_TIMEOUT_MS;
	for (;;) {
		clearRemains(cluster, settings);
		const logStart = readOrEmpty(logFile).length;
		const child = launch(installation, socketDir, logFile);
		await waitUntil(
			async () => hasEnded(child) || (isReady(cluster, child) && (await answers(settings))),
			READY_TIMEOUT_MS,
		);
		if (child.pid !== undefined && !hasEnded(child)) {
			if (await answers(settings)) {
				logger.info("PostgreSQL started", { pid: child.pid });
				return child.pid;
			}
			await stopServer(child.pid);
		}
		const said = readOrEmpty(logFile).slice(logStart).trim().slice(-2_000);
		if (!said.includes("is still in use") || performance.now() > deadline) {
			throw new Error(`PostgreSQL on ${cluster} did not start: ${said}`);
		}
	}
}

/**
 * After this nothing of an earlier server runs, and no file says that one does: the process of that
 * number may be another program by now, or dead and not yet reaped, and PostgreSQL would take it for
 * a server. Should one live nevertheless, its shared memory still keeps a second from starting.
 */
function clearRemains(cluster: string, { host, port }: PostgresSettings): void {
	killOrphans(cluster);
	const socket = join(host, `.s.PGSQL.${port}`);
	for (const file of [join(cluster, "postmaster.pid"), socket, `${socket}.lock`]) {
		rmSync(file, { force: true });
	}
}

/** A session of its own: the terminal's Ctrl-C is not for it, since we drain into it first. */
function launch(installation: Installation, socketDir: string, logFile: string): ChildProcess {
	const { binaries, user, cluster, loopback, launcher } = installation;
	const command = [binaries.postgres, ...serverWords(cluster, socketDir, loopback)];
	const [program, ...words] = [...launcher, ...command] as [string, ...string[]];
	const log = openSync(logFile, "a", 0o600);
	if (user !== null) fchownSync(log, user.uid, user.gid);
	const child = spawn(program, words, {
		cwd: cluster,
		env: serverEnvironment(),
		detached: true,
		stdio: ["ignore", log, log],
		...(user === null ? {} : { uid: user.uid, gid: user.gid }),
	});
	closeSync(log);
	child.on("error", (error) =>
		installation.logger.error("PostgreSQL cannot be run", { reason: error.message }),
	);
	child.unref();
	return child;
}

function hasEnded(child: ChildProcess): boolean {
	return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function isReady(cluster: string, child: ChildProcess): boolean {
	const file = postmasterFile(cluster);
	return file?.ready === true && file.pid === child.pid;
}

/** How a server with its socket there is reached. */
export function settingsOf(socketDir: string, loopback: LoopbackPort | null): PostgresSettings {
	return {
		host: socketDir,
		port: loopback?.port ?? SOCKET_PORT,
		database: "postgres",
		user: CLUSTER_USER,
		password: "",
		tls: null,
	};
}

/** True when a query comes back. */
export async function answers(settings: PostgresSettings): Promise<boolean> {
	const sql = postgres(postgresOptions(settings, 1));
	try {
		await sql`select 1`;
		return true;
	} catch {
		return false;
	} finally {
		await sql.end({ timeout: 1 });
	}
}
