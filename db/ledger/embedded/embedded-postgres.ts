import { rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Logger } from "../../../schemas/ports/logger.ts";
import { makeDataDir } from "../../data-dir/make-data-dir.ts";
import { serverUser } from "../../data-dir/os-user.ts";
import { isAlive } from "../../data-dir/process-alive.ts";
import type { PostgresSettings } from "../connection-settings.ts";
import { createCluster } from "./create-cluster.ts";
import { answers, type Installation, launchServer, settingsOf } from "./launch-server.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { makeServerFolder, makeSocketFolder } from "./server-folder.ts";
import { commandLine, postmasterFile } from "./server-process.ts";
import { type LoopbackPort, serverWords } from "./server-settings.ts";
import { setPassword } from "./set-password.ts";
import { askToStop, stopServer } from "./stop-server.ts";

/** How often it is looked whether the server still lives. */
const WATCH_MS = 250;

/** A PostgreSQL that is ours: started, or taken over from a run that was killed. */
export interface EmbeddedPostgres {
	/** By its socket. These stay, also when it had to be started again. */
	readonly settings: PostgresSettings;
	/** Of the server that runs now. */
	readonly pid: number;
	/** It ran already, left behind by a killed run. */
	readonly adopted: boolean;
	/** Fast shutdown; after 3 s an immediate one. Connections are cut. */
	stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that npm brought, on `dataDir`/postgres, reachable by a Unix socket that only
 * its user (and root) can open. Takes over the one that a killed run left there. Until `stop`, one that
 * dies is started again. It is asked to end when this process ends without a `stop`; only a kill leaves
 * it behind, unless its launcher sees to that. The caller holds the data folder's lock.
 *
 * @param options.loopback a port of 127.0.0.1 beside the socket, for processes that share the server
 * @param options.launcher words before its command, of a program that becomes it
 * @param options.onEnd told when it dies; then it is not started again
 * @throws Error when it cannot start, with the end of its own log; nothing is left running then
 */
export async function startEmbeddedPostgres(options: {
	readonly dataDir: string;
	readonly logger: Logger;
	readonly loopback?: LoopbackPort;
	readonly launcher?: readonly string[];
	readonly onEnd?: () => void;
}): Promise<EmbeddedPostgres> {
	const { dataDir, logger, loopback = null, launcher = [], onEnd = null } = options;
	const user = serverUser();
	makeDataDir(dataDir);
	const folder = makeServerFolder(dataDir, user, logger);
	const binaries = await postgresBinaries(folder, user);
	const cluster = await createCluster(folder, binaries, user);
	const installation = { binaries, user, folder, cluster, loopback, launcher, logger };
	const left = await takeOver(installation);
	if (left !== null) {
		return new RunningPostgres(installation, left.socketDir, left.pid, true, onEnd);
	}
	const socketDir = makeSocketFolder(folder, user);
	try {
		const pid = await launchServer(installation, socketDir);
		if (loopback !== null) await setPassword(settingsOf(socketDir, loopback), loopback.password);
		return new RunningPostgres(installation, socketDir, pid, false, onEnd);
	} catch (error) {
		removeOutsideSocketFolder(installation, socketDir);
		throw error;
	}
}

/** The server that runs on this cluster, if we would have started it just so, and it answers. */
async function takeOver(
	installation: Installation,
): Promise<{ readonly pid: number; readonly socketDir: string } | null> {
	const { cluster, logger, binaries, loopback } = installation;
	const left = postmasterFile(cluster);
	if (left === null || !isAlive(left.pid)) return null;
	const command = commandLine(left.pid);
	if (!command.includes(cluster)) return null;
	const expected = [binaries.postgres, ...serverWords(cluster, left.socketDir, loopback)].join(" ");
	const settings = settingsOf(left.socketDir, loopback);
	if (command === expected && left.ready && (await answers(settings))) {
		logger.info("PostgreSQL of an earlier run goes on", { pid: left.pid });
		return left;
	}
	logger.warn("PostgreSQL of an earlier run is stopped", { pid: left.pid });
	await stopServer(left.pid);
	removeOutsideSocketFolder(installation, left.socketDir);
	return null;
}

class RunningPostgres implements EmbeddedPostgres {
	readonly settings: PostgresSettings;
	readonly adopted: boolean;
	private readonly installation: Installation;
	private readonly socketDir: string;
	private readonly onEnd: (() => void) | null;
	private readonly watch: ReturnType<typeof setInterval>;
	private currentPid: number;
	private restart: Promise<void> | null = null;

	constructor(
		installation: Installation,
		socketDir: string,
		pid: number,
		adopted: boolean,
		onEnd: (() => void) | null,
	) {
		this.installation = installation;
		this.socketDir = socketDir;
		this.onEnd = onEnd;
		this.settings = settingsOf(socketDir, installation.loopback);
		this.adopted = adopted;
		this.currentPid = pid;
		this.watch = setInterval(() => this.look(), WATCH_MS);
		this.watch.unref();
		process.once("exit", this.onExit);
	}

	get pid(): number {
		return this.currentPid;
	}

	async stop(): Promise<void> {
		clearInterval(this.watch);
		process.off("exit", this.onExit);
		await this.restart;
		await stopServer(this.currentPid);
		removeOutsideSocketFolder(this.installation, this.socketDir);
		this.installation.logger.info("PostgreSQL stopped", { pid: this.currentPid });
	}

	private look(): void {
		if (this.restart !== null || isAlive(this.currentPid)) return;
		if (this.onEnd !== null) return this.ended(this.onEnd);
		this.installation.logger.error("PostgreSQL died and is started again", {
			pid: this.currentPid,
		});
		this.restart = this.again().finally(() => {
			this.restart = null;
		});
	}

	private readonly onExit = (): void => askToStop(this.currentPid, "SIGINT");

	private ended(onEnd: () => void): void {
		clearInterval(this.watch);
		process.off("exit", this.onExit);
		removeOutsideSocketFolder(this.installation, this.socketDir);
		this.installation.logger.error("PostgreSQL died", { pid: this.currentPid });
		onEnd();
	}

	/** When it does not start, the next look tries again. */
	private async again(): Promise<void> {
		try {
			this.currentPid = await launchServer(this.installation, this.socketDir);
		} catch (error) {
			this.installation.logger.error("PostgreSQL does not start", { reason: `${error}` });
		}
	}
}

function removeOutsideSocketFolder({ folder }: Installation, socketDir: string): void {
	if (dirname(socketDir) !== folder) rmSync(socketDir, { recursive: true, force: true });
}
