let last = 0;

/**
 * Now, in ms, and never the same twice: two calls alike in one millisecond have one signature, which
 * counts once.
 */
export function freshTimestampMs(): number {
	last = Math.max(last + 1, Date.now());
	return last;
}

/** A timestamp further ahead than this is soon refused. */
const AHEAD_MS = 400;

/** After more calls than milliseconds passed: waits until a fresh timestamp is close to now again. */
export async function untilTimeCatchesUp(): Promise<void> {
	const aheadMs = last - Date.now();
	if (aheadMs > AHEAD_MS) await Bun.sleep(aheadMs - AHEAD_MS);
}
