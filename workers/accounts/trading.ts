import { namedInterval } from "../../schemas/api/named-interval.ts";
import { type Command, CommandKind } from "../../schemas/command.ts";
import { invariant } from "../../schemas/invariant.ts";
import {
	CancelReplaceMode,
	hasLimitPrice,
	isStopType,
	OrderStatus,
	OrderType,
	SymbolState,
} from "../../schemas/order.ts";
import { isOpen, type OrderState } from "../../schemas/order-state.ts";
import type {
	AmendAnswer,
	AmendRequest,
	Caller,
	CancelAllAnswer,
	CancelAnswer,
	CancelReplaceAnswer,
	CancelReplaceRequest,
	CancelRequest,
	Outcome,
	PlaceAnswer,
	PlaceRequest,
	Refusal,
} from "../../schemas/ports/account-service.ts";
import { Rejection } from "../../schemas/rejection.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import type { Lane, OutcomeOf } from "./answers.ts";
import type { Desk } from "./desk.ts";
import {
	type HoldNeed,
	holdNeed,
	isWellFormed,
	newOrderOf,
	paidAssetId,
	replaceExtra,
} from "./holds.ts";
import { rejected } from "./outcomes.ts";
import { takeCommand } from "./taking.ts";
import type { Tracked } from "./tracked.ts";

type Waiting<T> = Promise<Outcome<T>>;

/**
 * Trading calls: each is checked and its hold taken in one synchronous step, then its command goes
 * into the log, and its answer comes from the event.
 */
export class Trading {
	private readonly desk: Desk;

	constructor(desk: Desk) {
		this.desk = desk;
	}

	place(caller: Caller, request: PlaceRequest): Waiting<PlaceAnswer> {
		const nowMs = this.desk.clock.nowMs();
		const refused = this.enter(caller, "order", nowMs);
		if (refused !== null) return this.refuse(refused);
		const { userId } = caller;
		if (request.type !== OrderType.Market) return this.placeEntered(userId, request, nowMs);
		const { clock } = this.desk;
		return this.priced(caller, request, () => this.placeEntered(userId, request, clock.nowMs()));
	}

	cancel(caller: Caller, request: CancelRequest): Waiting<CancelAnswer> {
		const refused = this.enter(caller, "cancel");
		if (refused !== null) return this.refuse(refused);
		return this.cancelEntered(caller, request);
	}

	replace(caller: Caller, request: CancelReplaceRequest): Waiting<CancelReplaceAnswer> {
		const refused = this.enter(caller, "order");
		if (refused !== null) return this.refuse(refused);
		return this.priced(caller, request.place, (isLast) =>
			this.replaceEntered(caller, request, isLast),
		);
	}

	amend(caller: Caller, request: AmendRequest): Waiting<AmendAnswer> {
		const refused = this.enter(caller, "order");
		if (refused !== null) return this.refuse(refused);
		return this.amendEntered(caller, request);
	}

	cancelAll(caller: Caller, symbolId: number): Waiting<CancelAllAnswer> {
		const refused = this.enter(caller, "cancel");
		if (refused !== null) return this.refuse(refused);
		const { state, outcomes } = this.desk;
		const spec = state.market.symbol(symbolId);
		if (spec === undefined) return this.refuse(rejected(Rejection.UnknownSymbol));
		const { userId } = caller;
		if ((state.orders.counts(userId, symbolId)?.open ?? 0) === 0) {
			return this.refuse({ reason: "unknownOrder" });
		}
		const command: Command = { kind: CommandKind.CancelAllOrders, userId, symbolId };
		return this.send(spec.partition, command, "cancel", outcomes.allCanceled);
	}

