import { expect } from "bun:test";

/**
 * Bytes of memory that so many calls leave behind, where something of each is kept that no other has. Each comes as
 * from the network: a text of its own.
 */
export async function leftBehind(
	calls: number,
	textOf: (i: number) => string,
	pick: (text: string) => string,
): Promise<number> {
	const kept = new Set<string>();
	Bun.gc(true);
	const before = process.memoryUsage().rss;
	for (let i = 0; i < calls; i += 1) kept.add(pick(await new Response(textOf(i)).text()));
	Bun.gc(true);
	expect(kept.size).toBe(calls);
	return process.memoryUsage().rss - before;
}
