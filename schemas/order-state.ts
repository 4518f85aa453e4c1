import type { NewOrder } from "./command.ts";
import { type ExpiryReason, isStopType, OrderStatus, type Side, type StpMode } from "./order.ts";

/**
 * One order as its events have made it so far: what the account worker keeps, the ledger and the order
 * log store, and the edge shows. Quantities in lots, prices in ticks, times in ms of the log.
 */
export interface OrderState extends NewOrder {
	readonly partition: number;
	readonly symbolId: number;
	/** The shard and seq of the command that placed it: its name before it has an orderId. */
	readonly shard: number;
	readonly seq: number;
	/** Given by the engine; 0 while Pending. */
	readonly orderId: number;
	readonly userId: number;
	/** Its latest client id: an amend changes it. */
	readonly clientOrderId: string;
	readonly status: OrderStatus;
	readonly expiryReason: ExpiryReason;
	readonly cumQtyLots: number;
	/** Σ price × quantity of its fills. */
	readonly cumTickLots: number;
	/** Taken by self-trade prevention; with capTickLots, preventedTickLots counts against the cap. */
	readonly preventedLots: number;
	readonly preventedTickLots: number;
	/** The last prevented match; 0 when there was none. */
	readonly preventedMatchId: number;
	readonly holdAssetId: number;
	/** What of the hold is still held, in the hold asset's smallest units; 0 when finished. */
	readonly heldAmount: bigint;
	readonly createdAtMs: number;
	readonly updatedAtMs: number;
	/** When it became matchable; 0 while it waits for its trigger. */
	readonly workingAtMs: number;
	/** The event that changed it last. */
	readonly evSeq: number;
}

/** One side of a trade. */
export interface Fill {
	readonly partition: number;
	readonly symbolId: number;
	readonly tradeId: number;
	readonly orderId: number;
	readonly userId: number;
	readonly side: Side;
	readonly isMaker: boolean;
	readonly priceTicks: number;
	readonly qtyLots: number;
	/** In the received asset: base for a buy, quote for a sell; smallest units. */
	readonly feeAmount: bigint;
	readonly feeAssetId: number;
	readonly ts: number;
	readonly evSeq: number;
}

/** An order's quantity was reduced, and it may have got another client id. */
export interface Amendment {
	readonly symbolId: number;
	readonly orderId: number;
	readonly userId: number;
	/** As the amend was answered, and in the order's report; grows with time. */
	readonly executionId: number;
	readonly origClientOrderId: string;
	readonly clientOrderId: string;
	readonly origQtyLots: number;
	readonly newQtyLots: number;
	readonly ts: number;
	readonly evSeq: number;
}

/** Two orders of one user met, and self-trade prevention kept them from trading. */
export interface PreventedMatch {
	readonly symbolId: number;
	readonly preventedMatchId: number;
	readonly userId: number;
	readonly makerOrderId: number;
	readonly takerOrderId: number;
	readonly priceTicks: number;
	/** What was taken from each; 0 where the mode left it alone. */
	readonly makerPreventedLots: number;
	readonly takerPreventedLots: number;
	readonly stpMode: StpMode;
	readonly ts: number;
	readonly evSeq: number;
}

/** True until the order's terminal event. */
export function isOpen(status: OrderStatus): boolean {
	return status <= OrderStatus.PartiallyFilled;
}

/** Lots that can still trade; 0 for a quote-amount buy, which has no quantity of its own. */
export function leavesLots(order: OrderState): number {
	return isOpen(order.status)
		? Math.max(0, order.qtyLots - order.cumQtyLots - order.preventedLots)
		: 0;
}

/** A stop that has not triggered. */
export function isWaiting(order: OrderState): boolean {
	return isStopType(order.type) && order.workingAtMs === 0;
}
