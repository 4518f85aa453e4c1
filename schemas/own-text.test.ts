import { expect, test } from "bun:test";
import { ownText } from "./own-text.ts";
import { leftBehind } from "./testing/left-behind.ts";

const CALLS = 30_000;
const REST = "x".repeat(4_000);
const callOf = (i: number) => `name=${String(i).padStart(20, "0")}&rest=${REST}`;

test("who keeps it does not keep what it was a part of", async () => {
	// Its garbage is not the next one's.
	await leftBehind(CALLS, callOf, (call) => String(Bun.hash(call)));
	const left = await leftBehind(CALLS, callOf, (call) => ownText(call.slice(5, 25)));
	expect(left).toBeLessThan((CALLS * REST.length) / 2);
});

test("it is the same text", () => {
	for (const text of ["", 'a"\\\n', "é Ω 😀", "\ud800"]) expect(ownText(text)).toBe(text);
});
