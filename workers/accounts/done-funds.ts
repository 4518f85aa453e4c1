import type { FundsHistoryRequest } from "../../schemas/ports/account-service.ts";
import type { ExternalIdRow } from "../../schemas/ports/ledger.ts";

/** Which of them, and how many. */
type Range = Omit<FundsHistoryRequest, "kind">;

/** What a user has brought so far, or taken. */
export class DoneFunds {
	/** Oldest first, once `inOrder`. */
	private readonly rows: ExternalIdRow[] = [];
	private inOrder = true;

	add(row: ExternalIdRow): void {
		const last = this.rows.at(-1);
		// The ledger tells them by their ids; events come in time.
		if (last !== undefined && byTime(last, row) > 0) this.inOrder = false;
		this.rows.push(row);
	}

	/** The newest first. */
	newest({ assetId, externalIds, startMs, endMs, offset, limit }: Range): ExternalIdRow[] {
		if (!this.inOrder) this.rows.sort(byTime);
		this.inOrder = true;
		const found: ExternalIdRow[] = [];
		let left = offset;
		for (let at = this.rows.length - 1; at >= 0 && found.length < limit; at--) {
			const row = this.rows[at]!;
			if (row.doneAtMs < startMs) break;
			if (row.doneAtMs > endMs) continue;
			if (assetId !== 0 && row.assetId !== assetId) continue;
			if (externalIds.length > 0 && !externalIds.includes(row.externalId)) continue;
			if (left > 0) left -= 1;
			else found.push(row);
		}
		return found;
	}
}

function byTime(a: ExternalIdRow, b: ExternalIdRow): number {
	return a.doneAtMs - b.doneAtMs || a.seq - b.seq;
}
