import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SettingsError } from "../../schemas/settings.ts";
import { CannotStart } from "../machine/cannot-start.ts";
import { type FileLock, lockFile } from "./file-lock.ts";
import { closeToOthers, makeDataDir } from "./make-data-dir.ts";
import { isAlive, readOrEmpty } from "./process-alive.ts";

/** Another process works on this data folder. */
export class DataDirInUse extends CannotStart {
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

/**
 * Takes the data folder, which DATA_DIR names, for this process, making it first if need be.
 *
 * @throws DataDirInUse, and SettingsError when it cannot be made or written to
 */
export function lockDataDir(dataDir: string): FileLock {
	try {
		return lockMade(dataDir);
	} catch (error) {
		if (error instanceof DataDirInUse) throw error;
		const why = error instanceof Error ? error.message : String(error);
		throw new SettingsError(`DATA_DIR=${dataDir}: cannot be used: ${why}`);
	}
}

function lockMade(dataDir: string): FileLock {
	makeDataDir(dataDir);
	const pidFile = join(dataDir, "exchange.pid");
	const lock = lockFile(join(dataDir, "exchange.lock"));
	if (lock === null) throw new DataDirInUse(dataDir, pidIn(pidFile));
	// Only by who holds it: the server of a running exchange may have been let in since.
	closeToOthers(dataDir);
	writeFileSync(pidFile, `${process.pid}\n`);
	return lock;
}

/** The holder's process, unless the file is still that of a run before. */
function pidIn(pidFile: string): number | null {
	const pid = Number.parseInt(readOrEmpty(pidFile), 10);
	return pid > 1 && isAlive(pid) ? pid : null;
}
