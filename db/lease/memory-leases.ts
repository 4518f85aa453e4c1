import type { Clock } from "../../schemas/ports/clock.ts";
import type { Leases } from "../../schemas/ports/leases.ts";

/** The leases of a simulation or a test, by one clock. */
export class MemoryLeases implements Leases {
	private readonly clock: Clock;
	private readonly rows = new Map<
		string,
		{ readonly holder: string; readonly runsOutMs: number }
	>();

	constructor(clock: Clock) {
		this.clock = clock;
	}

	async take(name: string, holder: string, ttlMs: number): Promise<boolean> {
		const nowMs = this.clock.nowMs();
		const row = this.rows.get(name);
		if (row !== undefined && row.holder !== holder && row.runsOutMs >= nowMs) return false;
		this.rows.set(name, { holder, runsOutMs: nowMs + ttlMs });
		return true;
	}

	async release(name: string, holder: string): Promise<void> {
		if (this.rows.get(name)?.holder === holder) this.rows.delete(name);
	}

	async close(): Promise<void> {}
}
