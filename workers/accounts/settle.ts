import { type CancelReplace, CommandKind } from "../../schemas/command.ts";
import {
	type Event,
	EventKind,
	type EventRecord,
	type MatchPrevented,
	type OrderAmended,
	type OrderExpired,
	type Traded,
} from "../../schemas/event.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import { ExpiryReason, hasLimitPrice, OrderStatus, Side, StpMode } from "../../schemas/order.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import { Rejection } from "../../schemas/rejection.ts";
import {
	admitted,
	amended,
	ended,
	expiredStatus,
	filled,
	prevented,
	triggered,
} from "../shared/order-lifecycle.ts";
import { isMarked } from "./clearing-marks.ts";
import { Movements } from "./movements.ts";
import { cancelIdOf, newOrderRejection, tellBalances } from "./reports.ts";
import type { AccountState } from "./state.ts";
import type { Tracked } from "./tracked.ts";
import { reportOf } from "./user-events.ts";

/** What the settling of one whole answer leaves to be told to the one who asked. */
export interface Settled {
	/** The last record of the answer. */
	readonly record: EventRecord;
	/** Its last event. */
	readonly answer: Event;
	/** The order that this shard's command placed, if it placed one. */
	readonly placed: Tracked | null;
	/** Orders of this shard that were canceled in it. */
	readonly canceled: readonly Tracked[];
}

/**
 * Events into balances and orders: the only place where money moves. A function of the state and the
 * record alone, so a restart settles to the same unit. Fills go through the partition's clearing
 * account, so either side may be of another shard.
 */
export class Settler {
	private readonly state: AccountState;
	private readonly movements: Movements;
	/** False during replay, where holds are taken before the events that paid for them are settled. */
	private live = false;
	private placed: Tracked | null = null;
	private canceled: Tracked[] = [];

	constructor(state: AccountState) {
		this.state = state;
		this.movements = new Movements(state);
	}

	/** Replay is over: from here on nothing may ever be negative, and client ids are taken by who has them now. */
	goLive(): void {
		this.live = true;
		this.state.takeNamesAnew();
	}

	/**
	 * Settles the records of one answer, first to last part.
	 *
	 * @param nowMs the worker's clock: for how long finished orders are kept, and for order counts
	 */
	settle(records: readonly EventRecord[], nowMs: number): Settled {
		const { state } = this;
		const record = records[records.length - 1] as EventRecord;
		const own = record.shard === state.shard && record.seq > 0;
		if (own) {
			state.unlogged.loggedUpTo(record.partition, record.seq);
			state.positions.answered(record.partition, record.seq);
		}
		this.placed = own ? (state.orders.pendingAt(record.partition, record.seq) ?? null) : null;
		this.canceled = [];
		state.balances.beginTouching();
		for (const part of records) {
			this.movements.begin();
			for (const event of part.events) this.apply(part, event, nowMs);
			if (isMarked(part.evSeq)) {
				state.clearingMarks.take(state.balances, part.partition, part.evSeq);
			}
		}
		this.refuseUnplaced(record, nowMs);
		if (this.live) this.state.balances.checkTouched();
		tellBalances(this.state, record);
		const answer = record.events[record.events.length - 1] as Event;
		return { record, answer, placed: this.placed, canceled: this.canceled };
	}

	private apply(record: EventRecord, event: Event, nowMs: number): void {
		switch (event.kind) {
			case EventKind.LevelChanged:
				return this.state.market.levelChanged(event);
			case EventKind.MarketResumed:
				return this.state.market.resumed(event);
			case EventKind.Traded:
				return this.traded(record, event, nowMs);
			case EventKind.OrderAdmitted:
			case EventKind.OrderReplacing:
				if (this.state.isMine(event.userId)) this.admitted(record, event.orderId);
				return;
			case EventKind.OrderRestored:
				// The recovery has written it to the ledger: a book must not have what nobody holds for.
				if (this.state.isMine(event.userId)) this.orderOf(event);
				return;
			case EventKind.OrderTriggered:
				if (this.state.isMine(event.userId)) this.triggered(record, this.orderOf(event));
				return;
			case EventKind.MatchPrevented:
				return this.prevented(record, event);
			case EventKind.OrderFilled:
				if (this.state.isMine(event.userId)) this.filled(record, this.orderOf(event), nowMs);
				return;
			case EventKind.OrderCanceled:
				if (this.state.isMine(event.userId)) this.cancel(record, this.orderOf(event), nowMs);
				return;
			case EventKind.OrderExpired:
				if (this.state.isMine(event.userId)) this.expired(record, event, nowMs);
				return;
			case EventKind.OrderAmended:
				if (this.state.isMine(event.userId)) this.amended(record, event);
				return;
			case EventKind.AmendRejected:
				if (this.state.isMine(event.userId)) this.amendRejected(record);
				return;
			case EventKind.Deposited:
			case EventKind.Withdrawn:
				if (this.state.isMine(event.userId)) this.movements.funds(record);
				return;
			case EventKind.CommandRejected:
				if (record.shard === this.state.shard) this.refused(record);
				return;
			case EventKind.AssetAdded:
			case EventKind.SymbolAdded:
			case EventKind.SymbolStateSet:
			case EventKind.SymbolRulesSet:
				return this.state.market.configure(event, record.command);
			default:
				return;
		}
	}