	private placeEntered(userId: number, request: PlaceRequest, nowMs: number): Waiting<PlaceAnswer> {
		const spec = this.specFor(request);
		if ("reason" in spec) return this.refuse(spec);
		const limited =
			this.limitRefusal(userId, request, spec, nowMs) ?? this.nameRefusal(userId, request);
		if (limited !== null) return this.refuse(limited);
		const { balances, market, counts } = this.desk.state;
		const available = balances.available(userId, paidAssetId(spec, request.side));
		const need = holdNeed(spec, request, market.reference(spec.symbolId), available);
		if (typeof need === "string") return this.refuse({ reason: need });
		counts.add(userId, nowMs);
		const command: Command = {
			...newOrderOf(request, need, spec),
			kind: CommandKind.PlaceOrder,
			userId,
			symbolId: spec.symbolId,
			hold: { assetId: need.assetId, amount: need.amount },
		};
		return this.send(spec.partition, command, "order", this.desk.outcomes.placed);
	}

	private cancelEntered(caller: Caller, request: CancelRequest): Waiting<CancelAnswer> {
		const { userId } = caller;
		const target = this.target(userId, request);
		if ("reason" in target) return this.refuse(target);
		if (target.state.status === OrderStatus.Pending) {
			return this.afterAnswer(caller, "cancel", target, () => this.cancelEntered(caller, request));
		}
		const { symbolId, orderId, partition } = target.state;
		const command: Command = {
			kind: CommandKind.CancelOrder,
			userId,
			symbolId,
			orderId,
			restriction: request.restriction,
			clientOrderId: request.clientOrderId,
		};
		return this.send(partition, command, "cancel", this.desk.outcomes.canceled);
	}

	private amendEntered(caller: Caller, request: AmendRequest): Waiting<AmendAnswer> {
		const { userId } = caller;
		const target = this.target(userId, request);
		if ("reason" in target) return this.refuse(target);
		if (target.state.status === OrderStatus.Pending) {
			return this.afterAnswer(caller, "order", target, () => this.amendEntered(caller, request));
		}
		if (target.amend !== null) return this.refuse({ reason: "amendInFlight" });
		if (request.newQtyLots === target.state.qtyLots)
			return this.refuse({ reason: "amendNoChange" });
		if (this.isTooSmall(target.state, request.newQtyLots))
			return this.refuse({ reason: "minNotional" });
		if (request.clientOrderId !== target.state.clientOrderId) {
			const clash = this.clientIdRefusal(userId, request.clientOrderId);
			if (clash !== null) return this.refuse(clash);
		}
		const { symbolId, orderId, partition } = target.state;
		const { newQtyLots, clientOrderId } = request;
		const kind = CommandKind.AmendOrder;
		const command: Command = { kind, userId, symbolId, orderId, newQtyLots, clientOrderId };
		return this.send(partition, command, "order", this.desk.outcomes.amended);
	}

	/** NOTIONAL, which the edge checks of new orders: only here is an open order's price known. */
	private isTooSmall(order: OrderState, qtyLots: number): boolean {
		const spec = this.desk.state.market.symbol(order.symbolId);
		invariant(spec !== undefined, `the symbol ${order.symbolId} of an open order is known`);
		const priceTicks = hasLimitPrice(order.type) ? order.priceTicks : order.stopPriceTicks;
		return priceTicks * qtyLots < spec.filters.minNotionalTickLots;
	}

	private replaceEntered(
		caller: Caller,
		request: CancelReplaceRequest,
		isLast: boolean,
	): Waiting<CancelReplaceAnswer> {
		const { userId } = caller;
		const { place, cancel, mode } = request;
		const spec = this.specFor(place);
		if ("reason" in spec) return this.refuse(spec);
		const target = this.target(userId, cancel);
		const old = "reason" in target ? null : target;
		if (old?.state.status === OrderStatus.Pending) {
			return this.afterAnswer(caller, "order", old, () =>
				this.replaceEntered(caller, request, isLast),
			);
		}
		const limited = this.limitRefusal(userId, place, spec);
		if (limited !== null) return this.refuse(limited);
		if ("reason" in target && mode === CancelReplaceMode.StopOnFailure) {
			this.desk.state.counts.add(userId, this.desk.clock.nowMs());
			return this.neither(userId, target, { result: "notAttempted" });
		}
		const holds = this.nameRefusal(userId, place) ?? this.replaceHolds(userId, request, spec, old);
		if ("reason" in holds) {
			// What finds no price is tried once more; what finds no room for its id may be tried later.
			const mayStill =
				(holds.reason === "noPrice" && !isLast) || holds.reason === "tooManyClientOrderIds";
			if (!("reason" in target) || mayStill) return this.refuse(holds);
			return this.neither(userId, target, { result: "failure", refusal: holds });
		}
		const { need, extra } = holds;
		this.desk.state.counts.add(userId, this.desk.clock.nowMs());
		const command: Command = {
			...newOrderOf(place, need, spec),
			kind: CommandKind.CancelReplace,
			userId,
			symbolId: spec.symbolId,
			mode,
			cancelOrderId: old?.state.orderId ?? 0,
			cancelRestriction: cancel.restriction,
			cancelClientOrderId: cancel.clientOrderId,
			hold: { assetId: need.assetId, amount: extra },
			needAmount: need.amount,
		};
		const unfound = "reason" in target ? target : null;
		return this.send(spec.partition, command, "order", (settled) =>
			this.desk.outcomes.replaced(settled, unfound),
		);
	}

