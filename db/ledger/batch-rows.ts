import type { OrderState } from "../../schemas/order-state.ts";
import type {
	BalanceRow,
	ExternalIdRow,
	LedgerBatch,
	PositionRow,
	PriceRow,
	RecentClientId,
	TransferRow,
} from "../../schemas/ports/ledger.ts";
import { arrayText } from "./array-text.ts";
import { orderDocument } from "./order-document.ts";
import type { RawTransaction } from "./postgres-pool.ts";
import { insertRows, type Statement, upsertRows } from "./rows-statement.ts";

const balances = upsertRows<BalanceRow>(
	"balances",
	[
		{ name: "account_id", type: "bigint", of: (row) => row.accountId },
		{ name: "asset_id", type: "integer", of: (row) => row.assetId },
	],
	[
		{ name: "available", type: "numeric", of: (row) => row.available },
		{ name: "held", type: "numeric", of: (row) => row.held },
	],
);

const openOrders = upsertRows<OrderState>(
	"open_orders",
	[
		{ name: "partition", type: "integer", of: (row) => row.partition },
		{ name: "seq", type: "bigint", of: (row) => row.seq },
	],
	[
		{ name: "user_id", type: "bigint", of: (row) => row.userId },
		{ name: "hold_asset_id", type: "integer", of: (row) => row.holdAssetId },
		{ name: "held_amount", type: "numeric", of: (row) => row.heldAmount },
		{ name: "state", type: "jsonb", of: orderDocument },
	],
);

/** No conflict is forgiven: a transfer that is there already means money counted twice. */
const transfers = insertRows<TransferRow>(
	"transfers",
	[
		{ name: "partition", type: "integer", of: (row) => row.partition },
		{ name: "ev_seq", type: "bigint", of: (row) => row.evSeq },
		{ name: "n", type: "integer", of: (row) => row.n },
		{ name: "kind", type: "text", of: (row) => row.kind },
		{ name: "account_id", type: "bigint", of: (row) => row.accountId },
		{ name: "counter_account_id", type: "bigint", of: (row) => row.counterAccountId },
		{ name: "debit_asset_id", type: "integer", of: (row) => row.debitAssetId },
		{ name: "debit_amount", type: "numeric", of: (row) => row.debitAmount },
		{ name: "credit_asset_id", type: "integer", of: (row) => row.creditAssetId },
		{ name: "credit_amount", type: "numeric", of: (row) => row.creditAmount },
		{ name: "fee_amount", type: "numeric", of: (row) => row.feeAmount },
		{ name: "symbol_id", type: "integer", of: (row) => row.symbolId },
		{ name: "trade_id", type: "bigint", of: (row) => row.tradeId },
		{ name: "order_id", type: "bigint", of: (row) => row.orderId },
		{ name: "external_id", type: "text", of: (row) => row.externalId },
		{ name: "ts", type: "bigint", of: (row) => row.ts },
	],
	"",
);

const recentClientIds = upsertRows<RecentClientId>(
	"recent_client_ids",
	[
		{ name: "user_id", type: "bigint", of: (row) => row.userId },
		{ name: "client_order_id", type: "text", of: (row) => row.clientOrderId },
	],
	[{ name: "finished_at_ms", type: "bigint", of: (row) => row.finishedAtMs }],
);

const externalIds = upsertRows<ExternalIdRow>(
	"external_ids",
	[
		{ name: "user_id", type: "bigint", of: (row) => row.userId },
		{ name: "kind", type: "text", of: (row) => row.kind },
		{ name: "external_id", type: "text", of: (row) => row.externalId },
	],
	[
		{ name: "asset_id", type: "integer", of: (row) => row.assetId },
		{ name: "amount", type: "numeric", of: (row) => row.amount },
		{ name: "partition", type: "integer", of: (row) => row.partition },
		{ name: "seq", type: "bigint", of: (row) => row.seq },
		{ name: "done_at_ms", type: "bigint", of: (row) => row.doneAtMs },
	],
);

const positions = upsertRows<PositionRow>(
	"positions",
	[{ name: "partition", type: "integer", of: (row) => row.partition }],
	[
		{ name: "orders_offset", type: "bigint", of: (row) => row.ordersOffset },
		{ name: "orders_epoch", type: "bigint", of: (row) => row.ordersEpoch },
		{ name: "orders_seq", type: "bigint", of: (row) => row.ordersSeq },
		{ name: "held_seq", type: "bigint", of: (row) => row.heldSeq },
		{ name: "trades_offset", type: "bigint", of: (row) => row.tradesOffset },
		{ name: "ev_seq", type: "bigint", of: (row) => row.evSeq },
		{ name: "hash", type: "text", of: (row) => row.hash },
		{ name: "last_ts", type: "bigint", of: (row) => row.lastTs },
	],
);

const symbolPrices = upsertRows<PriceRow>(
	"symbol_prices",
	[{ name: "symbol_id", type: "integer", of: (row) => row.symbolId }],
	[
		{ name: "bid_ticks", type: "bigint", of: (row) => row.bidTicks },
		{ name: "ask_ticks", type: "bigint", of: (row) => row.askTicks },
		{ name: "last_ticks", type: "bigint", of: (row) => row.lastTicks },
		{ name: "last_trade_id", type: "bigint", of: (row) => row.lastTradeId },
	],
);

/** The rows of a batch, ready to be sent: always in this order. */
export function batchStatements(shard: number, batch: LedgerBatch): Statement[] {
	return [
		balances(shard, batch.balances),
		openOrders(shard, batch.openOrders),
		...closedOrders(shard, batch.closedOrders),
		transfers(shard, batch.transfers),
		recentClientIds(shard, batch.recentClientIds),
		forgottenClientIds(shard, batch.forgetClientIdsBeforeMs),
		externalIds(shard, batch.externalIds),
		positions(shard, batch.positions),
		symbolPrices(shard, batch.prices),
	].filter((statement) => statement !== null);
}

/** Sends all of them at once, and waits for all. */
export async function runStatements(
	sql: RawTransaction,
	statements: readonly Statement[],
): Promise<void> {
	await Promise.all(
		statements.map(({ text, parameters }) => sql.unsafe(text, parameters, { prepare: true })),
	);
}

/**
 * A statement for each partition, so that each row is looked up by its whole key. Joined with a list of keys
 * the table has a second plan, and PostgreSQL takes it: reading every open order of the shard.
 */
function closedOrders(shard: number, rows: LedgerBatch["closedOrders"]): Statement[] {
	return [...Map.groupBy(rows, ({ partition }) => partition)].map(([partition, closed]) => ({
		text: `delete from open_orders
			where shard = $1::integer and partition = $2::integer and seq = any($3::text::bigint[])`,
		parameters: [shard, partition, arrayText(closed.map(({ seq }) => seq))],
	}));
}

function forgottenClientIds(shard: number, beforeMs: number): Statement | null {
	if (beforeMs <= 0) return null;
	return {
		text: "delete from recent_client_ids where shard = $1::integer and finished_at_ms < $2::bigint",
		parameters: [shard, beforeMs],
	};
}
