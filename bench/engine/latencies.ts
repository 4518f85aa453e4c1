/** Up to here in steps of 10 ns, what the clock tells apart; longer times in steps of 10 µs. */
const FINE_STEPS = 100_000;
const FINE_NS = 10;
const COARSE_STEPS = 100_000;
const COARSE_NS = 10_000;

/** Times by how often they were seen; nothing is allocated for one. */
export class Latencies {
	private readonly fine = new Uint32Array(FINE_STEPS);
	private readonly coarse = new Uint32Array(COARSE_STEPS);
	private count = 0;

	/** Adds a time in ms, as the clock gives it. */
	add(ms: number): void {
		const ns = ms * 1_000_000;
		const step = Math.round(ns / FINE_NS);
		if (step < FINE_STEPS) {
			this.fine[step] = (this.fine[step] as number) + 1;
		} else {
			const at = Math.min(COARSE_STEPS - 1, Math.trunc(ns / COARSE_NS));
			this.coarse[at] = (this.coarse[at] as number) + 1;
		}
		this.count += 1;
	}

	/** The time in ns that this part of them does not pass. */
	quantile(part: number): number {
		let left = Math.ceil(this.count * part);
		for (let step = 0; step < FINE_STEPS; step += 1) {
			left -= this.fine[step] as number;
			if (left <= 0) return step * FINE_NS;
		}
		for (let step = 0; step < COARSE_STEPS; step += 1) {
			left -= this.coarse[step] as number;
			if (left <= 0) return (step + 1) * COARSE_NS;
		}
		return 0;
	}
}
