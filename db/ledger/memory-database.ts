import { invariant } from "../../schemas/invariant.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { AuditRecord } from "../../schemas/ports/audit-log.ts";
import type {
	AccessState,
	BalanceRow,
	ExternalIdRow,
	LedgerBatch,
	PositionRow,
	PriceRow,
	RecentClientId,
	ShardPositions,
	ShardState,
	TransferRow,
} from "../../schemas/ports/ledger.ts";
import type { ApiKey, Totp, User } from "../../schemas/ports/users.ts";
import type { VenueConfigState } from "../../schemas/venue-config.ts";
import { refuseNegativeBalance } from "./balance-rule.ts";

/** The rows of one shard, by their primary keys. */
interface MemoryShard {
	epoch: number;
	batch: number;
	config: VenueConfigState;
	logId: string | null;
	readonly balances: Map<string, BalanceRow>;
	readonly openOrders: Map<string, OrderState>;
	readonly recentClientIds: Map<string, RecentClientId>;
	readonly externalIds: Map<string, ExternalIdRow>;
	readonly positions: Map<number, PositionRow>;
	readonly prices: Map<number, PriceRow>;
	readonly transfers: Map<string, TransferRow>;
}

function emptyShard(epoch: number): MemoryShard {
	return {
		epoch,
		batch: 0,
		config: { assets: [], symbols: [] },
		logId: null,
		balances: new Map(),
		openOrders: new Map(),
		recentClientIds: new Map(),
		externalIds: new Map(),
		positions: new Map(),
		prices: new Map(),
		transfers: new Map(),
	};
}

/** Rows are replaced, never changed, so the copies may share them. */
function copyOf(row: MemoryShard): MemoryShard {
	return {
		...row,
		balances: new Map(row.balances),
		openOrders: new Map(row.openOrders),
		recentClientIds: new Map(row.recentClientIds),
		externalIds: new Map(row.externalIds),
		positions: new Map(row.positions),
		prices: new Map(row.prices),
		transfers: new Map(row.transfers),
	};
}

