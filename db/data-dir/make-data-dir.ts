import { mkdirSync } from "node:fs";
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
