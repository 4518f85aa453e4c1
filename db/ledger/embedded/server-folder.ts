import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedFolder, type OsUser } from "../../data-dir/os-user.ts";

/** The number in the socket's name; nothing listens on a port. */
export const SOCKET_PORT = 5432;
/** What the kernel takes for a socket's path on Linux less its end mark; macOS takes 103. */
const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;

/**
 * Makes `postgres` in the data folder, for the server's user alone.
 *
 * @returns its real path
 * @throws Error when that user cannot come there
 */
export function makeServerFolder(dataDir: string, user: OsUser | null): string {
	mkdirSync(dataDir, { recursive: true });
	const home = realpathSync(dataDir);
	if (user !== null) letIn(home, user);
	const folder = join(home, "postgres");
	makePrivate(folder, user);
	return folder;
}

/**
 * A data folder that only root can enter is opened to the server's group, no further; the folders above
 * it are not ours to change.
 */
function letIn(dataDir: string, user: OsUser): void {
	if (closedFolder(dataDir, user) === dataDir) {
		chownSync(dataDir, process.getuid?.() ?? 0, user.gid);
		chmodSync(dataDir, 0o710);
	}
	const closed = closedFolder(dataDir, user);
	if (closed === null) return;
	throw new Error(
		`DATA_DIR ${dataDir}: PostgreSQL runs as the user ${user.name}, who cannot enter ${closed}; choose a folder that is reachable for ${user.name}, or run as an ordinary user`,
	);
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
