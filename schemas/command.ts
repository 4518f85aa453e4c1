import type {
	CancelReplaceMode,
	CancelRestriction,
	OrderType,
	Side,
	StpMode,
	SymbolState,
	TimeInForce,
} from "./order.ts";
import type { OrderState } from "./order-state.ts";
import type { AssetSpec, SymbolSpec } from "./symbol.ts";

/** Numbers are in the log: they never change, new kinds get new numbers. */
export const CommandKind = {
	/** No line has it: what this version reads of a line whose command it cannot. */
	Undecodable: 0,
	PlaceOrder: 1,
	CancelOrder: 2,
	CancelReplace: 3,
	AmendOrder: 4,
	CancelAllOrders: 5,
	Deposit: 6,
	Withdraw: 7,
	/** A shard with nothing to say proves that it lives. No effect. */
	Beat: 8,
	/** The venue's clock: moves a partition's time. No effect otherwise. */
	Tick: 9,
	AddAsset: 10,
	AddSymbol: 11,
	SetSymbolState: 12,
	/** Replaces filters, fees and band of a symbol; its tick, lot and maxima stay. */
	SetSymbolRules: 13,
	/** The first line of a log that goes on from one that was lost: the numbers that are used up. */
	ResumePartition: 14,
	/** The same for one symbol. */
	ResumeMarket: 15,
	/** Puts an open order of the lost log back, with its id. Its hold is in the ledger already. */
	RestoreOrder: 16,
	/** An operator's word on an earlier line that the engine cannot take: it is refused instead. */
	Skip: 17,
	/** From here on the engine goes by this version of its rules. */
	SetEngineVersion: 18,
} as const;
export type CommandKind = (typeof CommandKind)[keyof typeof CommandKind];

/** What the account worker took for a command before it was logged; replay must not work it out again. */
export interface Hold {
	readonly assetId: number;
	/** In the asset's smallest units. */
	readonly amount: bigint;
}

/**
 * A new order. Caps bind together: a fill takes min(leaves, resting, floor(tick-lots left ÷ price)).
 *
 * - limit types: priceTicks > 0, capTickLots 0
 * - market by quantity: qtyLots > 0; a buy has a budget in capTickLots (> 0)
 * - market by quote amount (byQuote): capTickLots is the amount; a sell's qtyLots is what was held,
 *   a buy's is 0 (no cap on quantity)
 * - stop types: stopPriceTicks > 0; a stop-market buy has a budget in capTickLots
 */
export interface NewOrder {
	readonly side: Side;
	readonly type: OrderType;
	readonly timeInForce: TimeInForce;
	readonly byQuote: boolean;
	readonly priceTicks: number;
	readonly qtyLots: number;
	/** Most tick-lots (price × quantity) it may trade for; 0 is no cap. */
	readonly capTickLots: number;
	readonly stopPriceTicks: number;
	/** Visible part of an iceberg; 0 shows everything. */
	readonly displayLots: number;
	readonly stpMode: StpMode;
	readonly makerFeePpm: number;
	readonly takerFeePpm: number;
	readonly clientOrderId: string;
	/** Whether the client chose clientOrderId; only such ids are checked for doubles. */
	readonly clientIdGiven: boolean;
	/** Echoed to the client; 0 when not sent. */
	readonly strategyId: number;
	readonly strategyType: number;
}

export interface PlaceOrder extends NewOrder {
	readonly kind: typeof CommandKind.PlaceOrder;
	readonly userId: number;
	readonly symbolId: number;
	readonly hold: Hold;
}

export interface CancelOrder {
	readonly kind: typeof CommandKind.CancelOrder;
	readonly userId: number;
	readonly symbolId: number;
	readonly orderId: number;
	readonly restriction: CancelRestriction;
	/** The cancel's own client id, echoed in the execution report. */
	readonly clientOrderId: string;
}

/**
 * Cancel one order and place another in the same command. `hold` is the extra taken when it was
 * logged, `needAmount` the whole hold of the new order in the same asset.
 */
export interface CancelReplace extends NewOrder {
	readonly kind: typeof CommandKind.CancelReplace;
	readonly userId: number;
	readonly symbolId: number;
	readonly mode: CancelReplaceMode;
	/** The order to cancel; 0 when the account worker knew none (ALLOW_FAILURE only). */
	readonly cancelOrderId: number;
	readonly cancelRestriction: CancelRestriction;
	/** The cancel's own client id. */
	readonly cancelClientOrderId: string;
	readonly hold: Hold;
	/** Hold of the new order, in `hold.assetId`'s smallest units. */
	readonly needAmount: bigint;
	/**
	 * `needAmount` − `hold.amount`: what the old order must release, where that is a safe integer. Not
	 * logged; without it the engine works it out, which costs it as much as the rest of the command.
	 */
	readonly releaseNeeded?: number;
}