/** Negative, zero or positive as `sort` wants it; code units decide, as COLLATE "C" does. */
function compareText(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * What a PostgreSQL would hold, in memory: it outlives the workers that use it, so a simulation can
 * kill those. Every method is one transaction and runs to its end at once.
 */
export class MemoryDatabase {
	readonly users: User[] = [];
	/** By user. */
	readonly totps = new Map<number, Totp>();
	readonly apiKeys: ApiKey[] = [];
	readonly auditRecords: AuditRecord[] = [];
	private readonly shards = new Map<number, MemoryShard>();

	raiseEpoch(shard: number, atLeast: number): number {
		const row = this.shards.get(shard);
		const epoch = Math.max((row?.epoch ?? 0) + 1, atLeast);
		if (row === undefined) this.shards.set(shard, emptyShard(epoch));
		else row.epoch = epoch;
		return epoch;
	}

	load(shard: number): ShardState {
		const row = this.shards.get(shard) ?? emptyShard(0);
		return {
			batch: row.batch,
			balances: [...row.balances.values()].sort(
				(a, b) => a.accountId - b.accountId || a.assetId - b.assetId,
			),
			openOrders: [...row.openOrders.values()].sort(
				(a, b) => a.partition - b.partition || a.seq - b.seq,
			),
			recentClientIds: [...row.recentClientIds.values()].sort(
				(a, b) =>
					a.finishedAtMs - b.finishedAtMs ||
					a.userId - b.userId ||
					compareText(a.clientOrderId, b.clientOrderId),
			),
			externalIds: [...row.externalIds.values()].sort(
				(a, b) =>
					a.userId - b.userId ||
					compareText(a.kind, b.kind) ||
					compareText(a.externalId, b.externalId),
			),
			...this.positions(shard),
			prices: [...row.prices.values()].sort((a, b) => a.symbolId - b.symbolId),
			config: row.config,
			...this.access(),
		};
	}

	positions(shard: number): ShardPositions {
		const { epoch, logId, positions } = this.shards.get(shard) ?? emptyShard(0);
		return {
			...{ epoch, logId },
			positions: [...positions.values()].sort((a, b) => a.partition - b.partition),
		};
	}

	access(): AccessState {
		return {
			keyGenerations: this.apiKeys
				.filter((key) => key.generation > 1)
				.map(({ keyId, generation }) => ({ keyId, generation })),
			frozenUsers: this.users.filter((user) => user.frozen).map((user) => user.userId),
		};
	}

	commit(shard: number, batch: LedgerBatch): "committed" | "superseded" {
		const row = this.shards.get(shard);
		invariant(row !== undefined, `shard ${shard} has no epoch`);
		if (row.epoch !== batch.epoch) return "superseded";
		if (row.batch >= batch.batch) return "committed";
		invariant(
			row.batch === batch.batch - 1,
			`batch ${batch.batch} of shard ${shard} follows ${row.batch}`,
		);
		for (const balance of batch.balances) refuseNegativeBalance(balance);
		refuseDoubleRows(batch);
		for (const key of batch.newOrders.map(orderKey)) {
			invariant(!row.openOrders.has(key), `new order ${key} again`);
		}
		for (const key of batch.transfers.map(transferKey)) {
			invariant(!row.transfers.has(key), `transfer ${key} again`);
		}
		apply(row, batch);
		return "committed";
	}

	/**
	 * Keeps the shards as they are now, as a backup does; what it returns restores them. Users and keys
	 * are left alone.
	 */
	backup(): () => void {
		const kept = [...this.shards].map(([shard, row]) => [shard, copyOf(row)] as const);
		return () => {
			this.shards.clear();
			for (const [shard, row] of kept) this.shards.set(shard, copyOf(row));
		};
	}

	/** Another database with the same in it, which goes its own way. */
	copy(): MemoryDatabase {
		const copy = new MemoryDatabase();
		copy.users.push(...this.users);
		copy.apiKeys.push(...this.apiKeys);
		copy.auditRecords.push(...this.auditRecords);
		for (const [shard, row] of this.shards) copy.shards.set(shard, copyOf(row));
		return copy;
	}

	/** Balances and positions of a shard as they are stored, in no order. */
	rows(shard: number): {
		readonly balances: Iterable<BalanceRow>;
		readonly positions: Iterable<PositionRow>;
	} {
		const row = this.shards.get(shard);
		return { balances: row?.balances.values() ?? [], positions: row?.positions.values() ?? [] };
	}

	transfersAfter(shard: number, partition: number, evSeq: number): readonly TransferRow[] {
		return this.transfers(shard)
			.filter((row) => row.partition === partition && row.evSeq > evSeq)
			.sort((a, b) => a.evSeq - b.evSeq || a.n - b.n);
	}

	/** Every transfer of a shard, in the order of their commits. */
	transfers(shard: number): readonly TransferRow[] {
		return [...(this.shards.get(shard)?.transfers.values() ?? [])];
	}
}

/** A statement of PostgreSQL refuses to write the same row twice. */
function refuseDoubleRows(batch: LedgerBatch): void {
	refuseDoubles("balance", batch.balances.map(balanceKey));
	refuseDoubles("open order", [...batch.newOrders, ...batch.openOrders].map(orderKey));
	refuseDoubles("transfer", batch.transfers.map(transferKey));
	refuseDoubles("client id", batch.recentClientIds.map(clientIdKey));
	refuseDoubles("external id", batch.externalIds.map(externalIdKey));
	refuseDoubles("position", batch.positions.map(positionKey));
	refuseDoubles("price", batch.prices.map(priceKey));
}

function refuseDoubles(what: string, keys: readonly string[]): void {
	invariant(new Set(keys).size === keys.length, `the same ${what} twice`);
}

function positionKey(row: PositionRow): string {
	return `${row.partition}`;
}

function priceKey(row: PriceRow): string {
	return `${row.symbolId}`;
}

function balanceKey(row: BalanceRow): string {
	return `${row.accountId}/${row.assetId}`;
}

function orderKey(row: { readonly partition: number; readonly seq: number }): string {
	return `${row.partition}/${row.seq}`;
}

function clientIdKey(row: RecentClientId): string {
	return `${row.userId}/${row.clientOrderId}`;
}

function externalIdKey(row: ExternalIdRow): string {
	return `${row.userId}/${row.kind}/${row.externalId}`;
}

function transferKey(transfer: TransferRow): string {
	return `${transfer.partition}/${transfer.evSeq}/${transfer.n}`;
}

function apply(row: MemoryShard, batch: LedgerBatch): void {
	row.batch = batch.batch;
	row.config = batch.config ?? row.config;
	row.logId = batch.logId;
	for (const balance of batch.balances) row.balances.set(balanceKey(balance), balance);
	for (const order of [...batch.newOrders, ...batch.openOrders])
		row.openOrders.set(orderKey(order), order);
	for (const closed of batch.closedOrders) row.openOrders.delete(orderKey(closed));
	for (const transfer of batch.transfers) row.transfers.set(transferKey(transfer), transfer);
	for (const id of batch.recentClientIds) row.recentClientIds.set(clientIdKey(id), id);
	for (const [key, id] of row.recentClientIds) {
		if (id.finishedAtMs < batch.forgetClientIdsBeforeMs) row.recentClientIds.delete(key);
	}
	for (const id of batch.externalIds) row.externalIds.set(externalIdKey(id), id);
	for (const position of batch.positions) row.positions.set(position.partition, position);
	for (const price of batch.prices) row.prices.set(price.symbolId, price);
}
