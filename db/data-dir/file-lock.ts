import { Database } from "bun:sqlite";
import { fileFailure } from "../sqlite/file-failure.ts";

/** Ours until `release`, or until the process dies, however it dies. */
export interface FileLock {
	release(): void;
}

/** A database that nobody holds on to is collected, and its lock would go with it. */
const held = new Set<Database>();

/**
 * Takes a lock that SQLite holds on an empty file, which is made: the kernel gives it up with the
 * process, so no lock is ever stale. Null when somebody has it.
 *
 * @throws Error naming the file when it cannot be used
 */
export function lockFile(path: string): FileLock | null {
	try {
		return locked(path);
	} catch (error) {
		throw fileFailure(path, error, "nothing is kept in it: remove it");
	}
}

function locked(path: string): FileLock | null {
	const database = new Database(path, { create: true });
	try {
		database.run("PRAGMA locking_mode = EXCLUSIVE");
		database.run("BEGIN EXCLUSIVE");
	} catch (error) {
		database.close();
		if ((error as { code?: unknown }).code !== "SQLITE_BUSY") throw error;
		return null;
	}
	held.add(database);
	return {
		release: () => {
			held.delete(database);
			database.close();
		},
	};
}
