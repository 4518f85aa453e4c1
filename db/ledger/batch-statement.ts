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
import { arrayText, textArrayText } from "./array-text.ts";
import { orderDocument } from "./order-document.ts";
import {
	IF_CLAIMED,
	insertRows,
	type Parameter,
	Parameters,
	type RowColumn,
	upsertRows,
} from "./rows-part.ts";

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

const ORDER_KEYS: readonly RowColumn<OrderState>[] = [
	{ name: "partition", type: "integer", of: (row) => row.partition },
	{ name: "seq", type: "bigint", of: (row) => row.seq },
];
const ORDER_VALUES: readonly RowColumn<OrderState>[] = [
	{ name: "user_id", type: "bigint", of: (row) => row.userId },
	{ name: "hold_asset_id", type: "integer", of: (row) => row.holdAssetId },
	{ name: "held_amount", type: "numeric", of: (row) => row.heldAmount },
	{ name: "document", type: "json", of: orderDocument },
];

/** Most are of this kind: to look for a conflict first costs a tenth of the whole batch. */
const newOrders = insertRows("open_orders", [...ORDER_KEYS, ...ORDER_VALUES]);
const openOrders = upsertRows("open_orders", ORDER_KEYS, ORDER_VALUES);

/** A transfer that is there already means money counted twice. */
const transfers = insertRows<TransferRow>("transfers", [
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
]);

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
		{ name: "answered_seq", type: "bigint", of: (row) => row.answeredSeq },
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

/** What is sent to the server, its values ready. */
export interface Statement {
	readonly text: string;
	readonly parameters: Parameter[];
}

/**
 * A whole batch in one statement, which is a transaction by itself: one way to the server and back, and
 * nothing is locked while the worker thinks, or hangs. `claimed` makes the batch the shard's last one if it
 * is the next of that epoch, and tells how many shards did; unless it did, no other part does anything.
 *
 * The parts are carried out in no order, all on what stood there before: no two may touch the same row.
 * Parts without rows are there, too: so the text is the same for most batches, and planned once.
 */
export function batchStatement(shard: number, batch: LedgerBatch): Statement {
	const parameters = new Parameters();
	const own = `${parameters.name(shard)}::integer`;
	const claim = claimOf(own, batch, parameters);
	const parts = [
		balances(own, batch.balances, parameters),
		newOrders(own, batch.newOrders, parameters),
		openOrders(own, batch.openOrders, parameters),
		...closedOrders(own, batch.closedOrders, parameters),
		transfers(own, batch.transfers, parameters),
		recentClientIds(own, batch.recentClientIds, parameters),
		forgottenClientIds(own, batch, parameters),
		externalIds(own, batch.externalIds, parameters),
		positions(own, batch.positions, parameters),
		symbolPrices(own, batch.prices, parameters),
	];
	const named = parts.map((part, i) => `part${i + 1} as (${part})`);
	return {
		text:
			`with ${[`claimed as (${claim})`, ...named].join(", ")} ` +
			"select count(*)::integer as claimed from claimed",
		parameters: parameters.values,
	};
}

function claimOf(
	shard: string,
	{ epoch, batch, config, logId }: LedgerBatch,
	parameters: Parameters,
): string {
	const number = `${parameters.name(batch)}::bigint`;
	const document = parameters.name(config === null ? null : JSON.stringify(config));
	return (
		`update shards set batch = ${number}, config = coalesce(${document}::text::jsonb, config), ` +
		`log_id = ${parameters.name(logId)}::text ` +
		`where shard = ${shard} and epoch = ${parameters.name(epoch)}::bigint and batch = ${number} - 1 ` +
		"returning shard"
	);
}

/**
 * A part for each partition, so that each row is looked up by its whole key. Joined with a list of keys
 * the table has a second plan, and PostgreSQL takes it: reading every open order of the shard.
 */
function closedOrders(
	shard: string,
	rows: LedgerBatch["closedOrders"],
	parameters: Parameters,
): string[] {
	return [...Map.groupBy(rows, ({ partition }) => partition)].map(([partition, closed]) => {
		const number = parameters.name(partition);
		const seqs = parameters.name(arrayText(closed.map(({ seq }) => seq)));
		return (
			`delete from open_orders where shard = ${shard} and partition = ${number}::integer ` +
			`and seq = any(${seqs}::text::bigint[]) and ${IF_CLAIMED}`
		);
	});
}

/** Not those that this batch brings again: a client id may be used anew the moment it is forgotten. */
function forgottenClientIds(
	shard: string,
	{ forgetClientIdsBeforeMs, recentClientIds: kept }: LedgerBatch,
	parameters: Parameters,
): string {
	const before = parameters.name(forgetClientIdsBeforeMs);
	const users = parameters.name(arrayText(kept.map(({ userId }) => userId)));
	const ids = parameters.name(textArrayText(kept.map(({ clientOrderId }) => clientOrderId)));
	return (
		`delete from recent_client_ids where shard = ${shard} and finished_at_ms < ${before}::bigint ` +
		"and (user_id, client_order_id) not in " +
		`(select unnest(${users}::text::bigint[]), unnest(${ids}::text::text[])) and ${IF_CLAIMED}`
	);
}
