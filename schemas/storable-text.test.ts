import { expect, test } from "bun:test";
import { isStorable } from "./storable-text.ts";

test.each([
	["", true],
	["a b\n\u0001é漢🙂", true],
	["a\0", false],
	["\ud83d", false],
	["\ude42a", false],
])("%j: %p", (text, kept) => {
	expect(isStorable(text)).toBe(kept);
});
