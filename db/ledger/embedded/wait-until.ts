const POLL_MS = 5;

/** Looks again and again until it holds, at most this long; tells whether it did. */
export async function waitUntil(
	holds: () => boolean | Promise<boolean>,
	timeoutMs: number,
): Promise<boolean> {
	const deadline = performance.now() + timeoutMs;
	while (!(await holds())) {
		if (performance.now() > deadline) return false;
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	return true;
}
