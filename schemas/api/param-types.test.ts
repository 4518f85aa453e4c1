import { expect, test } from "bun:test";
import * as v from "valibot";
import { time } from "./param-types.ts";

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
	expect(v.parse(time, text)).toBe(ms);
});
