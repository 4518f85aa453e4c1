import { SQLiteError } from "bun:sqlite";

/**
 * What SQLite says when a file cannot be opened, with the file's name, which it leaves out.
 *
 * @param remedy what to do when the file holds something else, or is damaged
 */
export function fileFailure(path: string, error: unknown, remedy: string): unknown {
	if (!(error instanceof SQLiteError)) return error;
	const isDamaged = error.code === "SQLITE_NOTADB" || error.code === "SQLITE_CORRUPT";
	const what = `${path} cannot be used (${error.message})`;
	return new Error(isDamaged ? `${what}: ${remedy}` : what, { cause: error });
}
