import { expect, test } from "bun:test";
import * as v from "valibot";
import { endTime, startTime } from "./param-types.ts";

test.each([
	["0", 0],
	["1700000000000", 1_700_000_000_000],
	["1700000000000999", 1_700_000_000_000],
	// What clients send for "up to whenever".
	["9999999999999", 9_999_999_999_999],
	["99999999999999", 99_999_999_999_999],
	["999999999999999", 999_999_999_999_999],
	["1000000000000000", 1_000_000_000_000],
	["9007199254740991", 9_007_199_254_740],
])("the time %s is %d ms: of 16 digits it is microseconds, as a timestamp is", (text, ms) => {
	expect(v.parse(endTime, text)).toBe(ms);
});

test("who asks from one microsecond after a row does not get it again", () => {
	expect(v.parse(startTime, "1700000000000000")).toBe(1_700_000_000_000);
	expect(v.parse(startTime, "1700000000000001")).toBe(1_700_000_000_001);
	expect(v.parse(startTime, "1700000000000999")).toBe(1_700_000_000_001);
	expect(v.parse(startTime, "999999999999999")).toBe(999_999_999_999_999);
});