	private orderOf(event: { readonly symbolId: number; readonly orderId: number }): Tracked {
		const tracked = this.state.orders.find(event.symbolId, event.orderId);
		if (tracked !== undefined) return tracked;
		const { orderId, symbolId } = event;
		throw new InvariantViolation(
			`an event names order ${orderId} of symbol ${symbolId}, which is not known`,
		);
	}

	private admitted(record: EventRecord, orderId: number): void {
		const tracked = this.placed;
		if (tracked === null) {
			throw new InvariantViolation(`order ${orderId} was admitted without its command`);
		}
		const { command } = record;
		const before = tracked.state;
		let { heldAmount } = before;
		if (command?.kind === CommandKind.CancelReplace) heldAmount = this.replaceHold(before, command);
		const after = admitted(before, orderId, record, heldAmount);
		this.state.orders.admit(tracked, after);
		this.state.balances.show(this.state.balances.of(after.userId, after.holdAssetId));
		this.report(record, after, reportOf("NEW", after));
	}

	/** The old hold was released by its cancel: the new order holds its need, the extra included. */
	private replaceHold(order: OrderState, command: CancelReplace): bigint {
		const balance = this.state.balances.of(order.userId, order.holdAssetId);
		const more = command.needAmount - order.heldAmount;
		if (more > 0n) this.state.balances.hold(balance, more);
		else this.state.balances.release(balance, -more);
		return command.needAmount;
	}

	private triggered(record: EventRecord, tracked: Tracked): void {
		const after = triggered(tracked.state, record);
		this.state.orders.change(tracked, after);
		this.report(record, after, reportOf("NEW", after));
	}

	private traded(record: EventRecord, event: Traded, nowMs: number): void {
		this.state.market.traded(event);
		if (this.state.isMine(event.makerUserId)) this.fill(record, event, true, nowMs);
		if (this.state.isMine(event.takerUserId)) this.fill(record, event, false, nowMs);
	}

	private fill(record: EventRecord, event: Traded, isMaker: boolean, nowMs: number): void {
		const orderId = isMaker ? event.makerOrderId : event.takerOrderId;
		const tracked = this.orderOf({ symbolId: event.symbolId, orderId });
		const before = tracked.state;
		if (!keepsLimit(before, event.priceTicks)) {
			throw new InvariantViolation(`order ${orderId} trades beyond its limit`);
		}
		const fill = this.movements.fill(record, before, event, isMaker);
		const after = filled(before, event, record, this.movements.heldAfter);
		if (before.cumQtyLots === 0) {
			const { makerFillCredit, takerFillCredit } = this.state.settings;
			const credit = isMaker ? makerFillCredit : takerFillCredit;
			this.state.counts.giveBack(before.userId, nowMs, credit);
		}
		this.state.orders.change(tracked, after);
		this.state.orders.addFill(tracked, fill);
		const report = reportOf("TRADE", after);
		report.fill = fill;
		report.priceTicks = event.priceTicks;
		tracked.lastTrade = report;
		this.report(record, after, report);
	}

	private prevented(record: EventRecord, event: MatchPrevented): void {
		const { makerUserId, makerOrderId, takerUserId, takerOrderId } = event;
		if (event.makerPreventedLots > 0 && this.state.isMine(makerUserId)) {
			this.preventedOf(record, event, makerOrderId, event.makerPreventedLots, takerOrderId);
		}
		if (event.takerPreventedLots > 0 && this.state.isMine(takerUserId)) {
			this.preventedOf(record, event, takerOrderId, event.takerPreventedLots, makerOrderId);
		}
	}

	private preventedOf(
		record: EventRecord,
		event: MatchPrevented,
		orderId: number,
		lots: number,
		counterOrderId: number,
	): void {
		const tracked = this.orderOf({ symbolId: event.symbolId, orderId });
		const before = tracked.state;
		if (event.stpMode === StpMode.Transfer) {
			this.movements.stpTransfer(record, before, event.priceTicks, lots);
		} else {
			this.movements.releaseLots(before, event.priceTicks, lots);
		}
		const after = prevented(before, event, lots, record, this.movements.heldAfter);
		this.state.orders.change(tracked, after);
		const report = reportOf("TRADE_PREVENTION", after);
		report.lastPreventedLots = lots;
		report.counterOrderId = counterOrderId;
		report.priceTicks = event.priceTicks;
		this.report(record, after, report);
	}

