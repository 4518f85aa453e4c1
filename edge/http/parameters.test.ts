import { describe, expect, test } from "bun:test";
import { ApiError } from "../api-error.ts";
import { parseParameters } from "./parameters.ts";

interface Row {
	readonly what: string;
	readonly query?: string;
	readonly body?: string;
	readonly values: Record<string, string>;
	readonly payload: string;
	readonly signature?: string;
}

const ROWS: readonly Row[] = [
	{ what: "nothing", values: {}, payload: "" },
	{
		what: "query",
		query: "a=1&b=x%20y&signature=S",
		values: { a: "1", b: "x y" },
		payload: "a=1&b=x%20y",
		signature: "S",
	},
	{
		what: "body",
		body: "a=1&b=x+y&signature=S",
		values: { a: "1", b: "x y" },
		payload: "a=1&b=x+y",
		signature: "S",
	},
	{
		what: "both, without a separator",
		query: "a=1",
		body: "b=2&signature=S",
		values: { a: "1", b: "2" },
		payload: "a=1b=2",
		signature: "S",
	},
	{
		what: "timestamp and signature in the query, the rest in the body",
		query: "timestamp=5&signature=S",
		body: "a=1",
		values: { timestamp: "5", a: "1" },
		payload: "timestamp=5a=1",
		signature: "S",
	},
	{
		what: "the query wins",
		query: "a=1",
		body: "a=2&b=3",
		values: { a: "1", b: "3" },
		payload: "a=1a=2&b=3",
	},
	{
		what: "an empty one in the query does not",
		query: "a=",
		body: "a=2",
		values: { a: "2" },
		payload: "a=a=2",
	},
	{ what: "empty ones are not sent", query: "a=&b=1&c", values: { b: "1" }, payload: "a=&b=1&c" },
	{
		what: "signature first",
		query: "signature=S&a=1",
		values: { a: "1" },
		payload: "a=1",
		signature: "S",
	},
	{
		what: "signature in the middle",
		query: "a=1&signature=S&b=2",
		values: { a: "1", b: "2" },
		payload: "a=1&b=2",
		signature: "S",
	},
	{ what: "only a signature", query: "signature=S", values: {}, payload: "", signature: "S" },
	{
		what: "base64 signature, encoded and not",
		query: "signature=a%2Bb%2Fc+d%3D%3D",
		values: {},
		payload: "",
		signature: "a+b/c+d==",
	},
	{
		what: "an equals sign in a value",
		query: "a=b=c",
		values: { a: "b=c" },
		payload: "a=b=c",
	},
	{
		what: "stray separators",
		query: "&a=1&&b=2&",
		values: { a: "1", b: "2" },
		payload: "&a=1&&b=2&",
	},
	{
		what: "an encoded array",
		query: "symbols=%5B%22A%22%5D",
		values: { symbols: '["A"]' },
		payload: "symbols=%5B%22A%22%5D",
	},
];

describe("parameters", () => {
	for (const row of ROWS) {
		test(row.what, () => {
			const read = parseParameters(row.query ?? "", row.body ?? "");
			expect({ ...read.values }).toEqual(row.values);
			expect(read.payload).toBe(row.payload);
			expect(read.signature).toBe(row.signature ?? "");
		});
	}

	const REFUSED: readonly [what: string, query: string, body: string, code: number][] = [
		["a name twice in the query", "a=1&b=2&a=1", "", -1101],
		["a pair that is cut within its value", "a=1&b=1", "0&c=2", -1100],
		["a pair that is cut before its value", "a=1&b=", "10&c=2", -1100],
		["a pair that is cut within its name", "a=1&b", "b=10&c=2", -1100],
		["a pair that is cut before a signature", "a=1&b=1", "0&signature=S", -1100],
		["a name twice in the body", "", "a=1&a=2", -1101],
		["a name twice, first empty", "a=&a=2", "", -1101],
		["a name twice, encoded differently", "a=1&%61=2", "", -1101],
		["two signatures", "signature=A&signature=B", "", -1101],
		["more names than any call has, in the query", manyNames(101), "", -1101],
		["more names than any call has, in the body", "", manyNames(101), -1101],
		["half a percent-encoding", "a=%4", "", -1100],
		["no UTF-8", "a=%ff", "", -1100],
		["a broken signature", "signature=%zz", "", -1100],
	];
	for (const [what, query, body, code] of REFUSED) {
		test(`refused: ${what}`, () => {
			let thrown: unknown;
			try {
				parseParameters(query, body);
			} catch (error) {
				thrown = error;
			}
			expect(thrown).toBeInstanceOf(ApiError);
			expect((thrown as ApiError).code).toBe(code);
		});
	}

	test("a hundred names are none too many", () => {
		const { values } = parseParameters(manyNames(100), manyNames(100));
		expect(Object.keys(values).length).toBe(100);
	});

	test("names of Object mean nothing", () => {
		const { values } = parseParameters("__proto__=x&constructor=y&toString=z", "hasOwnProperty=1");
		expect(Object.getPrototypeOf(values)).toBeNull();
		expect(Object.keys(values).sort()).toEqual(
			["__proto__", "constructor", "hasOwnProperty", "toString"].sort(),
		);
		expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
	});
});

function manyNames(count: number): string {
	return Array.from({ length: count }, (_, i) => `n${i}=1`).join("&");
}
