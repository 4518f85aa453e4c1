import type {
	AmendOrder,
	CancelAllOrders,
	CancelOrder,
	NewOrder,
	OrderCommand,
	PlaceOrder,
} from "../schemas/command.ts";
import { CommandKind } from "../schemas/command.ts";
import { EventKind } from "../schemas/event.ts";
import {
	CancelRestriction,
	ExpiryReason,
	hasLimitPrice,
	isStopType,
	OrderType,
	Side,
	SymbolState,
	TimeInForce,
} from "../schemas/order.ts";
import { Rejection } from "../schemas/rejection.ts";
import {
	formRejection,
	hasTriggered,
	isOnGrid,
	isPlainLimit,
	isWhole,
	takesCancels,
} from "./admission.ts";
import type { Book } from "./book.ts";
import type { MarketRules } from "./market-rules.ts";
import { type StopOrder, Stops } from "./stops.ts";
import type { Taker } from "./taker.ts";
import { Tape } from "./tape.ts";

/** What the markets of one engine share. */
export interface Desk {
	/** The last order id given; dense over all symbols of the partition. */
	lastOrderId: number;
	readonly taker: Taker;
}

/** One symbol: its book, its stops, its state; what both kinds of book have in common. */
export class Market {
	readonly rules: MarketRules;
	readonly tape: Tape;
	readonly book: Book;
	readonly stops = new Stops();
	private readonly desk: Desk;

	constructor(rules: MarketRules, book: Book, desk: Desk) {
		this.rules = rules;
		this.book = book;
		this.desk = desk;
		this.tape = new Tape(rules.symbolId);
	}

	place(command: PlaceOrder): void {
		const { rules } = this;
		const plain = rules.state === SymbolState.Trading && isPlainLimit(command, rules);
		if (plain && this.restsAtOnce(command)) {
			// No trade, so no stop is triggered either.
			this.desk.lastOrderId += 1;
			const { lastOrderId } = this.desk;
			const { userId, side, priceTicks } = command;
			const shown = this.book.restWhole(lastOrderId, command);
			this.tape.restedAtOnce(lastOrderId, userId, side, priceTicks, shown);
			return;
		}
		const reason = plain ? Rejection.None : this.placeRejection(command);
		if (reason !== Rejection.None) {
			this.tape.rejected(command.userId, reason);
			return;
		}
		const orderId = this.nextOrderId();
		this.tape.admitted(orderId, command.userId);
		this.start(orderId, command.userId, command);
		this.tape.accepted(orderId, command.userId);
	}

	/** Notes what a coming command is about, for the books to read ahead. */
	foresee(command: OrderCommand): void {
		if (command.kind === CommandKind.PlaceOrder) {
			this.book.foreseePrice(command.priceTicks);
		} else if (command.kind === CommandKind.CancelReplace) {
			this.book.foreseePrice(command.priceTicks);
			this.book.foreseeOrder(command.cancelOrderId);
		} else if (command.kind !== CommandKind.CancelAllOrders) {
			this.book.foreseeOrder(command.orderId);
		}
	}

	cancel(command: CancelOrder): void {
		const { orderId, userId } = command;
		const { state } = this.rules;
		const handle = this.book.find(orderId);
		// The plainest of cancels, without another look at anything.
		if (state === SymbolState.Trading && command.restriction === CancelRestriction.None) {
			if (handle !== 0 && this.book.ownerAt(handle) === userId) {
				this.book.takeOut(handle, this.tape);
				return;
			}
		}
		const reason = takesCancels(state)
			? this.cancelRejection(orderId, userId, command.restriction)
			: Rejection.MarketClosed;
		if (reason === Rejection.None) this.takeOut(orderId);
		else this.tape.refused(EventKind.CancelRejected, orderId, userId, reason);
	}

	cancelAll(command: CancelAllOrders): void {
		const { userId } = command;
		const { symbolId, state } = this.rules;
		const closed = !takesCancels(state);
		const open = closed ? [] : this.openIdsOf(userId);
		if (open.length === 0) {
			const reason = closed ? Rejection.MarketClosed : Rejection.UnknownOrder;
			this.tape.out.push({ kind: EventKind.CancelAllRejected, symbolId, userId, reason });
			return;
		}
		for (const orderId of open) this.takeOut(orderId);
		this.tape.out.push({ kind: EventKind.AllCanceled, symbolId, userId, count: open.length });
	}

