import { EXTERNAL_ACCOUNT } from "../../schemas/ports/ledger.ts";

/** Money by asset, in smallest units: what is inside, and what is owed to the outside for it. */
export class Total {
	readonly inside = new Map<number, bigint>();
	readonly outside = new Map<number, bigint>();

	add(account: { readonly accountId: number; readonly assetId: number }, amount: bigint): void {
		const sums = account.accountId === EXTERNAL_ACCOUNT ? this.outside : this.inside;
		sums.set(account.assetId, (sums.get(account.assetId) ?? 0n) + amount);
	}
}
