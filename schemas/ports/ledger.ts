import type { OrderState } from "../order-state.ts";
import type { VenueConfigState } from "../venue-config.ts";

/** System accounts of a shard stand beside its users as negative ids. */
export const FEE_ACCOUNT = -1;
/**
 * Deposits minus withdrawals: what the shard owes the outside. Below zero where its users have withdrawn what they got
 * from users of other shards.
 */
export const EXTERNAL_ACCOUNT = -2;
/** The clearing account of a partition: what the shard got there from the others, less what it gave them. */
export function clearingAccount(partition: number): number {
	return -100 - partition;
}

export interface BalanceRow {
	readonly accountId: number;
	readonly assetId: number;
	readonly available: bigint;
	readonly held: bigint;
}

/** Whether a balance is below what its kind of account may be. Nothing is ever held in the negative. */
export function isNegative({ accountId, available, held }: Omit<BalanceRow, "assetId">): boolean {
	return held < 0n || (available < 0n && !mayOwe(accountId));
}

/** Sums over the users of one shard may be below zero: their trades are with those of all. */
function mayOwe(accountId: number): boolean {
	return accountId === EXTERNAL_ACCOUNT || accountId <= clearingAccount(0);
}

/** "recovery": the venue stands in for a side of a trade that was lost with the log. */
export type TransferKind = "fill" | "stpTransfer" | "deposit" | "withdrawal" | "recovery";

/**
 * A movement of money between accounts, its legs in columns: the account gives `debitAmount`, receives
 * `creditAmount` less `feeAmount`; the counter-account (the partition's clearing, or the outside) gets
 * the opposite, the fee account the fee. Unique by (shard, partition, evSeq, n).
 */
export interface TransferRow {
	readonly kind: TransferKind;
	readonly partition: number;
	readonly evSeq: number;
	/** From 0 within one event record. */
	readonly n: number;
	readonly accountId: number;
	readonly counterAccountId: number;
	/** 0 when nothing goes that way. */
	readonly debitAssetId: number;
	readonly debitAmount: bigint;
	readonly creditAssetId: number;
	readonly creditAmount: bigint;
	/** In the credit asset, part of creditAmount. */
	readonly feeAmount: bigint;
	readonly symbolId: number;
	readonly tradeId: number;
	readonly orderId: number;
	readonly externalId: string;
	readonly ts: number;
}

/** A clientOrderId whose order has finished, kept until it may be used again. */
export interface RecentClientId {
	readonly userId: number;
	readonly clientOrderId: string;
	/** ts of the finishing event. */
	readonly finishedAtMs: number;
}

/** A deposit or withdrawal that was done or is on its way: the memory of its external id. */
export interface ExternalIdRow {
	readonly userId: number;
	readonly externalId: string;
	readonly kind: "deposit" | "withdrawal";
	readonly assetId: number;
	readonly amount: bigint;
	readonly partition: number;
	/** seq of its command; a withdrawal is held until it is done. */
	readonly seq: number;
	/** ts of its event; 0 until then. */
	readonly doneAtMs: number;
}

/** Where a shard stands in one partition; committed with the money. */
export interface PositionRow {
	readonly partition: number;
	/**
	 * `orders` offset after the last acknowledged batch, but before an amend that is not answered; and the epoch and
	 * last accepted seq there. From there on a start reads again.
	 */
	readonly ordersOffset: number;
	readonly ordersEpoch: number;
	readonly ordersSeq: number;
	/** The last seq of this shard whose hold is in the state. */
	readonly heldSeq: number;
	/** The last seq of this shard that is answered at `evSeq`. */
	readonly answeredSeq: number;
	/** `trades` offset after the last settled record, its evSeq and hash. */
	readonly tradesOffset: number;
	readonly evSeq: number;
	readonly hash: string;
	/** The last ts this shard stamped in this partition, or the owner's clock when the batch was made, if that is later. */
	readonly lastTs: number;
}

/**
 * What a shard knows of a symbol's prices where it stands in the symbol's partition, in ticks; 0 where it
 * knows of none. Each side's price is of a level that stands there.
 */
