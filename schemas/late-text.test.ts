import { expect, test } from "bun:test";
import { LateText } from "./late-text.ts";

test("it is made when it is first read, and once; as JSON it is a text", () => {
	let made = 0;
	const late = new LateText(() => {
		made += 1;
		return 'a "quoted" text';
	});
	expect(made).toBe(0);
	expect(JSON.parse(JSON.stringify(["stream", late]))).toEqual(["stream", 'a "quoted" text']);
	expect(`${late}`).toBe('a "quoted" text');
	expect(made).toBe(1);
});
