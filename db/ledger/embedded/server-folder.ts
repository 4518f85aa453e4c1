import {
	chmodSync,
	chownSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	realpathSync,
	symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "../../../schemas/ports/logger.ts";
import { SYSTEM_FOLDER } from "../../data-dir/default-data-dir.ts";
import { closedFolder, type OsUser } from "../../data-dir/os-user.ts";

/** The number in the socket's name; nothing listens on a port. */
export const SOCKET_PORT = 5432;
/** What the kernel takes for a socket's path on Linux less its end mark; macOS takes 103. */
const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;

/**
 * Makes `postgres` in the data folder (which is there), for the server's user alone. Where that user cannot come there,
 * because only root can enter some folder above, it is a link to a folder of the system: a fresh one,
 * so that a new data folder never meets the ledger of an old one of the same name.
 *
 * @returns its real path
 * @throws Error when what is there already cannot be reached any more
 */
export function makeServerFolder(dataDir: string, user: OsUser | null, logger: Logger): string {
	const home = realpathSync(dataDir);
	const folder = join(home, "postgres");
	const found = lstatSync(folder, { throwIfNoEntry: false });
	if (found?.isSymbolicLink()) return realpathSync(folder);
	const closed = user === null ? null : letIn(home, user);
	if (user === null || closed === null) {
		makePrivate(folder, user);
		return folder;
	}
	if (found !== undefined) {
		throw new Error(
			`DATA_DIR ${dataDir}: PostgreSQL runs as the user ${user.name}, who cannot enter ${closed} any more`,
		);
	}
	mkdirSync(SYSTEM_FOLDER, { recursive: true });
	const elsewhere = mkdtempSync(join(SYSTEM_FOLDER, "postgres-"));
	makePrivate(elsewhere, user);
	symlinkSync(elsewhere, folder);
	logger.warn("PostgreSQL's files are outside the data folder: its user cannot enter there", {
		user: user.name,
		closed,
		folder: elsewhere,
	});
	return elsewhere;
}

/**
 * A data folder that only root can enter is opened to the server's group, no further; the folders above
 * it are not ours to change.
 *
 * @returns the folder on the way that stays closed, or null
 */
function letIn(dataDir: string, user: OsUser): string | null {
	const closed = closedFolder(dataDir, user);
	if (closed !== dataDir) return closed;
	chownSync(dataDir, process.getuid?.() ?? 0, user.gid);
	chmodSync(dataDir, 0o710);
	return closedFolder(dataDir, user);
}

/**
 * A folder for the server's socket, for its user alone: `socket` in the server's folder, or, where that
 * path is too long for a socket, a fresh one under the system's temporary folder.
 */
export function makeSocketFolder(serverFolder: string, user: OsUser | null): string {
	const inside = join(serverFolder, "socket");
	if (fits(inside)) {
		makePrivate(inside, user);
		return inside;
	}
	const parent = fits(join(tmpdir(), "castle-pg-XXXXXX")) ? tmpdir() : "/tmp";
	const outside = mkdtempSync(join(realpathSync(parent), "castle-pg-"));
	makePrivate(outside, user);
	return outside;
}

function fits(socketDir: string): boolean {
	return Buffer.byteLength(join(socketDir, `.s.PGSQL.${SOCKET_PORT}`)) <= LONGEST_SOCKET_PATH;
}

function makePrivate(folder: string, user: OsUser | null): void {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	chmodSync(folder, 0o700);
	if (user !== null) chownSync(folder, user.uid, user.gid);
}