export interface PriceRow {
	readonly symbolId: number;
	readonly bidTicks: number;
	readonly askTicks: number;
	/** Of the last trade. */
	readonly lastTicks: number;
	readonly lastTradeId: number;
}

/** Who may call, as of now: of all users and keys, not of one shard. */
export interface AccessState {
	/** Keys whose generation is above 1. */
	readonly keyGenerations: readonly { readonly keyId: number; readonly generation: number }[];
	readonly frozenUsers: readonly number[];
}

/** Everything of a shard at one commit, and who may call. */
export interface ShardState extends AccessState {
	/** 0 when it was never raised. */
	readonly epoch: number;
	readonly batch: number;
	readonly balances: readonly BalanceRow[];
	readonly openOrders: readonly OrderState[];
	/** The oldest first: in the order in which they are forgotten. */
	readonly recentClientIds: readonly RecentClientId[];
	readonly externalIds: readonly ExternalIdRow[];
	/** The log that the positions are of; null when none was ever named. */
	readonly logId: string | null;
	readonly positions: readonly PositionRow[];
	readonly prices: readonly PriceRow[];
	readonly config: VenueConfigState;
}

/** Where a shard stands, in which epoch and in which log. */
export type ShardPositions = Pick<ShardState, "epoch" | "logId" | "positions">;

/** Absolute values of what changed since the batch before. */
export interface LedgerBatch {
	readonly epoch: number;
	/** The batch before plus one. */
	readonly batch: number;
	readonly balances: readonly BalanceRow[];
	/** Orders that are open (or Pending) now, whole, and were in no batch before: one that is there already is refused. */
	readonly newOrders: readonly OrderState[];
	/** Others that are open (or Pending) now, whole. */
	readonly openOrders: readonly OrderState[];
	/** Orders that are no longer open, by partition and seq. */
	readonly closedOrders: readonly { readonly partition: number; readonly seq: number }[];
	readonly transfers: readonly TransferRow[];
	readonly recentClientIds: readonly RecentClientId[];
	/** Finished client ids with finishedAtMs below this may go. */
	readonly forgetClientIdsBeforeMs: number;
	readonly externalIds: readonly ExternalIdRow[];
	/** The log that the positions are of. */
	readonly logId: string;
	readonly positions: readonly PositionRow[];
	readonly prices: readonly PriceRow[];
	/** null when unchanged. */
	readonly config: VenueConfigState | null;
}

/** What a batch has that changes nothing: each says its own beside it. */
export const NO_CHANGES: Omit<LedgerBatch, "epoch" | "batch" | "logId"> = {
	balances: [],
	newOrders: [],
	openOrders: [],
	closedOrders: [],
	transfers: [],
	recentClientIds: [],
	forgetClientIdsBeforeMs: 0,
	externalIds: [],
	positions: [],
	prices: [],
	config: null,
};

/** The ledger is away or its answer was lost: repeat the same call. */
export class LedgerUnavailable extends Error {
	override readonly name = "LedgerUnavailable";
}

/**
 * The shards' money in Aurora. One writer per shard, fenced by its epoch.
 *
 * @throws LedgerUnavailable from every method
 */
export interface Ledger {
	/** Compare and swap: the shard's epoch plus one, or `atLeast` when that is greater. */
	raiseEpoch(shard: number, atLeast: number): Promise<number>;
	load(shard: number): Promise<ShardState>;
	/** Its server's clock, ms. */
	clockMs(): Promise<number>;
	/** What `load` says of positions, as of now. */
	positions(shard: number): Promise<ShardPositions>;
	/** What `load` says of keys and users, as of now. */
	access(): Promise<AccessState>;
	/**
	 * One transaction. "committed" also when this very batch had been committed before; "superseded"
	 * when another epoch owns the shard.
	 */
	commit(shard: number, batch: LedgerBatch): Promise<"committed" | "superseded">;
	/** Transfers of a shard in a partition after an evSeq, by evSeq and n. */
	transfersAfter(shard: number, partition: number, evSeq: number): Promise<readonly TransferRow[]>;
	close(): Promise<void>;
}
