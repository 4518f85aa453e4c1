import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { crc32c } from "./crc32c.ts";
import { decodedBatches, encodedBatch } from "./record-batch.ts";

const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 300 }), {
	minLength: 1,
	maxLength: 200,
});

/** As a broker keeps it: it gives the first record its offset. */
function stored(words: readonly string[], first: number): Buffer {
	const batch = encodedBatch(words, 1_700_000_000_000);
	batch.writeBigInt64BE(BigInt(first), 0);
	return batch;
}

/** The batch with one byte changed. */
function changed(batch: Buffer, at: number, byte: number): Buffer {
	const copy = Buffer.from(batch);
	copy[at] = byte;
	return copy;
}

describe("record batches", () => {
	test("texts come back, each at its offset, batch after batch", () => {
		fc.assert(
			fc.property(texts, texts, fc.nat({ max: 2 ** 50 }), (one, two, first) => {
				const both = Buffer.concat([stored(one, first), stored(two, first + one.length)]);
				const expected = [...one, ...two].map((text, i) => ({ offset: first + i, text }));
				expect(decodedBatches(both)).toEqual(expected);
			}),
		);
	});

	test("one that is cut off at the end counts as not there", () => {
		const [whole, next] = [stored(["a", "b"], 7), stored(["c"], 9)];
		for (let cut = 1; cut < next.length; cut += 1) {
			const read = decodedBatches(Buffer.concat([whole, next.subarray(0, next.length - cut)]));
			expect(read.map(({ text }) => text)).toEqual(["a", "b"]);
		}
	});

	test("of a batch that is no text, the offset", () => {
		expect(decodedBatches(changed(stored(["x"], 3), 22, 0x20))).toEqual([
			{ offset: 3, text: null },
		]);
	});

	test("a compressed batch, or one of another version, is an error", () => {
		expect(() => decodedBatches(changed(stored(["x"], 3), 22, 1))).toThrow("attributes 1");
		expect(() => decodedBatches(changed(stored(["x"], 3), 16, 1))).toThrow("version 1");
	});

	test("keys and headers of somebody else's record are passed over", () => {
		// Length 13; attributes, time 1, offset 0, key "k", value "vw", one header "h" = "i".
		const record = [26, 0, 2, 0, 2, 107, 4, 118, 119, 2, 2, 104, 2, 105];
		const head = stored(["x"], 5).subarray(0, 61);
		const batch = Buffer.concat([head, Buffer.from(record)]);
		batch.writeInt32BE(batch.length - 12, 8);
		expect(decodedBatches(batch)).toEqual([{ offset: 5, text: "vw" }]);
	});
});

test("CRC-32C of any stretch, as the standard has it", () => {
	const digits = Buffer.from("..123456789..");
	expect(crc32c(digits, 2, 11)).toBe(0xe3069283);
	// RFC 3720, B.4.
	expect(crc32c(Buffer.alloc(32), 0, 32)).toBe(0x8a9136aa);
	expect(crc32c(Buffer.alloc(32, 0xff), 0, 32)).toBe(0x62a8ab43);
	expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0, 32)).toBe(0x46dd794e);
});