	private filled(record: EventRecord, tracked: Tracked, nowMs: number): void {
		const after = this.end(record, tracked, OrderStatus.Filled, ExpiryReason.None, nowMs);
		// The fill that filled it was reported before the engine said that it was the last.
		if (tracked.lastTrade !== null) tracked.lastTrade.order = after;
		tracked.lastTrade = null;
	}

	private cancel(record: EventRecord, tracked: Tracked, nowMs: number): void {
		const after = this.end(record, tracked, OrderStatus.Canceled, ExpiryReason.None, nowMs);
		this.canceled.push(tracked);
		const report = reportOf("CANCELED", after);
		report.origClientOrderId = after.clientOrderId;
		report.clientOrderId = cancelIdOf(record) ?? after.clientOrderId;
		this.report(record, after, report);
	}

	private expired(record: EventRecord, event: OrderExpired, nowMs: number): void {
		const tracked = this.orderOf(event);
		const after = this.end(record, tracked, expiredStatus(event.reason), event.reason, nowMs);
		this.report(record, after, reportOf("EXPIRED", after));
	}

	/** A terminal event: releases the rest, starts the time in which its client id stays taken. */
	private end(
		record: EventRecord,
		tracked: Tracked,
		status: OrderStatus,
		expiryReason: ExpiryReason,
		nowMs: number,
	): OrderState {
		const before = tracked.state;
		this.movements.releaseAll(before);
		const after = ended(before, status, expiryReason, record);
		this.state.orders.finish(tracked, after, nowMs);
		if (after.clientIdGiven) {
			this.state.clientIds.finish(after.userId, after.clientOrderId, record.ts);
		}
		return after;
	}

	private amended(record: EventRecord, event: OrderAmended): void {
		const tracked = this.orderOf(event);
		const { command } = record;
		invariant(command?.kind === CommandKind.AmendOrder, "an order is amended by an amend");
		const before = tracked.state;
		this.state.orders.amendAnswered(command, record.seq);
		tracked.formerClientOrderId = before.clientOrderId;
		this.movements.releaseCut(before, event.cutLots);
		const renamed = before.clientOrderId !== command.clientOrderId;
		const { heldAfter } = this.movements;
		const after = amended(before, event, command.clientOrderId, record, heldAfter);
		if (renamed) {
			const { clientIds } = this.state;
			if (before.clientIdGiven) clientIds.finish(before.userId, before.clientOrderId, record.ts);
			clientIds.take(before.userId, command.clientOrderId);
		}
		this.state.orders.change(tracked, after);
		const report = reportOf("REPLACED", after);
		report.origClientOrderId = before.clientOrderId;
		this.report(record, after, report);
	}

	private amendRejected(record: EventRecord): void {
		const { command } = record;
		invariant(
			command?.kind === CommandKind.AmendOrder,
			"an amend is rejected, not another command",
		);
		this.state.orders.amendAnswered(command, record.seq);
		// The id it would have got is free again, unless it is the order's own.
		if (!this.state.orders.isNamed(command.userId, command.clientOrderId)) {
			this.state.clientIds.free(command.userId, command.clientOrderId);
		}
	}

	/** A matching worker that could not read the command, or was told to skip it. */
	private refused(record: EventRecord): void {
		if (record.command?.kind === CommandKind.AmendOrder) this.amendRejected(record);
		else this.movements.refuseFunds(record);
	}

	/** A command that placed nothing after all: its hold is released, once, and its id is free. */
	private refuseUnplaced(record: EventRecord, nowMs: number): void {
		const tracked = this.placed;
		if (tracked === null || tracked.state.orderId !== 0) return;
		const before = tracked.state;
		this.movements.releaseAll(before);
		const after = ended(before, OrderStatus.Rejected, ExpiryReason.None, record);
		this.state.orders.reject(tracked, after);
		if (after.clientIdGiven) this.state.clientIds.free(after.userId, after.clientOrderId);
		const rejection = newOrderRejection(record);
		// One that was not attempted counts, as at Binance.
		if (rejection !== Rejection.NotAttempted) this.state.counts.giveBack(after.userId, nowMs, 1);
		if (this.canceled.length === 0) return;
		const report = reportOf("REJECTED", after);
		report.rejection = rejection;
		this.report(record, after, report);
	}

	private report(
		record: EventRecord,
		order: OrderState,
		report: ReturnType<typeof reportOf>,
	): void {
		this.state.userEvents.add(order.userId, record.partition, record.evSeq, record.ts, report);
	}
}

function keepsLimit(order: OrderState, priceTicks: number): boolean {
	if (!hasLimitPrice(order.type)) return true;
	return order.side === Side.Buy ? priceTicks <= order.priceTicks : priceTicks >= order.priceTicks;
}
