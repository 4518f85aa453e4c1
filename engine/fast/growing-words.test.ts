import { expect, test } from "bun:test";
import { GrowingWords } from "./growing-words.ts";

test("words keep their values and places from a few to many, and new ones are zero", () => {
	const words = new GrowingWords(64);
	let length = 64;
	for (const step of Array(40).keys()) {
		words.ints[length - 1] = step + 1;
		words.doubles[length / 2 - 2] = step + 0.5;
		words.grow();
		expect(words.ints.length).toBeGreaterThan(length);
		expect(words.doubles.length * 2).toBe(words.ints.length);
		expect([words.ints[length - 1], words.doubles[length / 2 - 2]]).toEqual([step + 1, step + 0.5]);
		expect(words.ints.subarray(length).every((word) => word === 0)).toBe(true);
		// Once they are many, little stands empty.
		if (length > 2 ** 17) expect(words.ints.length - length).toBe(2 ** 16);
		length = words.ints.length;
	}
	expect(length).toBeGreaterThan(2 ** 18);
	expect(words.ints[63]).toBe(1);
});
