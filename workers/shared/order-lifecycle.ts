import type { CancelReplace, PlaceOrder } from "../../schemas/command.ts";
import type { EventRecord, MatchPrevented, OrderAmended, Traded } from "../../schemas/event.ts";
import { feeOf } from "../../schemas/fee.ts";
import { invariant } from "../../schemas/invariant.ts";
import { ExpiryReason, isStopType, OrderStatus, Side } from "../../schemas/order.ts";
import type { Fill, OrderState } from "../../schemas/order-state.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";

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
export function admitted(order: OrderState, orderId: number, stamp: Stamp): OrderState {
	return {
		...order,
		orderId,
		status: OrderStatus.New,
		createdAtMs: stamp.ts,
		updatedAtMs: stamp.ts,
		workingAtMs: isStopType(order.type) ? 0 : stamp.ts,
		evSeq: stamp.evSeq,
	};
}

/** OrderTriggered. */
export function triggered(order: OrderState, stamp: Stamp): OrderState {
	return { ...order, workingAtMs: stamp.ts, updatedAtMs: stamp.ts, evSeq: stamp.evSeq };
}

/** One side of a Traded; a terminal event says when it is filled. */
export function filled(order: OrderState, trade: Traded, stamp: Stamp): OrderState {
	return {
		...order,
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
): OrderState {
	return {
		...order,
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
): OrderState {
	return {
		...order,
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

/** What one side of a trade receives, before its fee, in smallest units. */
export function received(spec: SymbolSpec, side: Side, trade: Traded): bigint {
	if (side === Side.Buy) return BigInt(trade.qtyLots) * BigInt(spec.baseUnitsPerLot);
	return BigInt(trade.priceTicks) * BigInt(trade.qtyLots) * BigInt(spec.quoteUnitsPerTickLot);
}

/** One side of a trade as its owner sees it. */
export function fillOf(spec: SymbolSpec, trade: Traded, isMaker: boolean, stamp: Stamp): Fill {
	const makerSide = trade.takerSide === Side.Buy ? Side.Sell : Side.Buy;
	const side = isMaker ? makerSide : trade.takerSide;
	const feePpm = isMaker ? trade.makerFeePpm : trade.takerFeePpm;
	invariant(
		spec.symbolId === trade.symbolId,
		`a trade of ${trade.symbolId} is not ${spec.symbol}'s`,
	);
	return {
		partition: stamp.partition,
		symbolId: trade.symbolId,
		tradeId: trade.tradeId,
		orderId: isMaker ? trade.makerOrderId : trade.takerOrderId,
		userId: isMaker ? trade.makerUserId : trade.takerUserId,
		side,
		isMaker,
		priceTicks: trade.priceTicks,
		qtyLots: trade.qtyLots,
		feeAmount: feeOf(received(spec, side, trade), feePpm),
		feeAssetId: side === Side.Buy ? spec.base.assetId : spec.quote.assetId,
		ts: stamp.ts,
		evSeq: stamp.evSeq,
	};
}
