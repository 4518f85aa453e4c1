import { EventKind } from "../schemas/event.ts";
import { EventBuffer } from "../schemas/event-words.ts";
import type { ExpiryReason, Side, StpMode } from "../schemas/order.ts";
import type { Rejection } from "../schemas/rejection.ts";
import type { Taker } from "./taker.ts";

const NOWHERE = new EventBuffer();

/**
 * Where one symbol's events are written, with the numbers that must be gapless over them. Rows of
 * words go straight into the buffer, in the order of EVENT_FIELDS.
 */
export class Tape {
	out: EventBuffer = NOWHERE;
	readonly symbolId: number;
	/** The last ones given. */
	tradeId = 0;
	preventedMatchId = 0;
	updateId = 0;
	/** Price of the last trade; 0 before the first. */
	lastTicks = 0;

	constructor(symbolId: number) {
		this.symbolId = symbolId;
	}

	traded(
		taker: Taker,
		makerOrderId: number,
		makerUserId: number,
		makerFeePpm: number,
		makerLeavesLots: number,
		priceTicks: number,
		qtyLots: number,
	): void {
		const at = this.out.reserve(13);
		const words = this.out.words;
		this.tradeId += 1;
		this.lastTicks = priceTicks;
		words[at] = EventKind.Traded;
		words[at + 1] = this.symbolId;
		words[at + 2] = this.tradeId;
		words[at + 3] = makerOrderId;
		words[at + 4] = taker.orderId;
		words[at + 5] = makerUserId;
		words[at + 6] = taker.userId;
		words[at + 7] = taker.side;
		words[at + 8] = priceTicks;
		words[at + 9] = qtyLots;
		words[at + 10] = makerFeePpm;
		words[at + 11] = taker.takerFeePpm;
		words[at + 12] = makerLeavesLots;
	}

	prevented(
		taker: Taker,
		makerOrderId: number,
		priceTicks: number,
		makerLots: number,
		takerLots: number,
		mode: StpMode,
	): void {
		const at = this.out.reserve(12);
		const words = this.out.words;
		this.preventedMatchId += 1;
		words[at] = EventKind.MatchPrevented;
		words[at + 1] = this.symbolId;
		words[at + 2] = this.preventedMatchId;
		words[at + 3] = makerOrderId;
		words[at + 4] = taker.orderId;
		words[at + 5] = taker.userId;
		words[at + 6] = taker.userId;
		words[at + 7] = taker.side;
		words[at + 8] = priceTicks;
		words[at + 9] = makerLots;
		words[at + 10] = takerLots;
		words[at + 11] = mode;
	}

	levelChanged(side: Side, priceTicks: number, qtyLots: number): void {
		const at = this.out.reserve(6);
		const words = this.out.words;
		this.updateId += 1;
		words[at] = EventKind.LevelChanged;
		words[at + 1] = this.symbolId;
		words[at + 2] = side;
		words[at + 3] = priceTicks;
		words[at + 4] = qtyLots;
		words[at + 5] = this.updateId;
	}

	/**
	 * What a new plain order that rests at once comes to: admitted, its level changed, accepted. Its user,
	 * side and price are of 31 bits; `| 0` says so to the compiler, which else looks at each as if it
	 * could be a double.
	 */
	restedAtOnce(
		orderId: number,
		userId: number,
		side: Side,
		priceTicks: number,
		levelLots: number,
	): void {
		const { out, symbolId } = this;
		const user = userId | 0;
		const at = out.reserveSeveral(14, 3);
		const { words } = out;
		this.updateId += 1;
		words[at] = EventKind.OrderAdmitted;
		words[at + 1] = symbolId;
		words[at + 2] = orderId;
		words[at + 3] = user;
		words[at + 4] = EventKind.LevelChanged;
		words[at + 5] = symbolId;
		words[at + 6] = side | 0;
		words[at + 7] = priceTicks | 0;
		words[at + 8] = levelLots;
		words[at + 9] = this.updateId;
		words[at + 10] = EventKind.OrderAccepted;
		words[at + 11] = symbolId;
		words[at + 12] = orderId;
		words[at + 13] = user;
	}

