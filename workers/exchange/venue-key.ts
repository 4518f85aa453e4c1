import {
	chmodSync,
	closeSync,
	existsSync,
	fsyncSync,
	openSync,
	readFileSync,
	renameSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import { CannotStart } from "../../db/machine/cannot-start.ts";
import { EXIT } from "../../db/machine/exit-codes.ts";
import type { Random } from "../../schemas/ports/random.ts";

/** The key of a venue is not where it was left: what was sealed with it cannot be opened. */
export class VenueKeyDamaged extends CannotStart {
	override readonly name = "VenueKeyDamaged";
	override readonly exitCode = EXIT.brokenInvariant;
}

/**
 * The key that seals secrets at rest, 64 hex digits: made at the first start, readable by us alone.
 *
 * @throws VenueKeyDamaged rather than sealing with another key
 */
export function venueKey(dataDir: string, random: Random): string {
	const file = join(dataDir, "secret.key");
	if (!existsSync(file)) {
		checkNew(dataDir, file);
		writeDurably(dataDir, file, Buffer.from(random.bytes(32)).toString("hex"));
	}
	chmodSync(file, 0o600);
	const key = readFileSync(file, "utf8").trim();
	if (!/^[0-9a-f]{64}$/.test(key)) {
		throw new VenueKeyDamaged(`${file} must hold 64 hex digits: put the right one back`);
	}
	return key;
}

/** A first start makes the key before anything that could hold what it seals. */
function checkNew(dataDir: string, file: string): void {
	if (!existsSync(join(dataDir, "postgres/cluster"))) return;
	throw new VenueKeyDamaged(
		`${file} is missing, which seals the secrets of ${dataDir}: put it back. Is it lost for good, write 64 new hex ` +
			"digits there: HMAC keys made before work no more then, all else goes on",
	);
}

/** Whole or not there at all, also after a power loss: users' secrets will depend on it. */
function writeDurably(folder: string, file: string, text: string): void {
	const temporary = `${file}.tmp`;
	const written = openSync(temporary, "w", 0o600);
	writeSync(written, text);
	fsyncSync(written);
	closeSync(written);
	renameSync(temporary, file);
	const entry = openSync(folder, "r");
	fsyncSync(entry);
	closeSync(entry);
}
