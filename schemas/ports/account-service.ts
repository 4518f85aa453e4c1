import type { NewOrder } from "../command.ts";
import type { CancelReplaceMode, CancelRestriction } from "../order.ts";
import type { Fill, OrderState } from "../order-state.ts";
import type { Rejection } from "../rejection.ts";
import type { BalanceLine, UserEventId, UserEventsSince } from "../user-event.ts";

/**
 * What an account worker answers. Everything that crosses is plain data: in the cluster it goes over a
 * link. A promise that is rejected means that the outcome is unknown (-1007).
 */
export interface AccountService {
	placeOrder(caller: Caller, request: PlaceRequest): Promise<Outcome<PlaceAnswer>>;
	cancelOrder(caller: Caller, request: CancelRequest): Promise<Outcome<CancelAnswer>>;
	cancelReplace(
		caller: Caller,
		request: CancelReplaceRequest,
	): Promise<Outcome<CancelReplaceAnswer>>;
	amendOrder(caller: Caller, request: AmendRequest): Promise<Outcome<AmendAnswer>>;
	/** Refused with unknownOrder when there is nothing to cancel. */
	cancelAll(caller: Caller, symbolId: number): Promise<Outcome<CancelAllAnswer>>;

	account(userId: number): Promise<Outcome<AccountAnswer>>;
	/** Of one symbol, or of all (symbolId 0), oldest first. */
	openOrders(userId: number, symbolId: number): Promise<Outcome<readonly OrderState[]>>;
	/** One order, open or lately finished. */
	findOrder(userId: number, request: FindRequest): Promise<Outcome<FindAnswer>>;
	/** All orders of a symbol still kept here, with their fills: open and lately finished. */
	recentOrders(userId: number, symbolId: number): Promise<Outcome<RecentAnswer>>;
	/** Unfilled-order counts against the limits of `ORDERS`. */
	orderCounts(userId: number): Promise<Outcome<readonly OrderCount[]>>;

	/** Idempotent by (userId, externalId). */
	deposit(request: FundsRequest): Promise<Outcome<FundsAnswer>>;
	/** Idempotent by (userId, externalId). */
	withdraw(request: FundsRequest): Promise<Outcome<FundsAnswer>>;

	/**
	 * Deposits or withdrawals that are done, newest first: each from when the balance has it. Withdrawals are refused
	 * while they are stopped: that one was done is not told then.
	 */
	fundsHistory(
		userId: number,
		request: FundsHistoryRequest,
	): Promise<Outcome<readonly FundsMovement[]>>;

	/** From here on trading calls with an older generation of this key are refused. */
	raiseKeyGeneration(keyId: number, generation: number): Promise<void>;
	setFrozen(userId: number, frozen: boolean): Promise<void>;

	/**
	 * Events after `after`; when they are no longer kept the stream must close. With `after` null all
	 * that are kept of this user, [] when there are none. Rejected by a worker that may not answer.
	 */
	userEventsSince(userId: number, after: UserEventId | null): Promise<UserEventsSince>;
	/** Checks the invariants that can be asked of a running worker. */
	audit(): Promise<AuditAnswer>;
	/**
	 * Withdrawals go on, unless the auditor has found something else than `seen`, its `sampled.faults`. Rejected
	 * by a worker that may not answer.
	 */
	resumeWithdrawals(seen: readonly string[]): Promise<void>;
}

/** Who calls, as the edge has authenticated it. */
export interface Caller {
	readonly userId: number;
	/** 0 for a session without a key. */
	readonly keyId: number;
	readonly keyGeneration: number;
	/** A digest of the signature; order calls are taken once per signature. "" for unsigned callers. */
	readonly signatureDigest: string;
	/** The request's own timestamp and window, checked again right before the log; ms. 0: no check. */
	readonly timestampMs: number;
	readonly recvWindowMs: number;
}

/** As NewOrder, without what only the account worker decides (fees, the cap of a budget). */
export interface PlaceRequest
	extends Omit<NewOrder, "makerFeePpm" | "takerFeePpm" | "capTickLots"> {
	readonly symbolId: number;
	/** The amount of a market order by quote amount, in tick-lots rounded down; else 0. */
	readonly quoteTickLots: number;
}

export interface CancelRequest {
	readonly symbolId: number;
	/** 0 when only the client id is given. With both, the order must have that client id too. */
	readonly orderId: number;
	readonly origClientOrderId: string;
	/** The cancel's own id. */
	readonly clientOrderId: string;
	readonly restriction: CancelRestriction;
}

export interface CancelReplaceRequest {
	readonly mode: CancelReplaceMode;
	readonly cancel: CancelRequest;
	readonly place: PlaceRequest;
}

export interface AmendRequest {
	readonly symbolId: number;
	readonly orderId: number;
	readonly origClientOrderId: string;
	/** The order's client id afterwards. */
	readonly clientOrderId: string;
	readonly newQtyLots: number;
}

export interface FindRequest {
	readonly symbolId: number;
	/** 0 when only the client id is given. */
	readonly orderId: number;
	readonly clientOrderId: string;
}

export interface FundsRequest {
	readonly userId: number;
	readonly assetId: number;
	/** Smallest units, positive. */
	readonly amount: bigint;
	readonly externalId: string;
}

export interface FundsHistoryRequest {
	readonly kind: "deposit" | "withdrawal";
	/** 0: of all assets. */
	readonly assetId: number;
	/** Only these; all, where there are none. */
	readonly externalIds: readonly string[];
	/** When they were done, from and to, both included; ms. */
	readonly startMs: number;
	readonly endMs: number;
	/** How many of the newest are left out. */
	readonly offset: number;
	readonly limit: number;
}

