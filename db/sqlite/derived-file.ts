import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileFailure } from "./file-failure.ts";

/** Of a new file: rows go in by the thousand, and fill larger pages with fewer splits. */
const PAGE_BYTES = 8_192;

/** Memory for pages of a file, KiB. */
const CACHE_KIB = 65_536;

/** Pages in the write-ahead log before they go to the file: a page changed often goes there once. */
const CHECKPOINT_PAGES = 5_000;

const REMEDY = "moved away, with its -wal and -shm, it is made again from the log";

/**
 * Opens a file that holds what can be made again from the log. So it is not flushed on every write:
 * what a power cut takes from its end is written again, from the position in the same transaction.
 *
 * @param path a file, whose folder is made, or ":memory:"
 * @param version of its tables, kept in the file
 * @param tables statements that make them where they do not exist
 * @throws Error naming the file when it cannot be used or is of another version
 */
export function openDerivedFile(
	path: string,
	version: number,
	tables: readonly string[],
): Database {
	if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
	try {
		return opened(path, version, tables);
	} catch (error) {
		throw fileFailure(path, error, REMEDY);
	}
}

function opened(path: string, version: number, tables: readonly string[]): Database {
	const db = new Database(path, { create: true, strict: true });
	try {
		db.run(`PRAGMA page_size = ${PAGE_BYTES}`);
		db.run("PRAGMA journal_mode = WAL");
		db.run("PRAGMA synchronous = NORMAL");
		db.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
		db.run(`PRAGMA cache_size = -${CACHE_KIB}`);
		const found = db.query("PRAGMA user_version").values()[0]?.[0];
		if (found !== 0 && found !== version) {
			throw new Error(`${path} is of version ${found}; this program reads ${version}`);
		}
		for (const statement of tables) db.run(statement);
		db.run(`PRAGMA user_version = ${version}`);
	} catch (error) {
		db.close();
		throw error;
	}
	return db;
}

/**
 * Until this has been done, a power cut may take what was written last.
 *
 * @throws Error when it cannot be done
 */
export function syncDerivedFile(db: Database): void {
	// Without a flush at every write, it is the checkpoint that flushes: the write-ahead log, then the file.
	const busy = db.query("PRAGMA wal_checkpoint(FULL)").values()[0]?.[0];
	if (busy !== 0) throw new Error(`${db.filename} could not be brought onto the disk`);
}
