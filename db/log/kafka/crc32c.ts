/** Castagnoli's polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;
/** Bytes taken at once. */
const SLICE = 8;

/** Row k: what a byte comes to that k more follow. */
const table = new Int32Array(SLICE * 256);
for (let byte = 0; byte < 256; byte += 1) {
	let rest = byte;
	for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
	table[byte] = rest;
}
for (let at = 256; at < table.length; at += 1) {
	const before = table[at - 256]!;
	table[at] = (before >>> 8) ^ table[before & 0xff]!;
}

/** CRC-32C, which Kafka's batches are checked by, of the bytes from an offset on. */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
	let rest = -1;
	let at = from;
	for (; at + SLICE <= to; at += SLICE) {
		const low =
			rest ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
		rest =
			table[0x700 + (low & 0xff)]! ^
			table[0x600 + ((low >>> 8) & 0xff)]! ^
			table[0x500 + ((low >>> 16) & 0xff)]! ^
			table[0x400 + (low >>> 24)]! ^
			table[0x300 + bytes[at + 4]!]! ^
			table[0x200 + bytes[at + 5]!]! ^
			table[0x100 + bytes[at + 6]!]! ^
			table[bytes[at + 7]!]!;
	}
	for (; at < to; at += 1) rest = (rest >>> 8) ^ table[(rest ^ bytes[at]!) & 0xff]!;
	return ~rest >>> 0;
}