/** A deposit or withdrawal that is done. */
export interface FundsMovement {
	readonly assetId: number;
	/** Smallest units, positive. */
	readonly amount: bigint;
	readonly externalId: string;
	/** ts of its event. */
	readonly doneAtMs: number;
}

export type Outcome<T> = Told &
	({ readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal });

interface Told {
	/** The command whose event this answers; none for reads, and for what never reached the log. */
	readonly command?: CommandName;
}

/** A command's own name, the same in `orders`, in `trades` and in every process's log. */
export interface CommandName {
	readonly partition: number;
	readonly shard: number;
	readonly epoch: number;
	readonly seq: number;
}

export type RefusalReason =
	/** The engine's word; see `rejection`. */
	| "rejected"
	| "insufficientBalance"
	| "duplicateOrder"
	/** No best price and no last price to work out the hold of a market order from. */
	| "noPrice"
	| "unknownOrder"
	/** Both ids were given and they name different orders. */
	| "clientOrderIdMismatch"
	| "maxNumOrders"
	| "maxNumStopOrders"
	/** An amend would leave less than the symbol's smallest order. */
	| "minNotional"
	/** ORDERS limit; `detail` is "limit orders per interval". */
	| "tooManyOrders"
	| "tooManyClientOrderIds"
	| "amendInFlight"
	/** An amend to the quantity that the order has. */
	| "amendNoChange"
	| "timestampOutsideWindow"
	| "signatureReplayed"
	| "keyRevoked"
	| "accountFrozen"
	/** The auditor has found an invariant broken: nothing is to be paid out, also not what was done before. */
	| "withdrawalsStopped"
	/** A queue is at its bound: try again later. */
	| "overloaded"
	/** This worker may not answer now (starting, or its lease is in doubt): outcome unknown. */
	| "unknown"
	| "amountOutOfRange"
	/** The external id was used before with another asset or amount. */
	| "externalIdClash";

export interface Refusal {
	readonly reason: RefusalReason;
	readonly rejection?: Rejection;
	/** Of tooManyOrders the limit; of an amend that would leave nothing open, that it would. */
	readonly detail?: string;
	/** For overloaded and tooManyOrders. */
	readonly retryAfterMs?: number;
}

export interface OrderCount {
	/** Length of the fixed window, aligned to UTC. */
	readonly intervalMs: number;
	readonly limit: number;
	readonly count: number;
}

export interface PlaceAnswer {
	readonly order: OrderState;
	/** Those of the answering event record(s), in order. */
	readonly fills: readonly Fill[];
	readonly transactMs: number;
	readonly orderCounts: readonly OrderCount[];
}

export interface CancelAnswer {
	readonly order: OrderState;
	/** The client id of the order that was canceled. */
	readonly origClientOrderId: string;
	readonly clientOrderId: string;
	readonly transactMs: number;
}

export type PartAnswer<T> =
	| { readonly result: "success"; readonly answer: T }
	| { readonly result: "failure"; readonly refusal: Refusal }
	| { readonly result: "notAttempted" };

export interface CancelReplaceAnswer {
	readonly cancel: PartAnswer<CancelAnswer>;
	readonly place: PartAnswer<PlaceAnswer>;
	readonly orderCounts: readonly OrderCount[];
}

export interface AmendAnswer {
	readonly order: OrderState;
	readonly origClientOrderId: string;
	readonly transactMs: number;
	readonly executionId: number;
}

export interface CancelAllAnswer {
	readonly canceled: readonly CancelAnswer[];
}

export interface AccountAnswer {
	readonly userId: number;
	readonly balances: readonly BalanceLine[];
	readonly updatedAtMs: number;
	readonly frozen: boolean;
	/** Of the whole shard. */
	readonly withdrawalsStopped: boolean;
}

export type FindAnswer =
	| { readonly found: true; readonly order: OrderState; readonly fills: readonly Fill[] }
	/** Ask the order log; while it stands below the floor, absence there means "unknown". */
	| { readonly found: false; readonly partition: number; readonly floorEvSeq: number };

export interface RecentAnswer {
	readonly orders: readonly OrderState[];
	readonly fills: readonly Fill[];
	readonly partition: number;
	readonly floorEvSeq: number;
}

export interface FundsAnswer {
	readonly available: bigint;
	readonly held: bigint;
	readonly transactMs: number;
	/** True when this external id had been done before: nothing moved now. */
	readonly repeated: boolean;
}

export interface AuditAnswer {
	/** Number of the invariant in workers/exchange/simulation/README.md, what it says, what was found wrong. */
	readonly checks: readonly {
		readonly invariant: number;
		readonly says: string;
		readonly checked: number;
		readonly faults: readonly string[];
	}[];
	/** Positions the audit was made at, by partition. */
	readonly evSeqs: readonly number[];
	/** What the auditor that goes round in the running worker has found. */
	readonly sampled: {
		/** How often it has been round all accounts since the start. */
		readonly rounds: number;
		readonly withdrawalsStopped: boolean;
		/** Why they are stopped. */
		readonly faults: readonly string[];
	};
	/** The shard's clearing accounts, in smallest units: over all shards at the same evSeq they are zero. */
	readonly clearing: readonly {
		readonly partition: number;
		readonly assetId: number;
		readonly amount: bigint;
	}[];
	/** The same right after some of the latest event records, by partition, oldest first. None after a start. */
	readonly clearingMarks: readonly {
		readonly partition: number;
		readonly evSeq: number;
		readonly rows: readonly { readonly assetId: number; readonly amount: bigint }[];
	}[];
}
