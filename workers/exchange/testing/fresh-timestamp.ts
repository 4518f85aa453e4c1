let last = 0;

/**
 * Now, in ms, and never the same twice: two calls alike in one millisecond have one signature, which
 * counts once.
 */
export function freshTimestampMs(): number {
	last = Math.max(last + 1, Date.now());
	return last;
}