	/** The whole hold of the new order, and what of it must be taken now. */
	private replaceHolds(
		userId: number,
		{ place, mode }: CancelReplaceRequest,
		spec: SymbolSpec,
		old: Tracked | null,
	): { readonly need: HoldNeed; readonly extra: bigint } | Refusal {
		const { balances, market } = this.desk.state;
		const available = balances.available(userId, paidAssetId(spec, place.side));
		const oldHeld = old !== null && old.state.side === place.side ? old.state.heldAmount : 0n;
		const prices = market.reference(spec.symbolId);
		const need = holdNeed(spec, place, prices, available + oldHeld);
		if (typeof need === "string") return { reason: need };
		const allowFailure = mode === CancelReplaceMode.AllowFailure;
		const extra = replaceExtra(need.amount, oldHeld, allowFailure, available);
		return typeof extra === "string" ? { reason: extra } : { need, extra };
	}

	/** Nothing to cancel, and nothing that could be placed: known before the log is asked. */
	private neither(
		userId: number,
		refusal: Refusal,
		place: CancelReplaceAnswer["place"],
	): Waiting<CancelReplaceAnswer> {
		const { answers, state, clock } = this.desk;
		const orderCounts = state.counts.of(userId, clock.nowMs());
		const cancel = { result: "failure", refusal } as const;
		const value: CancelReplaceAnswer = { cancel, place, orderCounts };
		return Promise.resolve(answers.now({ ok: true, value }));
	}

	private enter(caller: Caller, lane: Lane, nowMs = this.desk.clock.nowMs()): Refusal | null {
		// A call that was sent to the wrong shard: what is true of its user is not known here.
		if (!this.desk.state.isMine(caller.userId)) return { reason: "unknown" };
		// Also of a call that is shed the signature counts: of two copies one could be shed and one taken.
		const refused = this.desk.callers.refusalOf(caller, lane, this.ts(nowMs));
		return refused ?? this.desk.overload(lane);
	}

	/** What a command would be stamped with now: the wall clock, never going back. */
	private ts(nowMs: number): number {
		return Math.max(this.desk.writer.lastStampedTs(), nowMs);
	}

	private specFor(request: PlaceRequest): SymbolSpec | Refusal {
		const spec = this.desk.state.market.symbol(request.symbolId);
		if (spec === undefined) return rejected(Rejection.UnknownSymbol);
		if (spec.state !== SymbolState.Trading) return rejected(Rejection.MarketClosed);
		return isWellFormed(request) ? spec : rejected(Rejection.InvalidOrder);
	}

	/** Limits of this user: open orders, orders per window. */
	private limitRefusal(
		userId: number,
		request: PlaceRequest,
		spec: SymbolSpec,
		nowMs = this.desk.clock.nowMs(),
	): Refusal | null {
		const { counts, orders } = this.desk.state;
		const { maxNumOrders, maxNumStopOrders } = spec.filters;
		const open = orders.counts(userId, spec.symbolId);
		if (open !== undefined && request.type !== OrderType.Market) {
			if (maxNumOrders > 0 && open.open >= maxNumOrders) return { reason: "maxNumOrders" };
			const isFull = maxNumStopOrders > 0 && open.stops >= maxNumStopOrders;
			if (isFull && isStopType(request.type)) return { reason: "maxNumStopOrders" };
		}
		const exceeded = counts.exceeded(userId, nowMs);
		if (exceeded === null) return null;
		const { limit, retryAfterMs } = exceeded;
		const { interval, intervalNum } = namedInterval(limit.intervalMs);
		const detail = `${limit.limit} orders per ${intervalNum} ${interval}`;
		return { reason: "tooManyOrders", detail, retryAfterMs };
	}

