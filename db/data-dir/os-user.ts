import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** An account of the operating system. */
export interface OsUser {
	readonly name: string;
	readonly uid: number;
	readonly gid: number;
}

const PREFERRED = ["postgres", "nobody"];

/**
 * Who PostgreSQL runs as, since it refuses root: "postgres" if there is one, else "nobody". Null for an
 * ordinary user, who runs it himself.
 *
 * @throws Error when root has neither
 */
export function serverUser(): OsUser | null {
	if (process.getuid?.() !== 0) return null;
	const lines = readFileSync("/etc/passwd", "utf8").split("\n");
	for (const name of PREFERRED) {
		const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(":");
		const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
		if (uid > 0 && gid > 0) return { name, uid, gid };
	}
	throw new Error(
		"PostgreSQL does not run as root, and there is no user `postgres` or `nobody`: run as an ordinary user",
	);
}

/** Permission bits as in a mode's last octal digit. */
export const READ = 4;
export const ENTER = 1;

/** True when the mode bits alone give the user these permissions on what stands at `path`. */
export function permits(path: string, user: OsUser, permissions: number): boolean {
	const { mode, uid, gid } = statSync(path);
	const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
	return ((mode >> shift) & permissions) === permissions;
}

/** The outermost folder on the way to `path` that the user cannot enter, itself included; or null. */
export function closedFolder(path: string, user: OsUser): string | null {
	const parent = dirname(path);
	const above = parent === path ? null : closedFolder(parent, user);
	return above ?? (permits(path, user, ENTER) ? null : path);
}
