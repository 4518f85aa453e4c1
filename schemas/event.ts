import type { Command } from "./command.ts";
import type { ExpiryReason, Side, StpMode, SymbolState } from "./order.ts";
import type { Rejection } from "./rejection.ts";

/** Numbers are in the log: they never change, new kinds get new numbers. */
export const EventKind = {
	/** A new order has its id; what it is stands in the record's command. Before any fill of it. */
	OrderAdmitted: 1,
	/** The same for the new order of a cancel-replace, after the old one's OrderCanceled. */
	OrderReplacing: 2,
	OrderTriggered: 3,
	Traded: 4,
	MatchPrevented: 5,
	LevelChanged: 6,
	/** Terminal events: exactly one per admitted order. */
	OrderFilled: 10,
	OrderCanceled: 11,
	OrderExpired: 12,
	/** Answers: exactly one per command, the last event of its record(s). OrderCanceled is one, too. */
	OrderAccepted: 20,
	OrderRejected: 21,
	CancelRejected: 22,
	OrderAmended: 23,
	AmendRejected: 24,
	CancelReplaceAnswered: 25,
	AllCanceled: 26,
	CancelAllRejected: 27,
	Deposited: 28,
	Withdrawn: 29,
	BeatSeen: 30,
	Ticked: 31,
	AssetAdded: 32,
	SymbolAdded: 33,
	SymbolStateSet: 34,
	SymbolRulesSet: 35,
	CommandRejected: 36,
	/** Answers an epoch record. */
	EpochRaised: 37,
	PartitionResumed: 38,
	MarketResumed: 39,
	OrderRestored: 40,
	SkipHeard: 41,
	EngineVersionSet: 42,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

interface OfOrder {
	readonly symbolId: number;
	readonly orderId: number;
	readonly userId: number;
}

export interface OrderAdmitted extends OfOrder {
	readonly kind: typeof EventKind.OrderAdmitted;
}

export interface OrderReplacing extends OfOrder {
	readonly kind: typeof EventKind.OrderReplacing;
	/** The canceled order; 0 when there was none to cancel (ALLOW_FAILURE). */
	readonly oldOrderId: number;
}

/** A stop or take-profit met its trigger price; from here on it is an order like any other. */
export interface OrderTriggered extends OfOrder {
	readonly kind: typeof EventKind.OrderTriggered;
}

/** One match: two fills, at the maker's price. */
export interface Traded {
	readonly kind: typeof EventKind.Traded;
	readonly symbolId: number;
	/** Gapless per symbol, from 1. */
	readonly tradeId: number;
	readonly makerOrderId: number;
	readonly takerOrderId: number;
	readonly makerUserId: number;
	readonly takerUserId: number;
	readonly takerSide: Side;
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly makerFeePpm: number;
	readonly takerFeePpm: number;
	/** What the maker has left after it, hidden parts included. */
	readonly makerLeavesLots: number;
}

/** Self-trade prevention took quantity from one or both orders; nothing traded. */
export interface MatchPrevented {
	readonly kind: typeof EventKind.MatchPrevented;
	readonly symbolId: number;
	/** Gapless per symbol, from 1. */
	readonly preventedMatchId: number;
	readonly makerOrderId: number;
	readonly takerOrderId: number;
	readonly makerUserId: number;
	readonly takerUserId: number;
	readonly takerSide: Side;
	readonly priceTicks: number;
	/** Taken from the maker; 0 when the mode leaves it alone. */
	readonly makerPreventedLots: number;
	/** Taken from the taker; a capped taker gives up price × this of its cap. */
	readonly takerPreventedLots: number;
	/** The mode that was applied (Transfer becomes Decrement unless both say it). */
	readonly stpMode: StpMode;
}

/** A price level's visible total after a change; 0 is gone. Once per level and pass over it. */
export interface LevelChanged {
	readonly kind: typeof EventKind.LevelChanged;
	readonly symbolId: number;
	readonly side: Side;
	readonly priceTicks: number;
	readonly qtyLots: number;
	/** Gapless per symbol, from 1. */
	readonly updateId: number;
}

export interface OrderFilled extends OfOrder {
	readonly kind: typeof EventKind.OrderFilled;
}

export interface OrderCanceled extends OfOrder {
	readonly kind: typeof EventKind.OrderCanceled;
	/** What was left of it. */
	readonly leavesLots: number;
}

export interface OrderExpired extends OfOrder {
	readonly kind: typeof EventKind.OrderExpired;
	/** What was left of it; 0 for a quote-amount buy, which has no quantity of its own. */
	readonly leavesLots: number;
	readonly reason: ExpiryReason;
}

export interface OrderAccepted extends OfOrder {
	readonly kind: typeof EventKind.OrderAccepted;
}

export interface OrderRejected {
	readonly kind: typeof EventKind.OrderRejected;
	readonly symbolId: number;
	readonly userId: number;
	readonly reason: Rejection;
}

export interface CancelRejected extends OfOrder {
	readonly kind: typeof EventKind.CancelRejected;
	readonly reason: Rejection;
}

export interface OrderAmended extends OfOrder {
	readonly kind: typeof EventKind.OrderAmended;
	readonly newQtyLots: number;
	/** Old total minus new total; its hold is released. */
	readonly cutLots: number;
}

export interface AmendRejected extends OfOrder {
	readonly kind: typeof EventKind.AmendRejected;
	readonly reason: Rejection;
}

export interface CancelReplaceAnswered {
	readonly kind: typeof EventKind.CancelReplaceAnswered;
	readonly symbolId: number;
	readonly userId: number;
	readonly oldOrderId: number;
	/** None when the old order was canceled. */
	readonly cancelReason: Rejection;
	/** 0 when the new order was not placed. */
	readonly newOrderId: number;
	readonly newReason: Rejection;
}

export interface AllCanceled {
	readonly kind: typeof EventKind.AllCanceled;
	readonly symbolId: number;
	readonly userId: number;
	readonly count: number;
}

export interface CancelAllRejected {
	readonly kind: typeof EventKind.CancelAllRejected;
	readonly symbolId: number;
	readonly userId: number;
	readonly reason: Rejection;
}

/** The amount stands in the record's command, as for Withdrawn. */
export interface Deposited {
	readonly kind: typeof EventKind.Deposited;
	readonly userId: number;
	readonly assetId: number;
}

export interface Withdrawn {
	readonly kind: typeof EventKind.Withdrawn;
	readonly userId: number;
	readonly assetId: number;
}

export interface BeatSeen {
	readonly kind: typeof EventKind.BeatSeen;
}

export interface Ticked {
	readonly kind: typeof EventKind.Ticked;
}

export interface AssetAdded {
	readonly kind: typeof EventKind.AssetAdded;
	readonly assetId: number;
}

export interface SymbolAdded {
	readonly kind: typeof EventKind.SymbolAdded;
	readonly symbolId: number;
}

export interface SymbolStateSet {
	readonly kind: typeof EventKind.SymbolStateSet;
	readonly symbolId: number;
	readonly state: SymbolState;
}

export interface SymbolRulesSet {
	readonly kind: typeof EventKind.SymbolRulesSet;
	readonly symbolId: number;
}

export interface CommandRejected {
	readonly kind: typeof EventKind.CommandRejected;
	readonly reason: Rejection;
}

export interface EpochRaised {
	readonly kind: typeof EventKind.EpochRaised;
	readonly shard: number;
	readonly epoch: number;
}

export interface PartitionResumed {
	readonly kind: typeof EventKind.PartitionResumed;
	readonly lastOrderId: number;
}

export interface MarketResumed {
	readonly kind: typeof EventKind.MarketResumed;
	readonly symbolId: number;
	/** Trade ids, prevented match ids and update ids go on after this. */
	readonly lastId: number;
	readonly lastTicks: number;
}

/** An order of the lost log is open again, after its level's change. Its hold was never released. */
export interface OrderRestored extends OfOrder {
	readonly kind: typeof EventKind.OrderRestored;
}

/** Answers a Skip, whether it had an effect or not. */
export interface SkipHeard {
	readonly kind: typeof EventKind.SkipHeard;
	readonly shard: number;
	readonly seq: number;
}

export interface EngineVersionSet {
	readonly kind: typeof EventKind.EngineVersionSet;
	readonly version: number;
}

export type Event =
	| OrderAdmitted
	| OrderReplacing
	| OrderTriggered
	| Traded
	| MatchPrevented
	| LevelChanged
	| OrderFilled
	| OrderCanceled
	| OrderExpired
	| OrderAccepted
	| OrderRejected
	| CancelRejected
	| OrderAmended
	| AmendRejected
	| CancelReplaceAnswered
	| AllCanceled
	| CancelAllRejected
	| Deposited
	| Withdrawn
	| BeatSeen
	| Ticked
	| AssetAdded
	| SymbolAdded
	| SymbolStateSet
	| SymbolRulesSet
	| CommandRejected
	| EpochRaised
	| PartitionResumed
	| MarketResumed
	| OrderRestored
	| SkipHeard
	| EngineVersionSet;

/** Most events in one record of `trades`; a longer answer is split over several. */
export const MAX_EVENTS_PER_RECORD = 1_000;

/** A line of `trades`: what one command (or epoch record) did. */
export interface EventRecord {
	readonly partition: number;
	/** Gapless per partition, from 1. */
	readonly evSeq: number;
	/** The partition's time: the highest ts accepted so far. */
	readonly ts: number;
	/** The command it answers; seq 0 for an epoch record, and for a halt that nobody asked for. */
	readonly shard: number;
	readonly epoch: number;
	readonly seq: number;
	/** 0 for the first record of an answer, 1, 2… for what was split off. */
	readonly part: number;
	/** True on the last part: it ends with the answer event. */
	readonly last: boolean;
	/** The command itself, on every part; null with seq 0. */
	readonly command: Command | null;
	readonly events: readonly Event[];
	/** Running hash over the partition's header numbers and events up to here, 16 hex digits. */
	readonly hash: string;
}
