import type { PositionRow } from "../../schemas/ports/ledger.ts";
import { firstPosition } from "../protocol/first-position.ts";
import type { TakenOver } from "../protocol/take-over.ts";

export type Position = { -readonly [K in keyof PositionRow]: PositionRow[K] };

/** Where the shard stands in every partition of both topics; committed with the money. */
export class Positions {
	private readonly rows: readonly Position[];

	constructor(partitions: number, loaded: readonly PositionRow[]) {
		this.rows = Array.from({ length: partitions }, (_, partition) => ({
			...(loaded.find((row) => row.partition === partition) ?? firstPosition(partition)),
		}));
	}

	of(partition: number): Position {
		const row = this.rows[partition];
		if (row === undefined) throw new RangeError(`there is no partition ${partition}`);
		return row;
	}

	/** The own epoch record was met there. */
	tookOver(taken: TakenOver, epoch: number): void {
		const row = this.of(taken.partition);
		row.ordersOffset = taken.ordersOffset;
		row.ordersEpoch = epoch;
		row.ordersSeq = taken.lastSeq;
		row.heldSeq = Math.max(row.heldSeq, taken.lastSeq);
	}

	/** An append was acknowledged. */
	appended(
		partition: number,
		epoch: number,
		lastSeq: number,
		lastTs: number,
		offset: number,
	): void {
		const row = this.of(partition);
		row.ordersOffset = offset;
		row.ordersEpoch = epoch;
		row.ordersSeq = lastSeq;
		row.lastTs = Math.max(row.lastTs, lastTs);
	}

	/** A copy for the ledger. */
	copy(): PositionRow[] {
		return this.rows.map((row) => ({ ...row }));
	}

	all(): readonly Position[] {
		return this.rows;
	}
}
