import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Takes one line for whoever waits: what is downloaded or built. */
export type Say = (line: string) => void;

/** Where servers are installed: outside the checkout, shared by all of them. */
export function installCache(): string {
	const { CASTLE_CACHE, XDG_CACHE_HOME } = process.env;
	return CASTLE_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "castle");
}

/**
 * A folder that `install` filled, once per machine. It gets its name, which says its version, when it
 * is whole: an install that was cut short leaves nothing that looks like one, and of two at the same
 * time one is kept.
 *
 * @throws Error of `install`
 */
export async function installedOnce(
	name: string,
	install: (folder: string) => Promise<void>,
): Promise<string> {
	const cache = installCache();
	const target = join(cache, name);
	if (existsSync(target)) return target;
	mkdirSync(cache, { recursive: true });
	const unfinished = mkdtempSync(join(cache, `${name}.unfinished-`));
	try {
		await install(unfinished);
		await rename(unfinished, target);
	} catch (error) {
		await rm(unfinished, { recursive: true, force: true });
		if (!existsSync(target)) throw error;
	}
	return target;
}
