import type { PositionRow } from "../../schemas/ports/ledger.ts";

/** Where a shard stands in a partition that it has never committed a position of: the beginning. */
export function firstPosition(partition: number): PositionRow {
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
