import { crc32c } from "./crc32c.ts";

/**
 * Kafka's record batches of version 2, as the log has them: no compression, no keys, no headers, one text per
 * record. kafkajs makes several objects and big integers of each record, which costs more than what is in it.
 */

/** One encoded record and where it stands. */
export interface FetchedRecord {
	readonly offset: number;
	/** Null: not written by us, as the mark of a transaction's end is. */
	readonly text: string | null;
}

const VERSION = 2;
const UINT32 = 2 ** 32;
/** Where what stands in a batch, in bytes from its beginning. */
const LENGTH_AT = 8;
/** The batch's length counts from here on. */
const COUNTED_FROM = 12;
const VERSION_AT = 16;
const CRC_AT = 17;
/** The checksum is of all from here on. */
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_AT = 23;
const FIRST_TIME_AT = 27;
const LAST_TIME_AT = 35;
const PRODUCER_AT = 43;
const PRODUCER_BYTES = 14;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const COMPRESSION = 0x07;
const CONTROL = 0x20;
/** A record's own bytes beside its text, at most: lengths of up to 5, and four single ones. */
const RECORD_BYTES = 24;

/** @param texts at least one */
export function encodedBatch(texts: readonly string[], timeMs: number): Buffer {
	const lengths = texts.map((text) => Buffer.byteLength(text));
	const size = lengths.reduce((sum, length) => sum + length + RECORD_BYTES, RECORDS_AT);
	const batch = Buffer.allocUnsafe(size);
	let at = RECORDS_AT;
	for (let i = 0; i < texts.length; i += 1) {
		at = writeRecord(batch, at, i, texts[i] as string, lengths[i] as number);
	}
	batch.fill(0, 0, RECORDS_AT);
	batch.writeInt32BE(at - COUNTED_FROM, LENGTH_AT);
	batch.writeInt8(VERSION, VERSION_AT);
	batch.writeInt32BE(texts.length - 1, LAST_OFFSET_AT);
	for (const place of [FIRST_TIME_AT, LAST_TIME_AT]) batch.writeBigInt64BE(BigInt(timeMs), place);
	// No producer whose records are numbered.
	batch.fill(0xff, PRODUCER_AT, PRODUCER_AT + PRODUCER_BYTES);
	batch.writeInt32BE(texts.length, COUNT_AT);
	batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT, at), CRC_AT);
	return batch.subarray(0, at);
}

/** Gives where the next record begins. */
function writeRecord(batch: Buffer, from: number, n: number, text: string, length: number): number {
	const body = 4 + varIntBytes(n) + varIntBytes(length) + length;
	let at = writeVarInt(batch, from, body);
	batch[at++] = 0; // attributes
	batch[at++] = 0; // its time is the batch's
	at = writeVarInt(batch, at, n);
	batch[at++] = 1; // no key: -1
	at = writeVarInt(batch, at, length);
	at += batch.write(text, at, length);
	batch[at++] = 0; // headers
	return at;
}

/**
 * What a fetch brings: batches one behind the other. The last may be cut off, and counts as not there.
 *
 * @throws Error for a batch that nothing of ours wrote
 */
export function decodedBatches(batches: Buffer): FetchedRecord[] {
	const records: FetchedRecord[] = [];
	for (let at = 0; at + RECORDS_AT <= batches.length; ) {
		const end = at + COUNTED_FROM + batches.readInt32BE(at + LENGTH_AT);
		if (end > batches.length) break;
		readBatch(batches, at, records);
		at = end;
	}
	return records;
}

function readBatch(batches: Buffer, from: number, records: FetchedRecord[]): void {
	const attributes = batches.readInt16BE(from + ATTRIBUTES_AT);
	const version = batches[from + VERSION_AT];
	if (version !== VERSION || (attributes & COMPRESSION) !== 0) {
		throw new Error(`a batch of version ${version} with attributes ${attributes}`);
	}
	const isControl = (attributes & CONTROL) !== 0;
	const first = int64(batches, from);
	const cursor = { at: from + RECORDS_AT };
	for (let left = batches.readInt32BE(from + COUNT_AT); left > 0; left -= 1) {
		const length = readVarInt(batches, cursor);
		const end = cursor.at + length;
		cursor.at += 1;
		skipVarInt(batches, cursor);
		const offset = first + readVarInt(batches, cursor);
		const key = readVarInt(batches, cursor);
		cursor.at += Math.max(0, key);
		const size = readVarInt(batches, cursor);
		const isText = size >= 0 && !isControl;
		records.push({
			offset,
			text: isText ? batches.toString("utf8", cursor.at, cursor.at + size) : null,
		});
		cursor.at = end;
	}
}

/** An offset: less than 2^53. */
export function int64(bytes: Buffer, at: number): number {
	return bytes.readInt32BE(at) * UINT32 + bytes.readUInt32BE(at + 4);
}

/** Of a number that is not negative. */
function varIntBytes(value: number): number {
	let bytes = 1;
	for (let rest = value * 2; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes += 1;
	return bytes;
}

/** A number that is not negative and less than 2^30. Gives where the next byte goes. */
function writeVarInt(bytes: Buffer, from: number, value: number): number {
	let at = from;
	let rest = value << 1;
	for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
	bytes[at++] = rest;
	return at;
}

function readVarInt(bytes: Buffer, cursor: { at: number }): number {
	let value = 0;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[cursor.at++] as number;
		value |= (byte & 0x7f) << shift;
		if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
	}
}

function skipVarInt(bytes: Buffer, cursor: { at: number }): void {
	while ((bytes[cursor.at++] as number) > 0x7f);
}
