import { InvariantViolation } from "./invariant.ts";
import type { Fill, OrderState } from "./order-state.ts";
import type { Rejection } from "./rejection.ts";

/** Where a user event came from; ids of one user grow in this order within a partition. */
export interface UserEventId {
	readonly partition: number;
	readonly evSeq: number;
	/** From 0 within one event record. */
	readonly n: number;
}

/** Whether both are the same event, or both none. */
export function sameUserEvent(a: UserEventId | null, b: UserEventId | null): boolean {
	if (a === null || b === null) return a === b;
	return a.partition === b.partition && a.evSeq === b.evSeq && a.n === b.n;
}

/** More than one event record can yield: 1,000 events, two reports each, and the balances of all. */
const EXECUTIONS_PER_RECORD = 10_000;

/**
 * Binance's execution id `I` (and an amend's `executionId`): unique within a partition, so within a
 * symbol, and the same again after every replay.
 */
export function executionIdOf(id: UserEventId): number {
	if (id.n >= EXECUTIONS_PER_RECORD) {
		throw new InvariantViolation(`event record ${id.evSeq} yields too many user events`);
	}
	return id.evSeq * EXECUTIONS_PER_RECORD + id.n;
}

export type ExecutionType =
	| "NEW"
	| "CANCELED"
	| "REPLACED"
	| "REJECTED"
	| "TRADE"
	| "EXPIRED"
	| "TRADE_PREVENTION";

/** What happened to one order, with the order as it stands after it. */
export interface ExecutionReport {
	readonly kind: "executionReport";
	readonly execution: ExecutionType;
	readonly order: OrderState;
	/** The fill of a TRADE. */
	readonly fill: Fill | null;
	/** Lots of a TRADE_PREVENTION; 0 otherwise. */
	readonly lastPreventedLots: number;
	/** Order of the other side of a TRADE_PREVENTION; 0 otherwise. */
	readonly counterOrderId: number;
	readonly priceTicks: number;
	/** For a cancel or amend: the order's client id before it; "" otherwise. */
	readonly origClientOrderId: string;
	/** The client id of this execution: the cancel's own for CANCELED, else the order's. */
	readonly clientOrderId: string;
	readonly rejection: Rejection;
}

export interface BalanceLine {
	readonly assetId: number;
	readonly available: bigint;
	readonly held: bigint;
}

/** Balances that an event record changed, after all its execution reports. */
export interface AccountPosition {
	readonly kind: "outboundAccountPosition";
	readonly balances: readonly BalanceLine[];
}

/** A deposit or withdrawal took effect. */
export interface BalanceUpdate {
	readonly kind: "balanceUpdate";
	readonly assetId: number;
	/** Signed, in smallest units. */
	readonly delta: bigint;
}

export type UserEvent = ExecutionReport | AccountPosition | BalanceUpdate;

export interface UserEventMessage {
	readonly userId: number;
	readonly id: UserEventId;
	/** Of the account worker that says it. */
	readonly epoch: number;
	/** This user's event before it; null for the first that the account worker knows of. */
	readonly previous: UserEventId | null;
	/** The partition's time. */
	readonly ts: number;
	readonly event: UserEvent;
}

/** What an account worker has of a user's events after one of them. */
export interface UserEventsSince {
	/** The worker's epoch: between what an earlier one said and what it says there may be a hole. */
	readonly epoch: number;
	/** The user's newest event, kept or not; null when the worker has never known one. */
	readonly last: UserEventId | null;
	/** In the order published; null when they are not all kept any more. */
	readonly events: readonly UserEventMessage[] | null;
}