	private nameRefusal(userId: number, request: PlaceRequest): Refusal | null {
		return request.clientIdGiven ? this.clientIdRefusal(userId, request.clientOrderId) : null;
	}

	private clientIdRefusal(userId: number, clientOrderId: string): Refusal | null {
		const { clientIds, settings } = this.desk.state;
		if (clientIds.clashes(userId, clientOrderId, this.ts(this.desk.clock.nowMs())))
			return { reason: "duplicateOrder" };
		if (!clientIds.isFull(userId)) return null;
		return { reason: "tooManyClientOrderIds", retryAfterMs: settings.retryAfterMs };
	}

	/** The open (or unanswered) order that a request names. */
	private target(
		userId: number,
		request: {
			readonly symbolId: number;
			readonly orderId: number;
			readonly origClientOrderId: string;
		},
	): Tracked | Refusal {
		const { orders } = this.desk.state;
		const { symbolId, orderId, origClientOrderId } = request;
		const tracked =
			orderId > 0
				? orders.find(symbolId, orderId)
				: orders.findByClientId(userId, symbolId, origClientOrderId);
		if (tracked === undefined || tracked.state.userId !== userId) {
			return { reason: "unknownOrder" };
		}
		if (orderId > 0 && origClientOrderId !== "") {
			if (tracked.state.clientOrderId !== origClientOrderId) {
				return { reason: "clientOrderIdMismatch" };
			}
		}
		return isOpen(tracked.state.status) ? tracked : { reason: "unknownOrder" };
	}

	private send<T>(
		partition: number,
		command: Command,
		lane: Lane,
		outcomeOf: OutcomeOf<T>,
	): Waiting<T> {
		const { state, writer, answers } = this.desk;
		const record = writer.write(partition, command);
		takeCommand(state, partition, record);
		return answers.expect(partition, record.seq, lane, outcomeOf);
	}

	/** Goes on when the order's own command has been answered; until then it has a place in its lane. */
	private afterAnswer<T>(
		caller: Caller,
		lane: Lane,
		order: Tracked,
		goOn: () => Waiting<T>,
	): Waiting<T> {
		const leave = this.desk.answers.wait(lane);
		return new Promise((resolve) => {
			order.onAnswered(() => {
				leave();
				resolve(this.ifStillMay(caller, goOn));
			});
		});
	}

	/** Goes on after a wait, unless the key was revoked or the user frozen meanwhile. */
	private ifStillMay<T>(caller: Caller, goOn: () => Waiting<T>): Waiting<T> {
		const refused = this.desk.state.access.refusalOf(caller);
		return refused === null ? goOn() : this.refuse(refused);
	}

	/**
	 * Who was told of an order by another shard may come here before its event does. So what finds no price
	 * is tried again once a command without effect, which stands behind that event in the log, is answered.
	 */
	private async priced<T>(
		caller: Caller,
		{ symbolId }: PlaceRequest,
		attempt: (isLast: boolean) => Waiting<T>,
	): Waiting<T> {
		const outcome = await attempt(false);
		if (outcome.ok || outcome.refusal.reason !== "noPrice") return outcome;
		const { partition } = this.desk.state.market.symbolOfEvent(symbolId);
		const beat: Command = { kind: CommandKind.Beat };
		const caughtUp = await this.send<null>(partition, beat, "order", () => ({
			ok: true,
			value: null,
		}));
		return caughtUp.ok ? this.ifStillMay(caller, () => attempt(true)) : caughtUp;
	}

	private refuse<T>(refusal: Refusal): Waiting<T> {
		return Promise.resolve(this.desk.answers.now<T>({ ok: false, refusal }));
	}
}
