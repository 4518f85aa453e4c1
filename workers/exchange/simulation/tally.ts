/** Counts of what happened, by name: a fault that never fired would prove nothing. */
export class Tally {
	private readonly counts = new Map<string, number>();

	add(name: string, by = 1): number {
		const count = (this.counts.get(name) ?? 0) + by;
		this.counts.set(name, count);
		return count;
	}

	of(name: string): number {
		return this.counts.get(name) ?? 0;
	}

	/** By name, ascending. */
	entries(): [string, number][] {
		return [...this.counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
	}
}
