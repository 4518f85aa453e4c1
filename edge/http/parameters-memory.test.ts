import { expect, test } from "bun:test";
import { parseParameters } from "./parameters.ts";

const BODIES = 2_000;
const JUNK = "x".repeat(60_000);
const MANY_BYTES = (BODIES * JUNK.length) / 2;

/** As they come from the network: a text of its own, each of them. */
async function bodyOf(i: number): Promise<string> {
	const id = `a-client-order-id-${i}`;
	return await new Response(`newClientOrderId=${id}&junk=${JUNK}&signature=${id}`).text();
}

/** What the bodies leave behind, in bytes, where the named values of them are kept. */
async function leftBy(pick: (body: string) => string): Promise<number> {
	const kept = new Set<string>();
	Bun.gc(true);
	const before = process.memoryUsage().rss;
	for (let i = 0; i < BODIES; i += 1) kept.add(pick(await bodyOf(i)));
	Bun.gc(true);
	expect(kept.size).toBe(BODIES);
	return process.memoryUsage().rss - before;
}

// An engine makes a part of a text without copying it, and the whole lives as long as its part.
test("who keeps a value or a signature of a long body does not keep the body", async () => {
	await leftBy((body) => body.slice(17, 40) + body.length);
	const values = await leftBy((body) => parseParameters("", body).values["newClientOrderId"]!);
	expect(values).toBeLessThan(MANY_BYTES);
	expect(await leftBy((body) => parseParameters("", body).signature)).toBeLessThan(MANY_BYTES);
	expect(await leftBy((body) => parseParameters(body, "").signature)).toBeLessThan(MANY_BYTES);
});
