import type { LeaseState, Leases } from "../../schemas/ports/leases.ts";

interface Row {
	readonly holder: string;
	readonly beats: number;
	/** Who beat last. */
	readonly by: MemoryLeases;
}

/** The leases of a simulation or a test, as one process reaches them. */
export class MemoryLeases implements Leases {
	private readonly rows: Map<string, Row>;
	private isClosed = false;

	/** @param beside another process, which reaches the same leases */
	constructor(beside?: MemoryLeases) {
		this.rows = beside?.rows ?? new Map();
	}

	async take(name: string, holder: string, deadBeats: number | null): Promise<LeaseState> {
		this.isClosed = false;
		const row = this.rows.get(name);
		const isFree = row === undefined || row.holder === holder || row.beats === deadBeats;
		if (!isFree) return { isMine: false, beats: row.beats, isConnected: !row.by.isClosed };
		const beats = (row?.beats ?? 0) + 1;
		this.rows.set(name, { holder, beats, by: this });
		return { isMine: true, beats, isConnected: true };
	}

	async release(name: string, holder: string): Promise<void> {
		if (this.rows.get(name)?.holder === holder) this.rows.delete(name);
	}

	async close(): Promise<void> {
		this.isClosed = true;
	}
}
