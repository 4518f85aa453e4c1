import type {
	AccessState,
	PositionRow,
	ShardPositions,
	ShardState,
} from "../../schemas/ports/ledger.ts";
import { orderOfDocument } from "./order-document.ts";
import type { RawClient, RawTransaction } from "./postgres-pool.ts";

/** Everything of a shard, in one repeatable-read transaction that the caller began. */
export async function loadShard(sql: RawTransaction, shard: number): Promise<ShardState> {
	const [head, balances, orders, recentClientIds, externalIds, positions, prices, access] =
		await Promise.all([
			sql<Pick<ShardState, "epoch" | "batch" | "config" | "logId">[]>`
				select epoch, batch, config, log_id from shards where shard = ${shard}`,
			sql<ShardState["balances"][number][]>`
				select account_id, asset_id, available, held from balances
				where shard = ${shard} order by account_id, asset_id`,
			sql<{ heldAmount: bigint; document: string }[]>`
				select held_amount, document from open_orders
				where shard = ${shard} order by partition, seq`,
			sql<ShardState["recentClientIds"][number][]>`
				select user_id, client_order_id, finished_at_ms from recent_client_ids
				where shard = ${shard}
				order by finished_at_ms, user_id, client_order_id collate "C"`,
			sql<ShardState["externalIds"][number][]>`
				select user_id, external_id, kind, asset_id, amount, partition, seq, done_at_ms
				from external_ids
				where shard = ${shard} order by user_id, kind collate "C", external_id collate "C"`,
			sql<ShardState["positions"][number][]>`
				select partition, orders_offset, orders_epoch, orders_seq, held_seq, answered_seq,
					trades_offset, ev_seq, hash, last_ts
				from positions where shard = ${shard} order by partition`,
			sql<ShardState["prices"][number][]>`
				select symbol_id, bid_ticks, ask_ticks, last_ticks, last_trade_id
				from symbol_prices where shard = ${shard} order by symbol_id`,
			loadAccess(sql),
		]);
	return {
		epoch: head[0]?.epoch ?? 0,
		batch: head[0]?.batch ?? 0,
		config: head[0]?.config ?? { assets: [], symbols: [] },
		balances,
		openOrders: orders.map(({ document, heldAmount }) => orderOfDocument(document, heldAmount)),
		recentClientIds,
		externalIds,
		logId: head[0]?.logId ?? null,
		positions,
		prices,
		...access,
	};
}

/** Where a shard stands, in which epoch and in which log; all of one moment. */
export async function loadPositions(sql: RawClient, shard: number): Promise<ShardPositions> {
	const rows = await sql<(PositionRow & Omit<ShardPositions, "positions">)[]>`
		select epoch, log_id, partition, orders_offset, orders_epoch, orders_seq, held_seq, answered_seq,
			trades_offset, ev_seq, hash, last_ts
		from shards left join positions using (shard) where shard = ${shard} order by partition`;
	const { epoch = 0, logId = null } = rows[0] ?? {};
	// A shard without positions is one row without a partition.
	const positions = rows
		.filter(({ partition }) => partition !== null)
		.map(({ epoch: _, logId: _same, ...row }) => row);
	return { epoch, logId, positions };
}

/** Revoked keys and frozen users. */
export async function loadAccess(sql: RawClient | RawTransaction): Promise<AccessState> {
	const [keyGenerations, frozen] = await Promise.all([
		sql<AccessState["keyGenerations"][number][]>`
			select key_id, generation from api_keys where generation > 1 order by key_id`,
		sql<{ userId: number }[]>`select user_id from users where frozen order by user_id`,
	]);
	return { keyGenerations, frozenUsers: frozen.map(({ userId }) => userId) };
}