	amend(command: AmendOrder): void {
		const { orderId, userId, newQtyLots } = command;
		const reason = this.amendRejection(command);
		if (reason !== Rejection.None) {
			this.tape.refused(EventKind.AmendRejected, orderId, userId, reason);
			return;
		}
		const cutLots = this.totalOf(orderId) - newQtyLots;
		const stop = this.stops.get(orderId);
		if (stop !== undefined) this.stops.resize(stop, newQtyLots);
		else this.book.reduce(this.book.find(orderId), cutLots, this.tape);
		this.tape.amended(orderId, userId, newQtyLots, cutLots);
	}

	nextOrderId(): number {
		this.desk.lastOrderId += 1;
		return this.desk.lastOrderId;
	}

	/** An admitted order's way to its rest or its end, and of the stops that it triggers. */
	start(orderId: number, userId: number, order: NewOrder): void {
		if (isStopType(order.type)) {
			this.stops.add(stopOf(orderId, userId, order));
			return;
		}
		this.fillTaker(orderId, userId, order);
		this.run(order.type, order.timeInForce, order.byQuote);
		this.triggerStops();
	}

	/** Why a new order cannot be taken by this market as it is now. */
	marketRejection(order: NewOrder): Rejection {
		if (isStopType(order.type)) {
			return hasTriggered(order, this.tape.lastTicks)
				? Rejection.WouldTriggerImmediately
				: Rejection.None;
		}
		if (order.type !== OrderType.LimitMaker) return Rejection.None;
		return this.reaches(order) ? Rejection.WouldTake : Rejection.None;
	}

	/** Why an order cannot be canceled; the state is checked before. */
	cancelRejection(orderId: number, userId: number, restriction: CancelRestriction): Rejection {
		const handle = this.book.find(orderId);
		const stop = handle === 0 ? this.stops.get(orderId) : undefined;
		const owner = handle === 0 ? stop?.userId : this.book.ownerAt(handle);
		if (owner !== userId) return Rejection.UnknownOrder;
		if (restriction === CancelRestriction.None) return Rejection.None;
		const traded = handle !== 0 && this.book.tradedAt(handle);
		const fits = traded === (restriction === CancelRestriction.OnlyPartiallyFilled);
		return fits ? Rejection.None : Rejection.CancelRestricted;
	}

	/** Cancels an open order: the level's change, if it was in the book, then its end. */
	takeOut(orderId: number): void {
		const handle = this.book.find(orderId);
		if (handle !== 0) {
			this.book.takeOut(handle, this.tape);
			return;
		}
		const stop = this.stops.get(orderId) as StopOrder;
		this.stops.remove(stop);
		this.tape.canceled(orderId, stop.userId, stop.qtyLots);
	}

	/** Whether a plain limit order rests as it is: it may, and reaches no one. */
	restsAtOnce(order: NewOrder): boolean {
		return order.timeInForce === TimeInForce.Gtc && !this.reaches(order);
	}

	/** Whether a limit order's price reaches an order of the other side. */
	reaches(order: Pick<NewOrder, "side" | "priceTicks">): boolean {
		if (order.side === Side.Sell) return this.book.bestTicks(Side.Buy) >= order.priceTicks;
		const best = this.book.bestTicks(Side.Sell);
		return best !== 0 && best <= order.priceTicks;
	}

	private placeRejection(command: PlaceOrder): Rejection {
		if (this.rules.state !== SymbolState.Trading) return Rejection.MarketClosed;
		const reason = formRejection(command, command.userId, this.rules);
		return reason === Rejection.None ? this.marketRejection(command) : reason;
	}

	private amendRejection(command: AmendOrder): Rejection {
		const { orderId, userId, newQtyLots } = command;
		const { state, maxQtyLots, stepLots } = this.rules;
		if (state !== SymbolState.Trading) return Rejection.MarketClosed;
		if (!isWhole(newQtyLots, 1, Number.MAX_SAFE_INTEGER)) return Rejection.InvalidOrder;
		if (!isOnGrid(newQtyLots, maxQtyLots, stepLots)) return Rejection.OutOfRange;
		const unknown = this.cancelRejection(orderId, userId, CancelRestriction.None);
		if (unknown !== Rejection.None) return unknown;
		const cut = this.totalOf(orderId) - newQtyLots;
		const leaves = this.leavesOf(orderId);
		return cut > 0 && cut < leaves ? Rejection.None : Rejection.AmendNotReducing;
	}

	private totalOf(orderId: number): number {
		const stop = this.stops.get(orderId);
		return stop === undefined ? this.book.totalAt(this.book.find(orderId)) : stop.qtyLots;
	}

	private leavesOf(orderId: number): number {
		const stop = this.stops.get(orderId);
		return stop === undefined ? this.book.leavesAt(this.book.find(orderId)) : stop.qtyLots;
	}

