import { expect, test } from "bun:test";
import { ownText } from "./own-text.ts";

const CALLS = 30_000;
const REST = "x".repeat(4_000);

/** As they come from the network: a text of its own, each of them. */
async function callOf(i: number): Promise<string> {
	return await new Response(`name=${String(i).padStart(20, "0")}&rest=${REST}`).text();
}

/** What the calls leave behind, in bytes, where something of each is kept. */
async function leftBy(pick: (call: string) => string): Promise<number> {
	const kept = new Set<string>();
	Bun.gc(true);
	const before = process.memoryUsage().rss;
	for (let i = 0; i < CALLS; i += 1) kept.add(pick(await callOf(i)));
	Bun.gc(true);
	expect(kept.size).toBe(CALLS);
	return process.memoryUsage().rss - before;
}

test("who keeps it does not keep what it was a part of", async () => {
	// Its garbage is not the next one's.
	await leftBy((call) => String(Bun.hash(call)));
	const left = await leftBy((call) => ownText(call.slice(5, 25)));
	expect(left).toBeLessThan((CALLS * REST.length) / 2);
});

test("it is the same text", () => {
	for (const text of ["", 'a"\\\n', "é Ω 😀", "\ud800"]) expect(ownText(text)).toBe(text);
});
