import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const BYTES = 32;

/** What the processes of one stack share and nobody else may know. */
export interface StackKeys {
	/** Seals users' secrets in PostgreSQL. */
	readonly VENUE_KEY: string;
	/** Shown by a worker that dials a gateway. */
	readonly LINK_TOKEN: string;
}

/** Those of the first start on this data folder: secrets in its PostgreSQL can be opened with no other. */
export function stackKeys(dataDir: string): StackKeys {
	const file = join(dataDir, "keys.json");
	if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
	const key = () => randomBytes(BYTES).toString("hex");
	const keys: StackKeys = { VENUE_KEY: key(), LINK_TOKEN: key() };
	writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
	chmodSync(file, 0o600);
	return keys;
}
