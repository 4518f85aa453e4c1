import type { AuditAnswer } from "../../schemas/ports/account-service.ts";
import { clearingAccount } from "../../schemas/ports/ledger.ts";
import type { Balances } from "./balances.ts";

/** Every so many event records of a partition; a power of two, the same in every shard. */
export const MARK_EVERY = 256;
/** Marks kept of each partition. */
const KEPT = 32;

type Mark = AuditAnswer["clearingMarks"][number];

/** Whether clearing is marked after this record. */
export function isMarked(evSeq: number): boolean {
	return (evSeq & (MARK_EVERY - 1)) === 0;
}

/**
 * Clearing as it stood right after some of the latest records: where shards that never stand at the same event
 * can be compared. In memory only: a state just loaded has none.
 */
export class ClearingMarks {
	private readonly byPartition = new Map<number, Mark[]>();

	/** Copies the partition's clearing, as it stands right after the record of `evSeq`. */
	take(balances: Balances, partition: number, evSeq: number): void {
		const marks = this.byPartition.get(partition) ?? [];
		this.byPartition.set(partition, marks);
		const lines = balances.linesOf(clearingAccount(partition));
		const rows = lines.map(({ assetId, available }) => ({ assetId, amount: available }));
		marks.push({ partition, evSeq, rows });
		if (marks.length > KEPT) marks.shift();
	}

	/** Of each partition, oldest first. */
	all(): readonly Mark[] {
		return [...this.byPartition.values()].flat();
	}
}
