import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Makes the data folder unless it is there: for its owner alone, since it holds keys and orders. */
export function makeDataDir(dataDir: string): void {
	mkdirSync(dirname(dataDir), { recursive: true });
	try {
		mkdirSync(dataDir, { mode: 0o700 });
	} catch (error) {
		if ((error as { code?: unknown }).code !== "EEXIST") throw error;
	}
}

/** Sticky: a folder that users share, as /tmp, and not ours to close. */
const SHARED = 0o1000;

/** Takes from other users what they may do in a data folder that was made by hand. Its group keeps its rights. */
export function closeToOthers(dataDir: string): void {
	const { mode, uid } = statSync(dataDir);
	if ((mode & 0o007) === 0 || (mode & SHARED) !== 0 || uid !== process.getuid?.()) return;
	chmodSync(dataDir, mode & 0o7770);
}
