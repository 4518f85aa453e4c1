import { isOpen } from "../../schemas/order-state.ts";
import type { ShardState, TransferRow } from "../../schemas/ports/ledger.ts";
import type { PubSub } from "../../schemas/ports/pubsub.ts";
import { shardOfUser } from "../../schemas/ports/users.ts";
import type { Access } from "./access.ts";
import { Balances } from "./balances.ts";
import { ClearingMarks } from "./clearing-marks.ts";
import { ClientOrderIds } from "./client-order-ids.ts";
import { Funds } from "./funds.ts";
import { MarketView } from "./market.ts";
import { OrderCounts } from "./order-counts.ts";
import { Orders } from "./orders.ts";
import { Positions } from "./positions.ts";
import type { AccountSettings } from "./settings.ts";
import { UnloggedHolds } from "./unlogged-holds.ts";
import { UserEvents } from "./user-events.ts";

/** Everything one shard knows. Commands take from it, events settle it, the ledger gets copies of it. */
export class AccountState {
	readonly shard: number;
	readonly partitions: number;
	readonly settings: AccountSettings;
	readonly balances = new Balances();
	readonly clearingMarks = new ClearingMarks();
	readonly orders: Orders;
	readonly clientIds: ClientOrderIds;
	readonly funds = new Funds();
	readonly counts: OrderCounts;
	readonly unlogged: UnloggedHolds;
	readonly userEvents: UserEvents;
	readonly market: MarketView;
	readonly positions: Positions;
	readonly access: Access;
	/** Log time of the last event since the start that changed a user's balances. */
	private readonly changedAtMs = new Map<number, number>();
	/** The last time that the shard had stamped when it was loaded; 0 for a new one. */
	private readonly loadedTs: number;
	private transfers: TransferRow[] = [];

	constructor(
		shard: number,
		partitions: number,
		settings: AccountSettings,
		pubsub: PubSub,
		access: Access,
		epoch: number,
		loaded: ShardState,
	) {
		this.shard = shard;
		this.partitions = partitions;
		this.settings = settings;
		this.access = access;
		this.orders = new Orders(partitions);
		this.clientIds = new ClientOrderIds(
			settings.clientOrderIdKeepMs,
			settings.maxClientOrderIdsPerUser,
		);
		this.counts = new OrderCounts(settings.orderLimits);
		this.unlogged = new UnloggedHolds(this.balances, partitions);
		const { keepUserEventsMs, maxUserEvents } = settings;
		this.userEvents = new UserEvents(pubsub, epoch, keepUserEventsMs, maxUserEvents);
		this.market = new MarketView(loaded.config);
		this.positions = new Positions(partitions, loaded.positions);
		this.loadedTs = Math.max(0, ...loaded.positions.map(({ lastTs }) => lastTs));
		this.load(loaded);
	}

	/** An event has changed a user's balances. A start reads one partition after the other: a later one may have been read. */
	changed(userId: number, ts: number): void {
		this.changedAtMs.set(userId, Math.max(ts, this.updatedAtMs(userId)));
	}

	/** When that was last; of one before the start, no time before it. */
	updatedAtMs(userId: number): number {
		return this.changedAtMs.get(userId) ?? this.loadedTs;
	}

	/** Whether a user's money is in this shard. */
	isMine(userId: number): boolean {
		return shardOfUser(userId, this.settings.accountShards) === this.shard;
	}

	/** The partition of this shard's deposits, withdrawals and beats. */
	get ownPartition(): number {
		return this.shard % this.partitions;
	}

	addTransfer(row: TransferRow): void {
		this.transfers.push(row);
	}

	/** Transfers that no batch has taken yet. */
	uncommittedTransfers(): number {
		return this.transfers.length;
	}

	takeTransfers(): TransferRow[] {
		const rows = this.transfers;
		this.transfers = [];
		return rows;
	}

	/**
	 * Client ids of open orders, and of amends on their way, are taken. To be called when a replay is over: it reads one
	 * partition after the other, so an earlier order of the same id may have ended, or been rejected, behind the one
	 * that has it now.
	 */
	takeNamesAnew(): void {
		this.orders.nameAnew();
		for (const { state } of this.orders.allOpen()) {
			if (state.clientIdGiven) this.clientIds.take(state.userId, state.clientOrderId);
		}
		for (const { userId, clientOrderId } of this.orders.renames()) {
			this.clientIds.take(userId, clientOrderId);
		}
	}

	/** Whether money, orders, ids or the configuration differ from what was last copied. */
	isDirty(): boolean {
		return (
			this.transfers.length > 0 ||
			this.balances.isDirty() ||
			this.orders.isDirty() ||
			this.clientIds.isDirty() ||
			this.funds.isDirty() ||
			this.market.isDirty()
		);
	}

	private load(loaded: ShardState): void {
		for (const row of loaded.balances) this.balances.load(row);
		for (const row of loaded.prices) this.market.load(row);
		for (const row of loaded.recentClientIds) this.clientIds.load(row);
		for (const order of loaded.openOrders) {
			this.orders.load(order);
			if (isOpen(order.status)) this.market.seed(order);
		}
		for (const row of loaded.externalIds) this.funds.load(row);
		this.access.load(loaded);
		for (const row of this.positions.all()) {
			this.orders.finished.raiseFloor(row.partition, row.evSeq);
			this.unlogged.loggedUpTo(row.partition, row.heldSeq);
		}
	}
}
