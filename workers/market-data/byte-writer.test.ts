import { expect, test } from "bun:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "./byte-writer.ts";

/** Whole numbers within 2^53 of either sign: as far as two prices may be apart. */
const whole = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -300, max: 300 }));

test("numbers come back as they were written", () => {
	fc.assert(
		fc.property(fc.array(whole), fc.bigInt({ min: 0n, max: 2n ** 104n }), (numbers, sum) => {
			const out = new ByteWriter();
			for (const n of numbers) {
				out.int(n);
				out.uint(Math.abs(n));
			}
			out.big(sum);
			const read = new ByteReader(out.take());
			for (const n of numbers) {
				expect(read.int()).toBe(n);
				expect(read.uint()).toBe(Math.abs(n));
			}
			expect(read.big()).toBe(sum);
			expect(read.atEnd).toBe(true);
		}),
	);
});

test("of either sign it is a number twice as large, or one less: snapshots are read by later programs", () => {
	for (const [n, ...bytes] of [
		[0, 0],
		[-1, 1],
		[1, 2],
		[63, 126],
		[-64, 127],
		[64, 128, 1],
		[-65, 129, 1],
		[8_192, 128, 128, 1],
	] as const) {
		const out = new ByteWriter();
		out.int(n);
		expect([n, ...out.take()]).toEqual([n, ...bytes]);
	}
});
