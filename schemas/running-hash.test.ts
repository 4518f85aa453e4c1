import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { RunningHash } from "./running-hash.ts";

function of(...numbers: number[]): string {
	const hash = new RunningHash();
	hash.addAll(numbers);
	return hash.digest();
}

test("its values are in logs and snapshots: they never change", () => {
	const text = new RunningHash();
	text.addText("BTCUSDT");
	expect({
		empty: of(),
		zero: of(0),
		one: of(1),
		negative: of(-1),
		big: of(Number.MAX_SAFE_INTEGER),
		row: of(1, 2, 3, 4_294_967_296),
		text: text.digest(),
	}).toEqual({
		empty: "811c9dc59747b28c",
		zero: "117697cd4bede5db",
		one: "eb741d640e9e5706",
		negative: "367910a35b0491c9",
		big: "201910a300a491c9",
		row: "e5ffc1926e9975ac",
		text: "923483f190a33758",
	});
});

test("it goes on from a digest as if it had never stopped", () => {
	fc.assert(
		fc.property(fc.array(fc.maxSafeInteger()), fc.array(fc.maxSafeInteger()), (a, b) => {
			const whole = of(...a, ...b);
			const second = new RunningHash(of(...a));
			second.addAll(b);
			expect(second.digest()).toBe(whole);
			expect(whole).toMatch(/^[0-9a-f]{16}$/);
		}),
	);
});

test("order, halves of a number and the cut of a text all count", () => {
	const texts = (...all: string[]) => {
		const hash = new RunningHash();
		for (const text of all) hash.addText(text);
		return hash.digest();
	};
	const digests = [
		...[of(1, 2), of(2, 1), of(1), of(1, 2, 0), of(2 ** 32), of(2 ** 32 + 1), of(2 ** 33)],
		...[texts("ab", "c"), texts("a", "bc"), texts("abc")],
	];
	expect(new Set(digests).size).toBe(digests.length);
});

test("a range of words is hashed by itself", () => {
	const hash = new RunningHash();
	hash.addAll(new Float64Array([9, 1, 2, 9]), 1, 3);
	expect(hash.digest()).toBe(of(1, 2));
});
