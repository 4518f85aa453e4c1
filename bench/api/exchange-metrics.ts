/** Figures of a Prometheus page, by name and labels: `castle_x_bucket{shard="1",le="0.3"}`. */
export type Metrics = ReadonlyMap<string, number>;

/** @param url "http://127.0.0.1:41234" */
export async function readMetrics(url: string): Promise<Metrics> {
	const text = await (await fetch(`${url}/metrics`)).text();
	const metrics = new Map<string, number>();
	for (const line of text.split("\n")) {
		const space = line.lastIndexOf(" ");
		if (line === "" || line.startsWith("#") || space < 0) continue;
		metrics.set(line.slice(0, space), Number(line.slice(space + 1)));
	}
	return metrics;
}

/** How much every series of this name has grown, all labels together. */
export function growth(name: string, before: Metrics, after: Metrics): number {
	let sum = 0;
	for (const [series, value] of after) {
		if (series === name || series.startsWith(`${name}{`)) sum += value - (before.get(series) ?? 0);
	}
	return sum;
}

/**
 * A percentile of a histogram between two readings: the upper bound of the bucket it falls into, in the
 * histogram's unit. Infinity above the last bound.
 */
export function percentile(name: string, p: number, before: Metrics, after: Metrics): number {
	const counts = new Map<number, number>();
	for (const [series, value] of after) {
		if (!series.startsWith(`${name}_bucket{`)) continue;
		const le = /le="([^"]+)"/.exec(series)?.[1] ?? "";
		const bound = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
		counts.set(bound, (counts.get(bound) ?? 0) + value - (before.get(series) ?? 0));
	}
	const bounds = [...counts].sort(([a], [b]) => a - b);
	const total = bounds.at(-1)?.[1] ?? 0;
	return bounds.find(([, below]) => below >= p * total)?.[0] ?? 0;
}
