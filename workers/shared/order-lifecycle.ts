import type { CancelReplace, PlaceOrder } from "../../schemas/command.ts";
import type { EventRecord, MatchPrevented, OrderAmended, Traded } from "../../schemas/event.ts";
import { feeOf } from "../../schemas/fee.ts";
import { ExpiryReason, isStopType, OrderStatus, Side } from "../../schemas/order.ts";
import type { Fill, OrderState } from "../../schemas/order-state.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { baseAmount, quoteAmount } from "./amounts.ts";

/** The part of a record that a change of an order is stamped with. */
export type Stamp = Pick<EventRecord, "partition" | "evSeq" | "ts">;

/** The order of a command before the engine has answered it. `heldAmount` is its whole hold. */
export function pendingOrder(
	command: PlaceOrder | CancelReplace,
	placed: { partition: number; shard: number; seq: number; ts: number },
	heldAmount: bigint,
): OrderState {
	return {
		partition: placed.partition,
		shard: placed.shard,
		seq: placed.seq,
		symbolId: command.symbolId,
		orderId: 0,
		userId: command.userId,
		side: command.side,
		type: command.type,
		timeInForce: command.timeInForce,
		byQuote: command.byQuote,
		priceTicks: command.priceTicks,
		qtyLots: command.qtyLots,
		capTickLots: command.capTickLots,
		stopPriceTicks: command.stopPriceTicks,
		displayLots: command.displayLots,
		stpMode: command.stpMode,
		makerFeePpm: command.makerFeePpm,
		takerFeePpm: command.takerFeePpm,
		clientOrderId: command.clientOrderId,
		clientIdGiven: command.clientIdGiven,
		strategyId: command.strategyId,
		strategyType: command.strategyType,
		status: OrderStatus.Pending,
		expiryReason: ExpiryReason.None,
		cumQtyLots: 0,
		cumTickLots: 0,
		preventedLots: 0,
		preventedTickLots: 0,
		preventedMatchId: 0,
		holdAssetId: command.hold.assetId,
		heldAmount,
		createdAtMs: placed.ts,
		updatedAtMs: placed.ts,
		workingAtMs: 0,
		evSeq: 0,
	};
}

/** OrderAdmitted or OrderReplacing: it has its id, and works unless it waits for a trigger. */
export function admitted(
	order: OrderState,
	orderId: number,
	stamp: Stamp,
	heldAmount: bigint = order.heldAmount,
): OrderState {
	return {
		...order,
		orderId,
		heldAmount,
		status: OrderStatus.New,
		createdAtMs: stamp.ts,
		updatedAtMs: stamp.ts,
		workingAtMs: isStopType(order.type) ? 0 : stamp.ts,
		evSeq: stamp.evSeq,
	};
}

/** The same from the command, where nobody knew the order before. */
export function admittedOf(
	command: PlaceOrder | CancelReplace,
	record: Pick<EventRecord, "partition" | "shard" | "seq" | "evSeq" | "ts">,
	orderId: number,
): OrderState {
	return admitted(pendingOrder(command, record, 0n), orderId, record);
}

/** OrderTriggered. */
export function triggered(order: OrderState, stamp: Stamp): OrderState {
	return { ...order, workingAtMs: stamp.ts, updatedAtMs: stamp.ts, evSeq: stamp.evSeq };
}

/** One side of a Traded; a terminal event says when it is filled. */
export function filled(
	order: OrderState,
	trade: Traded,
	stamp: Stamp,
	heldAmount: bigint = order.heldAmount,
): OrderState {
	return {
		...order,
		heldAmount,
		status: OrderStatus.PartiallyFilled,
		cumQtyLots: order.cumQtyLots + trade.qtyLots,
		cumTickLots: order.cumTickLots + trade.priceTicks * trade.qtyLots,
		updatedAtMs: stamp.ts,
		evSeq: stamp.evSeq,
	};
}

/** One side of a MatchPrevented that lost `lots`. */
export function prevented(
	order: OrderState,
	match: MatchPrevented,
	lots: number,
	stamp: Stamp,
	heldAmount: bigint = order.heldAmount,
): OrderState {
	return {
		...order,
		heldAmount,
		preventedLots: order.preventedLots + lots,
		preventedTickLots: order.preventedTickLots + match.priceTicks * lots,
		preventedMatchId: match.preventedMatchId,
		updatedAtMs: stamp.ts,
		evSeq: stamp.evSeq,
	};
}

/** OrderAmended: a smaller total, and perhaps another client id. */
export function amended(
	order: OrderState,
	amend: OrderAmended,
	clientOrderId: string,
	stamp: Stamp,
	heldAmount: bigint = order.heldAmount,
): OrderState {
	return {
		...order,
		heldAmount,
		qtyLots: amend.newQtyLots,
		clientOrderId,
		clientIdGiven: order.clientIdGiven || clientOrderId !== order.clientOrderId,
		updatedAtMs: stamp.ts,
		evSeq: stamp.evSeq,
	};
}

/** A terminal event: nothing is held any more. */
export function ended(
	order: OrderState,
	status: OrderStatus,
	reason: ExpiryReason,
	stamp: Stamp,
): OrderState {
	return {
		...order,
		status,
		expiryReason: reason,
		heldAmount: 0n,
		updatedAtMs: stamp.ts,
		evSeq: stamp.evSeq,
	};
}

/** The status that an OrderExpired gives. */
export function expiredStatus(reason: ExpiryReason): OrderStatus {
	return reason === ExpiryReason.SelfTradePrevention
		? OrderStatus.ExpiredInMatch
		: OrderStatus.Expired;
}

/** The fee on what one side of a trade receives, in that asset's smallest units. */
export function feeOfSide(spec: SymbolSpec, trade: Traded, isMaker: boolean): bigint {
	const received = buys(trade, isMaker)
		? baseAmount(spec, trade.qtyLots)
		: quoteAmount(spec, trade.priceTicks, trade.qtyLots);
	return feeOf(received, isMaker ? trade.makerFeePpm : trade.takerFeePpm);
}

/** One side of a trade as its owner sees it; `feeAmount` as `feeOfSide` gives it. */
export function fillOf(
	spec: SymbolSpec,
	trade: Traded,
	isMaker: boolean,
	feeAmount: bigint,
	stamp: Stamp,
): Fill {
	const bought = buys(trade, isMaker);
	return {
		partition: stamp.partition,
		symbolId: trade.symbolId,
		tradeId: trade.tradeId,
		orderId: isMaker ? trade.makerOrderId : trade.takerOrderId,
		userId: isMaker ? trade.makerUserId : trade.takerUserId,
		side: bought ? Side.Buy : Side.Sell,
		isMaker,
		priceTicks: trade.priceTicks,
		qtyLots: trade.qtyLots,
		feeAmount,
		feeAssetId: bought ? spec.base.assetId : spec.quote.assetId,
		ts: stamp.ts,
		evSeq: stamp.evSeq,
	};
}

function buys(trade: Traded, isMaker: boolean): boolean {
	return (trade.takerSide === Side.Buy) !== isMaker;
}
