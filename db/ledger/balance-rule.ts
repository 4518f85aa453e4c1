import { invariant } from "../../schemas/invariant.ts";
import { type BalanceRow, clearingAccount } from "../../schemas/ports/ledger.ts";

/** The greatest id of a clearing account; the ids below it are clearing accounts too. */
export const GREATEST_CLEARING_ACCOUNT = clearingAccount(0);

/**
 * Only clearing accounts may be negative, and nothing is ever held in the negative. The database has
 * the same rule as a constraint.
 *
 * @throws InvariantViolation
 */
export function refuseNegativeBalance(row: BalanceRow): void {
	invariant(
		row.held >= 0n && (row.available >= 0n || row.accountId <= GREATEST_CLEARING_ACCOUNT),
		`account ${row.accountId} would have ${row.available} and ${row.held} held of asset ${row.assetId}`,
	);
}
