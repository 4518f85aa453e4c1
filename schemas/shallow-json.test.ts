import { expect, test } from "bun:test";
import { parseJson } from "./shallow-json.ts";

const nested = (depth: number, inner = "1") => "[".repeat(depth) + inner + "]".repeat(depth);

test("eight levels and no more, of lists and objects alike", () => {
	expect(parseJson(nested(8))).toEqual(JSON.parse(nested(8)));
	expect(() => parseJson(nested(9))).toThrow(SyntaxError);
	expect(() => parseJson(`${'{"a":'.repeat(9)}1${"}".repeat(9)}`)).toThrow(SyntaxError);
	expect(() => parseJson("[".repeat(16_000))).toThrow(SyntaxError);
});

test("brackets within strings, and levels side by side, are not depth", () => {
	const text = JSON.stringify({ a: "[[[[[[[[[[", b: '\\"[[[[[[[[[[', c: Array(20).fill([[]]) });
	expect(parseJson(text)).toEqual(JSON.parse(text));
	expect(parseJson(nested(8, '"\\"]"'))).toEqual(JSON.parse(nested(8, '"\\"]"')));
});

test("what is no JSON is a SyntaxError", () => {
	for (const text of ["", "{", "]]]", '"', "nope"]) {
		expect(() => parseJson(text)).toThrow(SyntaxError);
	}
});
