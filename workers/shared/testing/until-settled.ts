import type { VirtualTime } from "./virtual-time.ts";

/**
 * Runs timers, moving time as little as needed, until the promise settles.
 *
 * @throws Error when nothing is due any more, or when it takes longer than this
 */
export async function untilSettled<T>(
	time: VirtualTime,
	promise: Promise<T>,
	limitMs = Number.POSITIVE_INFINITY,
): Promise<T> {
	let settled = false;
	const mark = (): void => {
		settled = true;
	};
	promise.then(mark, mark);
	await time.settle();
	const untilMs = time.monotonicMs() + limitMs;
	while (!settled) {
		if (time.monotonicMs() > untilMs) throw new Error("it does not settle");
		if (!time.step()) throw new Error("nothing happens any more");
		await time.settle();
	}
	return promise;
}
