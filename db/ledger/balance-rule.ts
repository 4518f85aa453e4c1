import { invariant } from "../../schemas/invariant.ts";
import { type BalanceRow, isNegative } from "../../schemas/ports/ledger.ts";

/**
 * Users and fees are never negative, and nothing is ever held in the negative. The database has the same rule as a
 * constraint.
 *
 * @throws InvariantViolation
 */
export function refuseNegativeBalance(row: BalanceRow): void {
	invariant(
		!isNegative(row),
		`account ${row.accountId} would have ${row.available} and ${row.held} held of asset ${row.assetId}`,
	);
}
