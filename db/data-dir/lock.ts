import { Database } from "bun:sqlite";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDataDir } from "./make-data-dir.ts";
import { isAlive, readOrEmpty } from "./process-alive.ts";

/** Another process works on this data folder. */
export class DataDirInUse extends Error {
	override readonly name = "DataDirInUse";
	readonly dataDir: string;
	/** Process that holds the folder; null when it has not said so yet. */
	readonly pid: number | null;

	constructor(dataDir: string, pid: number | null) {
		const holder = pid === null ? "another process" : `process ${pid}`;
		super(
			`the data folder ${dataDir} is in use by ${holder}: stop it, or set DATA_DIR to another folder`,
		);
		this.dataDir = dataDir;
		this.pid = pid;
	}
}

/** The folder is ours until `release`, or until the process dies, however it dies. */
export interface DataDirLock {
	release(): void;
}

/** A database that nobody holds on to is collected, and its lock would go with it. */
const held = new Set<Database>();

/**
 * Takes the data folder for this process, making it first if need be. The lock is one that SQLite holds
 * on an empty file: the kernel gives it up with the process, so no lock is ever stale.
 *
 * @throws DataDirInUse
 */
export function lockDataDir(dataDir: string): DataDirLock {
	makeDataDir(dataDir);
	const pidFile = join(dataDir, "exchange.pid");
	const database = new Database(join(dataDir, "exchange.lock"), { create: true });
	try {
		database.run("PRAGMA locking_mode = EXCLUSIVE");
		database.run("BEGIN EXCLUSIVE");
	} catch (error) {
		database.close();
		if ((error as { code?: unknown }).code !== "SQLITE_BUSY") throw error;
		throw new DataDirInUse(dataDir, pidIn(pidFile));
	}
	writeFileSync(pidFile, `${process.pid}\n`);
	held.add(database);
	return {
		release: () => {
			held.delete(database);
			database.close();
		},
	};
}

/** The holder's process, unless the file is still that of a run before. */
function pidIn(pidFile: string): number | null {
	const pid = Number.parseInt(readOrEmpty(pidFile), 10);
	return pid > 1 && isAlive(pid) ? pid : null;
}
