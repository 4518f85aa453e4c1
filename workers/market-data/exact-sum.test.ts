import { expect, test } from "bun:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "./byte-writer.ts";
import { ExactSum } from "./exact-sum.ts";

const big = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test("sums stay exact far beyond 2^53, however they are put together and written", () => {
	fc.assert(
		fc.property(fc.array(big), fc.array(big), (left, right) => {
			const total = (list: number[]) => list.reduce((n, x) => n + BigInt(x), 0n);
			const a = new ExactSum();
			for (const n of left) a.add(n);
			const b = ExactSum.of(total(right));
			a.addSum(b);
			expect(a.value()).toBe(total(left) + total(right));
			const out = new ByteWriter();
			out.big(a.value());
			for (const n of left) out.uint(n);
			for (const n of left) out.int(-Math.floor(n / 2));
			const read = new ByteReader(out.take());
			expect(read.big()).toBe(a.value());
			for (const n of left) expect(read.uint()).toBe(n);
			for (const n of left) expect(read.int() + Math.floor(n / 2)).toBe(0);
			expect(() => read.uint()).toThrow(RangeError);
		}),
	);
});
