/** Resolves when a window of this length, as limits are counted in, has at least this much left, ms. */
export async function early(windowMs: number, leftMs: number): Promise<void> {
	const left = windowMs - (Date.now() % windowMs);
	if (left < leftMs) await Bun.sleep(left);
}
