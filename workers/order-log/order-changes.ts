import { CommandKind } from "../../schemas/command.ts";
import {
	type Event,
	EventKind,
	type EventRecord,
	type MatchPrevented,
	type OrderAmended,
	type Traded,
} from "../../schemas/event.ts";
import { InvariantViolation, invariant } from "../../schemas/invariant.ts";
import { ExpiryReason, OrderStatus } from "../../schemas/order.ts";
import {
	type Amendment,
	type Fill,
	isOpen,
	type OrderState,
	type PreventedMatch,
} from "../../schemas/order-state.ts";
import type { OrderLogBatch } from "../../schemas/ports/order-log.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { executionIdOf } from "../../schemas/user-event.ts";
import {
	admittedOf,
	amended,
	ended,
	expiredStatus,
	feeOfSide,
	filled,
	fillOf,
	prevented,
	triggered,
} from "../shared/order-lifecycle.ts";

/**
 * What a partition's event records do to its orders: the open ones are kept, every change, fill, amendment
 * and prevented match since the last `take` is gathered. A function of the records, so writing it twice writes the same.
 */
export class OrderChanges {
	private readonly partition: number;
	private readonly symbolOf: (symbolId: number) => SymbolSpec | undefined;
	private readonly open = new Map<number, OrderState>();
	private changed = new Map<number, OrderState>();
	private fills: Fill[] = [];
	private amendments: Amendment[] = [];
	private preventedMatches: PreventedMatch[] = [];
	private evSeq = 0;
	private tradesOffset = 0;

	constructor(
		partition: number,
		symbolOf: (symbolId: number) => SymbolSpec | undefined,
		open: readonly OrderState[],
	) {
		this.partition = partition;
		this.symbolOf = symbolOf;
		for (const order of open) this.open.set(order.orderId, order);
	}

	/** Takes the next record; `nextOffset` is the offset after it. */
	apply(record: EventRecord, nextOffset: number): void {
		for (const event of record.events) this.applyEvent(record, event);
		this.evSeq = record.evSeq;
		this.tradesOffset = nextOffset;
	}

	/** Records taken since the last `take`. */
	isEmpty(): boolean {
		return this.evSeq === 0;
	}

	/** Rows that the next `take` gives. */
	rows(): number {
		const { changed, fills, amendments, preventedMatches } = this;
		return changed.size + fills.length + amendments.length + preventedMatches.length;
	}

	/** Everything since the last time, as one batch to write. */
	take(): Omit<OrderLogBatch, "logId"> {
		const { partition, evSeq, tradesOffset, fills, amendments, preventedMatches } = this;
		const orders = [...this.changed.values()];
		const batch = { partition, evSeq, tradesOffset, orders, fills, amendments, preventedMatches };
		this.changed = new Map();
		this.fills = [];
		this.amendments = [];
		this.preventedMatches = [];
		this.evSeq = 0;
		return batch;
	}

	private applyEvent(record: EventRecord, event: Event): void {
		switch (event.kind) {
			case EventKind.OrderAdmitted:
			case EventKind.OrderReplacing:
				return this.admit(record, event.orderId);
			case EventKind.OrderRestored: {
				const { command } = record;
				invariant(command?.kind === CommandKind.RestoreOrder, "OrderRestored answers its command");
				return this.put({ ...command.order, evSeq: record.evSeq });
			}
			case EventKind.OrderTriggered:
				return this.change(event.orderId, (order) => triggered(order, record));
			case EventKind.Traded:
				return this.trade(record, event);
			case EventKind.MatchPrevented:
				return this.prevent(record, event);
			case EventKind.OrderAmended:
				return this.amend(record, event);
			case EventKind.OrderFilled:
				return this.end(record, event.orderId, OrderStatus.Filled, ExpiryReason.None);
			case EventKind.OrderCanceled:
				return this.end(record, event.orderId, OrderStatus.Canceled, ExpiryReason.None);
			case EventKind.OrderExpired:
				return this.end(record, event.orderId, expiredStatus(event.reason), event.reason);
			default:
				return;
		}
	}

	private admit(record: EventRecord, orderId: number): void {
		const { command } = record;
		if (command?.kind !== CommandKind.PlaceOrder && command?.kind !== CommandKind.CancelReplace) {
			throw new InvariantViolation(`evSeq ${record.evSeq} admits an order that no command places`);
		}
		this.put(admittedOf(command, record, orderId));
	}

	private trade(record: EventRecord, trade: Traded): void {
		const spec = this.symbolOf(trade.symbolId);
		if (spec === undefined) {
			throw new InvariantViolation(`a trade in symbol ${trade.symbolId}, which nobody added`);
		}
		for (const isMaker of [true, false]) {
			const fill = fillOf(spec, trade, isMaker, feeOfSide(spec, trade, isMaker), record);
			this.fills.push(fill);
			this.change(fill.orderId, (order) => filled(order, trade, record));
		}
	}

	private amend(record: EventRecord, event: OrderAmended): void {
		const { command, partition, evSeq, ts } = record;
		invariant(command?.kind === CommandKind.AmendOrder, "OrderAmended answers an amend");
		const { symbolId, orderId, userId, newQtyLots } = event;
		const { clientOrderId } = command;
		const before = this.orderOf(orderId);
		this.amendments.push({
			...{ symbolId, orderId, userId, ts, evSeq },
			executionId: executionIdOf({ partition, evSeq, n: 0 }),
			...{ origClientOrderId: before.clientOrderId, clientOrderId },
			...{ origQtyLots: before.qtyLots, newQtyLots },
		});
		this.put(amended(before, event, clientOrderId, record));
	}

	private prevent(record: EventRecord, event: MatchPrevented): void {
		const { kind: _kind, makerUserId, takerUserId: _same, takerSide: _side, ...match } = event;
		this.preventedMatches.push({
			...match,
			userId: makerUserId,
			ts: record.ts,
			evSeq: record.evSeq,
		});
		this.preventOne(record, event, event.makerOrderId, event.makerPreventedLots);
		this.preventOne(record, event, event.takerOrderId, event.takerPreventedLots);
	}

	private preventOne(
		record: EventRecord,
		event: MatchPrevented,
		orderId: number,
		lots: number,
	): void {
		// A mode that leaves one side alone says nothing about it.
		if (lots > 0) this.change(orderId, (order) => prevented(order, event, lots, record));
	}

	private end(
		record: EventRecord,
		orderId: number,
		status: OrderStatus,
		reason: ExpiryReason,
	): void {
		this.change(orderId, (order) => ended(order, status, reason, record));
	}

	private change(orderId: number, next: (order: OrderState) => OrderState): void {
		this.put(next(this.orderOf(orderId)));
	}

	private orderOf(orderId: number): OrderState {
		const order = this.open.get(orderId);
		if (order === undefined) {
			throw new InvariantViolation(`partition ${this.partition} has no open order ${orderId}`);
		}
		return order;
	}

	private put(order: OrderState): void {
		this.changed.set(order.orderId, order);
		if (isOpen(order.status)) this.open.set(order.orderId, order);
		else this.open.delete(order.orderId);
	}
}
