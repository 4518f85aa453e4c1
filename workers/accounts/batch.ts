import type { LedgerBatch } from "../../schemas/ports/ledger.ts";
import type { AccountState } from "./state.ts";

/**
 * Copies what changed since the last batch, and the positions that belong to it, and marks it clean,
 * all in one synchronous step. Only what the log has: younger holds, orders and external ids stay
 * dirty.
 */
export function takeBatch(
	state: AccountState,
	epoch: number,
	batch: number,
	lastTs: number,
	nowMs: number,
	logId: string,
): LedgerBatch {
	const loggedSeq = (partition: number): number => state.unlogged.loggedSeq(partition);
	const orders = state.orders.takeDirty(loggedSeq);
	return {
		epoch,
		batch,
		balances: state.balances.takeDirty(),
		newOrders: orders.opened,
		openOrders: orders.changed,
		closedOrders: orders.closed,
		transfers: state.takeTransfers(),
		recentClientIds: state.clientIds.takeDirty(),
		forgetClientIdsBeforeMs: Math.max(0, state.clientIds.freeBefore(lastTs)),
		externalIds: state.funds.takeDirty(loggedSeq),
		logId,
		positions: state.positions.copy(nowMs),
		prices: state.market.takePrices(),
		config: state.market.takeConfig(),
	};
}
