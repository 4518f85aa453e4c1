import { expect } from "bun:test";
import type { VirtualTime } from "./virtual-time.ts";

/** Lets time pass until the promise has settled, which it must within so many ms. */
export async function settled<T>(
	time: VirtualTime,
	promise: Promise<T>,
	withinMs: number,
): Promise<T> {
	let done = false;
	const watched = promise.finally(() => {
		done = true;
	});
	watched.catch(() => {});
	for (let i = 0; i < withinMs && !done; i += 1) await time.advance(1);
	expect(done).toBe(true);
	return watched;
}