	private openIdsOf(userId: number): number[] {
		const ids = [...this.book.idsOf(userId), ...this.stops.idsOf(userId)];
		return ids.sort((a, b) => a - b);
	}

	private fillTaker(orderId: number, userId: number, order: NewOrder | StopOrder): void {
		const { taker } = this.desk;
		taker.orderId = orderId;
		taker.userId = userId;
		taker.side = order.side;
		taker.limitTicks = hasLimitPrice(order.type)
			? order.priceTicks
			: order.side === Side.Buy
				? this.rules.maxPriceTicks
				: 1;
		taker.qtyLots = order.qtyLots;
		taker.leavesLots = order.qtyLots === 0 ? Number.MAX_SAFE_INTEGER : order.qtyLots;
		taker.capped = order.capTickLots > 0;
		taker.capLeftTickLots = order.capTickLots;
		taker.displayLots = order.displayLots;
		taker.stpMode = order.stpMode;
		taker.makerFeePpm = order.makerFeePpm;
		taker.takerFeePpm = order.takerFeePpm;
		taker.traded = false;
		taker.prevented = false;
	}

	/** Matches the taker and says how it ended, or rests it. */
	private run(type: OrderType, timeInForce: TimeInForce, byQuote: boolean): void {
		const { taker } = this.desk;
		const { orderId, userId } = taker;
		const limited = hasLimitPrice(type);
		// A post-only order rests whatever its time in force says: it has passed the check already.
		const lasting = type === OrderType.LimitMaker ? TimeInForce.Gtc : timeInForce;
		if (limited && lasting === TimeInForce.Fok && !this.book.canFillWhole(taker)) {
			this.tape.expired(orderId, userId, taker.leavesLots, ExpiryReason.UnfilledFok);
			return;
		}
		this.book.match(taker, this.tape);
		if (taker.prevented) this.expireTaker(ExpiryReason.SelfTradePrevention);
		else if (taker.leavesLots === 0) this.tape.filled(orderId, userId);
		else if (limited && lasting === TimeInForce.Gtc) this.restTaker();
		else if (limited) this.expireTaker(ExpiryReason.UnfilledIoc);
		else if (byQuote && this.isSpent()) this.tape.filled(orderId, userId);
		else this.expireTaker(ExpiryReason.InsufficientLiquidity);
	}

	private restTaker(): void {
		const { taker } = this.desk;
		const { side, limitTicks } = taker;
		const shown = this.book.rest(
			taker.orderId,
			taker.userId,
			side,
			limitTicks,
			taker.qtyLots,
			taker.leavesLots,
			taker.displayLots,
			taker.stpMode,
			taker.makerFeePpm,
			taker.traded,
		);
		this.tape.levelChanged(side, limitTicks, shown);
	}

	private expireTaker(reason: ExpiryReason): void {
		const { taker } = this.desk;
		this.tape.expired(taker.orderId, taker.userId, taker.reportedLeaves(), reason);
	}

	/** Whether the taker's amount no longer buys a lot at the next price, or at its last without one. */
	private isSpent(): boolean {
		const { taker } = this.desk;
		const next = this.book.bestTicks(taker.side === Side.Buy ? Side.Sell : Side.Buy);
		const price = next === 0 ? this.tape.lastTicks : next;
		return taker.traded && taker.capLeftTickLots < price;
	}

	/** Each triggered stop to its end, then the next that the last price, as it is now, triggers. */
	private triggerStops(): void {
		if (this.stops.count === 0 || this.tape.lastTicks === 0) return;
		for (;;) {
			const stop = this.stops.next(this.tape.lastTicks);
			if (stop === undefined) return;
			this.stops.remove(stop);
			this.tape.triggered(stop.orderId, stop.userId);
			this.fillTaker(stop.orderId, stop.userId, stop);
			this.run(stop.type, stop.timeInForce, false);
		}
	}
}

/** The order as it waits for its trigger. */
export function stopOf(
	orderId: number,
	userId: number,
	o: Omit<StopOrder, "orderId" | "userId">,
): StopOrder {
	return {
		orderId,
		userId,
		side: o.side,
		type: o.type,
		timeInForce: o.timeInForce,
		priceTicks: hasLimitPrice(o.type) ? o.priceTicks : 0,
		qtyLots: o.qtyLots,
		capTickLots: o.capTickLots,
		stopPriceTicks: o.stopPriceTicks,
		displayLots: o.displayLots,
		stpMode: o.stpMode,
		makerFeePpm: o.makerFeePpm,
		takerFeePpm: o.takerFeePpm,
	};
}
