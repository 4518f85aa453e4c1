import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
	ControlError,
	controlFrameOf,
	controlRequestOf,
	errorText,
	resultText,
} from "./control-message.ts";

/** What a client is answered: the request as read, or the error's text. */
function read(text: string): unknown {
	let id: string | undefined;
	try {
		const frame = controlFrameOf(text);
		id = frame.id;
		return controlRequestOf(frame, 3);
	} catch (error) {
		if (error instanceof ControlError) return JSON.parse(errorText(id, error));
		throw error;
	}
}

test.each([
	['{"method":"SUBSCRIBE","params":["a@x","b@y","a@x"],"id":1}', { names: ["a@x", "b@y"] }],
	['{"method":"UNSUBSCRIBE","params":[],"id":1}', { names: [] }],
	['{"method":"LIST_SUBSCRIPTIONS"}', {}],
	['{"method":"GET_PROPERTY","params":["combined"],"id":"a"}', {}],
	['{"method":"SET_PROPERTY","params":["combined",false],"id":null}', { combined: false }],
])("%s is read", (text, fields) => {
	expect(read(text)).toEqual({ method: JSON.parse(text).method, ...fields });
});

test.each([
	["nonsense", 3, /^Invalid JSON: /, undefined],
	["[1]", 2, "Invalid request: expected an object", undefined],
	["7", 2, "Invalid request: expected an object", undefined],
	['{"id":1}', 2, "Invalid request: missing field `method`", 1],
	[
		'{"method":"JUMP","id":1}',
		2,
		/^Invalid request: unknown variant "JUMP", expected one of SUB/,
		1,
	],
	['{"method":7,"id":1}', 2, /unknown variant 7/, 1],
	['{"method":"SUBSCRIBE","id":4}', 2, "Invalid request: params must be an array", 4],
	['{"method":"SUBSCRIBE","params":"a","id":4}', 2, /must be an array/, 4],
	['{"method":"SUBSCRIBE","params":[1],"id":4}', 2, /stream name must be a string/, 4],
	['{"method":"SUBSCRIBE","params":[""],"id":4}', 2, /stream name must be a string/, 4],
	[`{"method":"SUBSCRIBE","params":["${"s".repeat(101)}"],"id":4}`, 2, /must be a string/, 4],
	['{"method":"SUBSCRIBE","params":["a","b","c","d"],"id":4}', 2, /too many parameters/, 4],
	['{"method":"GET_PROPERTY","params":[1],"id":4}', 2, /property name must be a string/, 4],
	['{"method":"GET_PROPERTY","id":4}', 2, /property name must be a string/, 4],
	['{"method":"GET_PROPERTY","params":["combined",1],"id":4}', 2, /too many parameters/, 4],
	['{"method":"GET_PROPERTY","params":["speed"],"id":4}', 0, "Unknown property", 4],
	['{"method":"SET_PROPERTY","params":["speed",true],"id":4}', 0, "Unknown property", 4],
	['{"method":"SET_PROPERTY","params":["combined","x"],"id":4}', 1, /expected Boolean/, 4],
	['{"method":"SET_PROPERTY","params":["combined"],"id":4}', 1, /expected Boolean/, 4],
	['{"method":"LIST_SUBSCRIPTIONS","id":1.5}', 2, /request ID must be/, undefined],
	['{"method":"LIST_SUBSCRIPTIONS","id":true}', 2, /request ID must be/, undefined],
	['{"method":"LIST_SUBSCRIPTIONS","id":[1]}', 2, /request ID must be/, undefined],
	['{"method":"LIST_SUBSCRIPTIONS","id":9223372036854775808}', 2, /request ID/, undefined],
	[`{"method":"LIST_SUBSCRIPTIONS","id":"${"x".repeat(37)}"}`, 2, /request ID/, undefined],
] as const)("%s is refused", (text, code, message, id) => {
	const answer = read(text) as { code: number; msg: string; id?: unknown };
	expect(answer).toMatchObject({ code, msg: expect.stringMatching(message) });
	expect(answer.id).toBe(id);
});

test("a frame that is deeper than any request is none, whatever would have to be read of it", () => {
	const deep = `${"[".repeat(8_000)}${"]".repeat(8_000)}`;
	for (const id of ["1", "9007199254740993"]) {
		const answer = read(`{"method":"LIST_SUBSCRIPTIONS","id":${id},"x":${deep}}`);
		expect(answer).toMatchObject({ code: 3, msg: expect.stringMatching(/^Invalid JSON: /) });
	}
});

describe("ids are echoed as they came", () => {
	test.each(["0", "-1", "9223372036854775807", "-9223372036854775808", '"a-1"', '""', "null"])(
		"%s",
		(id) => {
			const frame = controlFrameOf(
				`{"params":{"id":3},"method":"GET_PROPERTY","id":${id},"x":{"id":5}}`,
			);
			expect(resultText(frame.id ?? "", null)).toBe(`{"result":null,"id":${id}}`);
		},
	);
});

test("no text whatever is anything but a request or a ControlError", () => {
	fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void read(text)));
});