	/** A resting order's cancel: its level changed, then its end. */
	takenOut(
		orderId: number,
		userId: number,
		leavesLots: number,
		side: Side,
		priceTicks: number,
		levelLots: number,
	): void {
		const { out, symbolId } = this;
		const at = out.reserveSeveral(11, 2);
		const { words } = out;
		this.updateId += 1;
		words[at] = EventKind.LevelChanged;
		words[at + 1] = symbolId;
		words[at + 2] = side;
		words[at + 3] = priceTicks;
		words[at + 4] = levelLots;
		words[at + 5] = this.updateId;
		words[at + 6] = EventKind.OrderCanceled;
		words[at + 7] = symbolId;
		words[at + 8] = orderId;
		words[at + 9] = userId;
		words[at + 10] = leavesLots;
	}

	/** The new order of a cancel-replace has its id. */
	replacing(orderId: number, userId: number, oldOrderId: number): void {
		const at = this.out.reserve(5);
		const words = this.out.words;
		words[at] = EventKind.OrderReplacing;
		words[at + 1] = this.symbolId;
		words[at + 2] = orderId;
		words[at + 3] = userId;
		words[at + 4] = oldOrderId;
	}

	replaceAnswered(
		userId: number,
		oldOrderId: number,
		cancelReason: Rejection,
		newOrderId: number,
		newReason: Rejection,
	): void {
		const at = this.out.reserve(7);
		const words = this.out.words;
		words[at] = EventKind.CancelReplaceAnswered;
		words[at + 1] = this.symbolId;
		words[at + 2] = userId;
		words[at + 3] = oldOrderId;
		words[at + 4] = cancelReason;
		words[at + 5] = newOrderId;
		words[at + 6] = newReason;
	}

	amended(orderId: number, userId: number, newQtyLots: number, cutLots: number): void {
		const at = this.out.reserve(6);
		const words = this.out.words;
		words[at] = EventKind.OrderAmended;
		words[at + 1] = this.symbolId;
		words[at + 2] = orderId;
		words[at + 3] = userId;
		words[at + 4] = newQtyLots;
		words[at + 5] = cutLots;
	}

	admitted(orderId: number, userId: number): void {
		this.ofOrder(EventKind.OrderAdmitted, orderId, userId);
	}

	triggered(orderId: number, userId: number): void {
		this.ofOrder(EventKind.OrderTriggered, orderId, userId);
	}

	filled(orderId: number, userId: number): void {
		this.ofOrder(EventKind.OrderFilled, orderId, userId);
	}

	accepted(orderId: number, userId: number): void {
		this.ofOrder(EventKind.OrderAccepted, orderId, userId);
	}

	canceled(orderId: number, userId: number, leavesLots: number): void {
		const at = this.out.reserve(5);
		const words = this.out.words;
		words[at] = EventKind.OrderCanceled;
		words[at + 1] = this.symbolId;
		words[at + 2] = orderId;
		words[at + 3] = userId;
		words[at + 4] = leavesLots;
	}

	expired(orderId: number, userId: number, leavesLots: number, reason: ExpiryReason): void {
		const at = this.out.reserve(6);
		const words = this.out.words;
		words[at] = EventKind.OrderExpired;
		words[at + 1] = this.symbolId;
		words[at + 2] = orderId;
		words[at + 3] = userId;
		words[at + 4] = leavesLots;
		words[at + 5] = reason;
	}

	/** A command about an existing order that was not taken: CancelRejected, AmendRejected. */
	refused(kind: EventKind, orderId: number, userId: number, reason: Rejection): void {
		const at = this.out.reserve(5);
		const words = this.out.words;
		words[at] = kind;
		words[at + 1] = this.symbolId;
		words[at + 2] = orderId;
		words[at + 3] = userId;
		words[at + 4] = reason;
	}

	rejected(userId: number, reason: Rejection): void {
		const at = this.out.reserve(4);
		const words = this.out.words;
		words[at] = EventKind.OrderRejected;
		words[at + 1] = this.symbolId;
		words[at + 2] = userId;
		words[at + 3] = reason;
	}

	private ofOrder(kind: EventKind, orderId: number, userId: number): void {
		const at = this.out.reserve(4);
		const words = this.out.words;
		words[at] = kind;
		words[at + 1] = this.symbolId;
		words[at + 2] = orderId;
		words[at + 3] = userId;
	}
}
