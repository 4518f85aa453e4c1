import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fchownSync, openSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import postgres from "postgres";
import type { Logger } from "../../../schemas/ports/logger.ts";
import { type OsUser, serverUser } from "../../data-dir/os-user.ts";
import { isAlive, readOrEmpty } from "../../data-dir/process-alive.ts";
import { type PostgresSettings, postgresOptions } from "../connection-settings.ts";
import { CLUSTER_USER, createCluster, serverEnvironment } from "./create-cluster.ts";
import { type PostgresBinaries, postgresBinaries } from "./postgres-binaries.ts";
import { makeServerFolder, makeSocketFolder, SOCKET_PORT } from "./server-folder.ts";
import { commandLine, killOrphans, postmasterFile } from "./server-process.ts";
import { serverWords } from "./server-settings.ts";
import { waitUntil } from "./wait-until.ts";

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 3_000;
const ORPHAN_TIMEOUT_MS = 5_000;

/** A PostgreSQL that is ours: started, or taken over from a run that was killed. */
export interface EmbeddedPostgres {
	readonly settings: PostgresSettings;
	readonly pid: number;
	/** It ran already, left behind by a killed run. */
	readonly adopted: boolean;
	/** Fast shutdown; after 3 s an immediate one. Connections are cut. */
	stop(): Promise<void>;
}

/** What does not change between starts of one data folder. */
interface Installation {
	readonly binaries: PostgresBinaries;
	readonly user: OsUser | null;
	/** `postgres` in the data folder. */
	readonly folder: string;
	readonly cluster: string;
	readonly logger: Logger;
}

/**
 * Starts the PostgreSQL that npm brought, on `dataDir`/postgres, reachable by a Unix socket that only
 * its user (and root) can open. Takes over the one that a killed run left there. The caller holds the
 * data folder's lock.
 *
 * @throws Error when it cannot start, with the end of its own log; nothing is left running then
 */
export async function startEmbeddedPostgres(options: {
	readonly dataDir: string;
	readonly logger: Logger;
}): Promise<EmbeddedPostgres> {
	const { dataDir, logger } = options;
	const user = serverUser();
	const folder = makeServerFolder(dataDir, user, logger);
	const binaries = await postgresBinaries(folder, user);
	const cluster = await createCluster(folder, binaries, user);
	const installation = { binaries, user, folder, cluster, logger };
	return (await takeOver(installation)) ?? (await start(installation));
}

/** The server that runs on this cluster, if it is one that we would have started just so, and answers. */
async function takeOver(installation: Installation): Promise<EmbeddedPostgres | null> {
	const { cluster, logger, binaries } = installation;
	const left = postmasterFile(cluster);
	const command = left === null ? "" : commandLine(left.pid);
	if (left !== null && isAlive(left.pid) && command.includes(cluster)) {
		const expected = [binaries.postgres, ...serverWords(cluster, left.socketDir)].join(" ");
		if (command === expected && left.ready && (await answers(left.socketDir))) {
			logger.info("PostgreSQL of an earlier run goes on", { pid: left.pid });
			return running(installation, left.pid, left.socketDir, true);
		}
		logger.warn("PostgreSQL of an earlier run is stopped", { pid: left.pid });
		await stopServer(left.pid);
	}
	await clearRemains(cluster);
	return null;
}

/** After this nothing of an earlier server runs, and no file says that one does. */
async function clearRemains(cluster: string): Promise<void> {
	killOrphans(cluster);
	// Its pid may be another program's by now, which PostgreSQL would take for a server.
	rmSync(join(cluster, "postmaster.pid"), { force: true });
}

async function start(installation: Installation): Promise<EmbeddedPostgres> {
	const socketDir = makeSocketFolder(installation.folder, installation.user);
	const logFile = join(installation.folder, "server.log");
	const deadline = performance.now() + ORPHAN_TIMEOUT_MS;
	for (;;) {
		const logStart = readOrEmpty(logFile).length;
		const child = launch(installation, socketDir, logFile);
		const ready = await waitUntil(
			async () => hasEnded(child) || (isReady(installation, child) && (await answers(socketDir))),
			READY_TIMEOUT_MS,
		);
		if (ready && !hasEnded(child) && child.pid !== undefined) {
			installation.logger.info("PostgreSQL started", { pid: child.pid });
			return running(installation, child.pid, socketDir, false);
		}
		if (child.pid !== undefined && !hasEnded(child)) await stopServer(child.pid);
		const said = readOrEmpty(logFile).slice(logStart).trim().slice(-2_000);
		const orphans = said.includes("is still in use");
		if (!orphans || performance.now() > deadline) {
			removeOutsideSocketFolder(installation, socketDir);
			throw new Error(`PostgreSQL on ${installation.cluster} did not start: ${said}`);
		}
		killOrphans(installation.cluster);
	}
}

/** A session of its own: the terminal's Ctrl-C is not for it, since we drain into it first. */
function launch(installation: Installation, socketDir: string, logFile: string): ChildProcess {
	const { binaries, user, cluster } = installation;
	const log = openSync(logFile, "a", 0o600);
	if (user !== null) fchownSync(log, user.uid, user.gid);
	const child = spawn(binaries.postgres, serverWords(cluster, socketDir), {
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

function isReady(installation: Installation, child: ChildProcess): boolean {
	const file = postmasterFile(installation.cluster);
	return file?.ready === true && file.pid === child.pid;
}

function settingsOf(socketDir: string): PostgresSettings {
	return {
		host: socketDir,
		port: SOCKET_PORT,
		database: "postgres",
		user: CLUSTER_USER,
		password: "",
		tls: null,
	};
}

async function answers(socketDir: string): Promise<boolean> {
	const sql = postgres(postgresOptions(settingsOf(socketDir), 1));
	try {
		await sql`select 1`;
		return true;
	} catch {
		return false;
	} finally {
		await sql.end({ timeout: 1 });
	}
}

function running(
	installation: Installation,
	pid: number,
	socketDir: string,
	adopted: boolean,
): EmbeddedPostgres {
	return {
		settings: settingsOf(socketDir),
		pid,
		adopted,
		stop: async () => {
			await stopServer(pid);
			removeOutsideSocketFolder(installation, socketDir);
			installation.logger.info("PostgreSQL stopped", { pid });
		},
	};
}

function removeOutsideSocketFolder({ folder }: Installation, socketDir: string): void {
	if (dirname(socketDir) !== folder) rmSync(socketDir, { recursive: true, force: true });
}

/** SIGINT is its fast shutdown, SIGQUIT its immediate one; the log makes up for that at the next start. */
async function stopServer(pid: number): Promise<void> {
	for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
		if (!isAlive(pid)) return;
		try {
			process.kill(pid, signal);
		} catch {
			// It ended between the look and the signal.
		}
		if (await waitUntil(() => !isAlive(pid), STOP_TIMEOUT_MS)) return;
	}
	throw new Error(`PostgreSQL (process ${pid}) does not end`);
}
