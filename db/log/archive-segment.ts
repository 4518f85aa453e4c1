import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import type { Archive } from "../../schemas/ports/archive.ts";
import { segmentName } from "./segment.ts";
import type { OldSegment } from "./segmented-log.ts";

const CHUNK_BYTES = 1 << 18;
const POSITION_DIGITS = 16;

/**
 * Puts a file of the log into the archive, packed with gzip, before retention removes it:
 * `log/<log>/<file>-<first>-<end>-<SHA-256>`. First and end count the records of all lanes, so what one
 * ends with the next begins with; the hash is that of the file. Done again, it puts the same.
 *
 * @returns its name there
 */
export async function archiveSegment(archive: Archive, segment: OldSegment): Promise<string> {
	const { number, path, logId, starts, ends } = segment;
	const hash = createHash("sha256");
	const chunks: Uint8Array[] = [];
	// Little by little, and quickly rather than small: others trade meanwhile.
	await pipeline(
		createReadStream(path, { highWaterMark: CHUNK_BYTES }),
		async function* (file: AsyncIterable<Uint8Array>) {
			for await (const chunk of file) {
				hash.update(chunk);
				yield chunk;
			}
		},
		createGzip({ level: constants.Z_BEST_SPEED }),
		async (packed: AsyncIterable<Uint8Array>) => {
			for await (const chunk of packed) chunks.push(chunk);
		},
	);
	const file = segmentName(number).replace(".log", "");
	const name = `log/${logId}/${file}-${records(starts)}-${records(ends)}-${hash.digest("hex")}`;
	await archive.put(name, Buffer.concat(chunks));
	return name;
}

/** Of all lanes together. */
function records(offsets: readonly number[]): string {
	return String(offsets.reduce((sum, n) => sum + n, 0)).padStart(POSITION_DIGITS, "0");
}