/** Reduce an order to a new total quantity; keeps its id and its place in the queue. */
export interface AmendOrder {
	readonly kind: typeof CommandKind.AmendOrder;
	readonly userId: number;
	readonly symbolId: number;
	readonly orderId: number;
	readonly newQtyLots: number;
	/** The order's client id from here on. */
	readonly clientOrderId: string;
}

export interface CancelAllOrders {
	readonly kind: typeof CommandKind.CancelAllOrders;
	readonly userId: number;
	readonly symbolId: number;
}

export interface Deposit {
	readonly kind: typeof CommandKind.Deposit;
	readonly userId: number;
	readonly assetId: number;
	/** In the asset's smallest units. */
	readonly amount: bigint;
	/** Idempotency: a second deposit of this user with the same id is answered from the first. */
	readonly externalId: string;
}

export interface Withdraw {
	readonly kind: typeof CommandKind.Withdraw;
	readonly userId: number;
	readonly assetId: number;
	readonly amount: bigint;
	readonly externalId: string;
}

export interface Beat {
	readonly kind: typeof CommandKind.Beat;
}

export interface Tick {
	readonly kind: typeof CommandKind.Tick;
}

export interface AddAsset {
	readonly kind: typeof CommandKind.AddAsset;
	readonly asset: AssetSpec;
}

export interface AddSymbol {
	readonly kind: typeof CommandKind.AddSymbol;
	readonly symbol: SymbolSpec;
}

export interface SetSymbolState {
	readonly kind: typeof CommandKind.SetSymbolState;
	readonly symbolId: number;
	readonly state: SymbolState;
}

export interface SetSymbolRules {
	readonly kind: typeof CommandKind.SetSymbolRules;
	readonly symbol: SymbolSpec;
}

/** Only as the first line of a partition of `orders`; anywhere else it is rejected. */
export interface ResumePartition {
	readonly kind: typeof CommandKind.ResumePartition;
	/** Its own event record is the one after this. */
	readonly evSeq: number;
	readonly lastOrderId: number;
	/** From where the account shards go on: what is older, or of an older epoch, is ignored. */
	readonly shards: readonly {
		readonly shard: number;
		readonly epoch: number;
		readonly seq: number;
	}[];
}

/** Only while nothing has happened in the symbol since it was added. */
export interface ResumeMarket {
	readonly kind: typeof CommandKind.ResumeMarket;
	readonly symbolId: number;
	/** Trade ids, prevented match ids and update ids go on after this. */
	readonly lastId: number;
	/** Price of the last trade; 0 when none is known. */
	readonly lastTicks: number;
}

/** An open order as it stood: resting with what it has left, or waiting for its trigger. */
export interface RestoreOrder {
	readonly kind: typeof CommandKind.RestoreOrder;
	readonly order: OrderState;
}

/** Names a command before it in the same partition of `orders`. No effect on one that was taken. */
export interface Skip {
	readonly kind: typeof CommandKind.Skip;
	readonly shard: number;
	readonly seq: number;
}

/** Taken where it is newer than the version in force; a program that does not know it must stop. */
export interface SetEngineVersion {
	readonly kind: typeof CommandKind.SetEngineVersion;
	readonly version: number;
}

/** Of a newer version, or damaged: it is rejected, and its seq is used up. */
export interface Undecodable {
	readonly kind: typeof CommandKind.Undecodable;
	/** As it stands in the line. */
	readonly row: unknown;
}

export type Command =
	| PlaceOrder
	| CancelOrder
	| CancelReplace
	| AmendOrder
	| CancelAllOrders
	| Deposit
	| Withdraw
	| Beat
	| Tick
	| AddAsset
	| AddSymbol
	| SetSymbolState
	| SetSymbolRules
	| ResumePartition
	| ResumeMarket
	| RestoreOrder
	| Skip
	| SetEngineVersion
	| Undecodable;

/** What a market takes. */
export type OrderCommand = PlaceOrder | CancelOrder | CancelReplace | AmendOrder | CancelAllOrders;

/** Shard 0 has no users: it writes what is the venue's own. */
export const VENUE_SHARD = 0;

/** A line of `orders`: one command of one shard. */
export interface CommandRecord {
	readonly shard: number;
	readonly epoch: number;
	/** Gapless per shard and partition, from 1, over all epochs. */
	readonly seq: number;
	/** Milliseconds since 1970, never less than the shard's last. */
	readonly ts: number;
	readonly command: Command;
}

/** Whoever takes over a shard appends this to every partition of `orders`. It has no seq. */
export interface EpochRecord {
	readonly shard: number;
	readonly epoch: number;
	readonly ts: number;
	readonly command: null;
}

export type OrdersRecord = CommandRecord | EpochRecord;
