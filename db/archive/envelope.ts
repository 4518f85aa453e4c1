import { createHash } from "node:crypto";
import { ArchiveCorrupt } from "../../schemas/ports/archive.ts";

const MAGIC = "CASTLE1\n";
const CHECKSUM_BYTES = 32;
const HEADER_BYTES = MAGIC.length + CHECKSUM_BYTES;

/** An object as it is stored: a copy of its bytes behind a header with their SHA-256. */
export function sealed(bytes: Uint8Array): Buffer {
	return Buffer.concat([header(bytes), bytes]);
}

/**
 * The bytes of a stored object, in memory of their own.
 *
 * @throws ArchiveCorrupt when they are not what was put
 */
export function opened(content: Uint8Array, name: string): Uint8Array {
	// A Buffer's own slice would be a Buffer again, in the memory of the whole.
	const bytes = new Uint8Array(content.subarray(HEADER_BYTES));
	if (!header(bytes).equals(content.subarray(0, HEADER_BYTES))) {
		throw new ArchiveCorrupt(`${name} is damaged`);
	}
	return bytes;
}

function header(bytes: Uint8Array): Buffer {
	return Buffer.concat([Buffer.from(MAGIC), createHash("sha256").update(bytes).digest()]);
}
