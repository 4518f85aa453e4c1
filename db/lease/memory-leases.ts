import type { LeaseState, Leases } from "../../schemas/ports/leases.ts";

/** The leases of a simulation or a test. */
export class MemoryLeases implements Leases {
	private readonly rows = new Map<string, { readonly holder: string; readonly beats: number }>();

	async take(name: string, holder: string, deadBeats: number | null): Promise<LeaseState> {
		const row = this.rows.get(name);
		const isFree = row === undefined || row.holder === holder || row.beats === deadBeats;
		if (!isFree) return { isMine: false, beats: row.beats };
		const beats = (row?.beats ?? 0) + 1;
		this.rows.set(name, { holder, beats });
		return { isMine: true, beats };
	}

	async release(name: string, holder: string): Promise<void> {
		if (this.rows.get(name)?.holder === holder) this.rows.delete(name);
	}

	async close(): Promise<void> {}
}
