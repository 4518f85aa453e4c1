import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../schemas/ports/random.ts";

/** The key that seals secrets at rest, 64 hex digits: made at the first start, readable by us alone. */
export function venueKey(dataDir: string, random: Random): string {
	const file = join(dataDir, "secret.key");
	if (!existsSync(file)) {
		writeFileSync(file, Buffer.from(random.bytes(32)).toString("hex"), { mode: 0o600 });
	}
	chmodSync(file, 0o600);
	return readFileSync(file, "utf8").trim();
}
