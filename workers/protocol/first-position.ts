import type { PositionRow } from "../../schemas/ports/ledger.ts";

/** Where a shard stands in a partition: at the beginning when it has never committed a position of it. */
export function positionIn(positions: readonly PositionRow[], partition: number): PositionRow {
	return positions.find((row) => row.partition === partition) ?? firstPosition(partition);
}

function firstPosition(partition: number): PositionRow {
	return {
		partition,
		ordersOffset: 0,
		ordersEpoch: 0,
		ordersSeq: 0,
		heldSeq: 0,
		answeredSeq: 0,
		tradesOffset: 0,
		evSeq: 0,
		hash: "",
		lastTs: 0,
	};
}
