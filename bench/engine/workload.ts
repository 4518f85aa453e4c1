/** What a record asks for. */
export const Op = { Limit: 1, Cancel: 2, Ioc: 3, Reprice: 4, Reduce: 5 } as const;

/** 32-bit words in a record: op | side << 8 | symbol << 16, user, order id, price, quantity, zero. */
export const RECORD_WORDS = 6;
const HEADER_BYTES = 64;
const RECORD_BYTES = RECORD_WORDS * 4;
const MAGIC = "OBW1";
const VERSION = 1;

/** The commands of an OBW1 file: little-endian, a header of 64 bytes, records of 24. */
export interface Workload {
	readonly records: number;
	readonly symbols: number;
	/** Order ids are dense from 1, by appearance. */
	readonly highestOrderId: number;
	readonly seed: number;
	/** In ticks. */
	readonly lowestPrice: number;
	readonly highestPrice: number;
	readonly users: number;
	/** All records, RECORD_WORDS each. */
	readonly words: Uint32Array;
}

/**
 * Reads a file's bytes. The records are used where they are, so the machine must be little-endian, as
 * all that Bun runs on are.
 *
 * @throws RangeError when the bytes are not a whole OBW1 file
 */
export function readWorkload(bytes: ArrayBuffer): Workload {
	if (bytes.byteLength < HEADER_BYTES) throw new RangeError("an OBW1 file has 64 bytes of header");
	const header = new DataView(bytes);
	const magic = String.fromCharCode(...new Uint8Array(bytes, 0, 4));
	const at = (offset: number) => header.getUint32(offset, true);
	if (magic !== MAGIC || at(4) !== VERSION || at(36) !== RECORD_BYTES) {
		throw new RangeError("not an OBW1 file of version 1 with records of 24 bytes");
	}
	const records = at(8);
	if (bytes.byteLength < HEADER_BYTES + records * RECORD_BYTES) {
		throw new RangeError(`the header says ${records} records, and the file ends before them`);
	}
	return {
		records,
		symbols: at(12),
		highestOrderId: at(16),
		seed: at(20),
		lowestPrice: at(24),
		highestPrice: at(28),
		users: at(32),
		words: new Uint32Array(bytes, HEADER_BYTES, records * RECORD_WORDS),
	};
}

/** The bytes of a file with these commands. */
export function writeWorkload(workload: Workload): Uint8Array {
	const bytes = new Uint8Array(HEADER_BYTES + workload.records * RECORD_BYTES);
	const header = new DataView(bytes.buffer);
	for (let i = 0; i < MAGIC.length; i += 1) header.setUint8(i, MAGIC.charCodeAt(i));
	const { records, symbols, highestOrderId, seed, lowestPrice, highestPrice, users } = workload;
	const fields = [
		VERSION,
		records,
		symbols,
		highestOrderId,
		seed,
		lowestPrice,
		highestPrice,
		users,
	];
	for (const [i, value] of [...fields, RECORD_BYTES].entries()) {
		header.setUint32(4 + i * 4, value, true);
	}
	new Uint32Array(bytes.buffer, HEADER_BYTES).set(
		workload.words.subarray(0, records * RECORD_WORDS),
	);
	return bytes;
}
