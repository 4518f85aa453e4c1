import { CommandKind, type CommandRecord } from "../../schemas/command.ts";
import type { PositionRow } from "../../schemas/ports/ledger.ts";
import { positionIn } from "../protocol/first-position.ts";
import type { TakenOver } from "../protocol/take-over.ts";

/** Where the shard stands in a partition of `orders`. */
type Place = Pick<PositionRow, "ordersOffset" | "ordersEpoch" | "ordersSeq">;

export type Position = { -readonly [K in keyof PositionRow]: PositionRow[K] };

/** Where the shard stands in every partition of both topics; committed with the money. */
export class Positions {
	private readonly rows: readonly Position[];
	/**
	 * By partition: the amends that are not answered, oldest first, and the places before them. Nothing but their
	 * lines says that they are on their way, so the ledger's place does not go past one.
	 */
	private readonly amends: readonly { readonly seq: number; readonly place: Place }[][];

	constructor(partitions: number, loaded: readonly PositionRow[]) {
		this.rows = Array.from({ length: partitions }, (_, partition) => ({
			...positionIn(loaded, partition),
		}));
		this.amends = this.rows.map(() => []);
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

	/** A line of the shard's own that counts was read or acknowledged; `endOffset` is the offset after it. */
	passed(partition: number, record: CommandRecord, endOffset: number): void {
		const row = this.of(partition);
		const waits = record.command.kind === CommandKind.AmendOrder && record.seq > row.answeredSeq;
		if (waits) this.amends[partition]?.push({ seq: record.seq, place: placeOf(row) });
		row.ordersOffset = endOffset;
		row.ordersEpoch = record.epoch;
		row.ordersSeq = record.seq;
	}

	/** An append was acknowledged; `endOffset` is the offset after it. */
	appended(partition: number, records: readonly CommandRecord[], endOffset: number): void {
		const row = this.of(partition);
		for (const [i, record] of records.entries()) {
			this.passed(partition, record, endOffset - (records.length - 1 - i));
			row.heldSeq = Math.max(row.heldSeq, record.seq);
			row.lastTs = Math.max(row.lastTs, record.ts);
		}
	}

	/** A command of this shard, and all before it in its partition, is answered. */
	answered(partition: number, seq: number): void {
		const row = this.of(partition);
		row.heldSeq = Math.max(row.heldSeq, seq);
		row.answeredSeq = Math.max(row.answeredSeq, seq);
		const amends = this.amends[partition] ?? [];
		while (amends[0] !== undefined && amends[0].seq <= seq) amends.shift();
	}

	/**
	 * A copy for the ledger, of a time by the worker's clock: with it the batch proves the epoch, and for how long
	 * answers may follow the next owner must know, whatever the log has.
	 */
	copy(nowMs: number): PositionRow[] {
		return this.rows.map((row, partition) => {
			row.lastTs = Math.max(row.lastTs, nowMs);
			return { ...row, ...this.amends[partition]?.[0]?.place };
		});
	}

	all(): readonly Position[] {
		return this.rows;
	}
}

function placeOf({ ordersOffset, ordersEpoch, ordersSeq }: Place): Place {
	return { ordersOffset, ordersEpoch, ordersSeq };
}
