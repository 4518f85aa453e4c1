import { type Command, CommandKind, type NewOrder } from "../../schemas/command.ts";
import { type Event, EventKind, type MatchPrevented, type Traded } from "../../schemas/event.ts";
import { invariant } from "../../schemas/invariant.ts";
import { hasLimitPrice, isStopType, Side, StpMode } from "../../schemas/order.ts";
import { ANSWER_KINDS, isAnswer } from "../../schemas/testing/answer-kinds.ts";
import type { Engine } from "../engine.ts";
import { faultOfTurn, faultOfWaiting } from "./stops-check.ts";

/** An order as its events tell it. */
interface Told {
	readonly orderId: number;
	readonly userId: number;
	readonly symbolId: number;
	readonly order: NewOrder;
	qtyLots: number;
	usedLots: number;
	usedTickLots: number;
	ended: boolean;
	/** A stop that has not triggered. */
	waits: boolean;
	/** When it came to rest, among all that did; 0 before. */
	restedAt: number;
}

function check(holds: boolean, message: string): void {
	invariant(holds, `audit: ${message}`);
}

/**
 * Keeps account of an engine from its commands and events alone, and checks what must always hold:
 * quantities, caps, ends, gapless ids, price-time priority, no self-trade, the order of stops, the depth,
 * one answer of the command's kind.
 */
export class Auditor {
	private readonly told = new Map<number, Told>();
	private readonly counters = new Map<string, number>();
	private readonly levels = new Map<string, number>();
	/** By symbol, in ticks. */
	private readonly lastPrices = new Map<number, number>();
	/** The order that takes at the moment. */
	private active: Told | undefined;
	private rests = 0;

	/** Checks the events of one command, then the engine's state against what was told. */
	audit(command: Command, events: readonly Event[], engine: Engine): void {
		this.active = undefined;
		for (const [i, event] of events.entries()) {
			const last = i === events.length - 1;
			check(last || !isAnswer(event.kind), "an answer is the last event");
			const answers = ANSWER_KINDS[command.kind].includes(event.kind);
			check(!last || answers, "the last event answers, by one of the command's kind");
			this.hear(command, event);
		}
		for (const [symbolId, lastTicks] of this.lastPrices) {
			const fault = faultOfWaiting(this.open(symbolId), lastTicks);
			check(fault === null, `${fault}`);
		}
		for (const symbolId of [1, 2]) this.compareDepth(symbolId, engine);
		this.compareOrders(engine);
	}

	private hear(command: Command, event: Event): void {
		switch (event.kind) {
			case EventKind.OrderAdmitted:
			case EventKind.OrderReplacing:
				this.admit(command, event);
				break;
			case EventKind.OrderTriggered:
				this.restActive();
				this.active = this.live(event.orderId);
				this.trigger(this.active);
				break;
			case EventKind.Traded:
				this.trade(event);
				break;
			case EventKind.MatchPrevented:
				this.prevent(event);
				break;
			case EventKind.LevelChanged:
				this.count(`update ${event.symbolId}`, event.updateId);
				this.levels.set(`${event.symbolId} ${event.side} ${event.priceTicks}`, event.qtyLots);
				break;
			case EventKind.OrderFilled: {
				const order = this.live(event.orderId);
				check(order.order.byQuote || leaves(order) === 0, "a filled order has nothing left");
				order.ended = true;
				break;
			}
			case EventKind.OrderCanceled:
			case EventKind.OrderExpired: {
				const order = this.live(event.orderId);
				check(event.leavesLots === leaves(order), "an end says what was left");
				order.ended = true;
				break;
			}
			case EventKind.OrderAmended: {
				const order = this.live(event.orderId);
				check(order.qtyLots - event.newQtyLots === event.cutLots, "a cut is the difference");
				order.qtyLots = event.newQtyLots;
				check(leaves(order) > 0, "an amend leaves something");
				break;
			}
			default:
				this.restActive();
		}
	}

	private admit(command: Command, event: { orderId: number; userId: number; symbolId: number }) {
		check(
			command.kind === CommandKind.PlaceOrder || command.kind === CommandKind.CancelReplace,
			"only these place orders",
		);
		const order = command as NewOrder;
		this.count("order", event.orderId);
		const { orderId, userId, symbolId } = event;
		const qtyLots = order.qtyLots;
		const ended = false;
		const waits = isStopType(order.type);
		const told = { orderId, userId, symbolId, order, qtyLots, ended, waits };
		this.active = { ...told, usedLots: 0, usedTickLots: 0, restedAt: 0 };
		this.told.set(orderId, this.active);
	}

	private trigger(stop: Told): void {
		check(stop.waits, "an order triggers once");
		stop.waits = false;
		const lastTicks = this.lastPrices.get(stop.symbolId);
		if (lastTicks === undefined) return check(false, "a stop triggers before any trade");
		const fault = faultOfTurn(stop, this.open(stop.symbolId), lastTicks);
		check(fault === null, `${fault}`);
	}

	private open(symbolId: number): Told[] {
		return [...this.told.values()].filter((told) => told.symbolId === symbolId && !told.ended);
	}

	private trade(event: Traded): void {
		this.count(`trade ${event.symbolId}`, event.tradeId);
		const maker = this.live(event.makerOrderId);
		const taker = this.live(event.takerOrderId);
		check(taker === this.active, "the taker is the order whose turn it is");
		check(maker.order.priceTicks === event.priceTicks, "a trade is at the maker's price");
		check(accepts(taker, event.priceTicks), "a trade is within the taker's limit");
		const self = maker.userId === taker.userId && taker.order.stpMode !== StpMode.None;
		check(!self, "no self-trade under STP");
		check(event.qtyLots > 0, "a trade has a quantity");
		this.checkPriority(maker);
		this.lastPrices.set(event.symbolId, event.priceTicks);
		use(maker, event.priceTicks, event.qtyLots);
		use(taker, event.priceTicks, event.qtyLots);
		check(event.makerLeavesLots === leaves(maker), "a trade says what the maker has left");
	}

	private prevent(event: MatchPrevented): void {
		this.count(`prevented ${event.symbolId}`, event.preventedMatchId);
		const maker = this.live(event.makerOrderId);
		const taker = this.live(event.takerOrderId);
		check(maker.userId === taker.userId, "only one user's own orders are kept apart");
		this.checkPriority(maker);
		use(maker, event.priceTicks, event.makerPreventedLots);
		use(taker, event.priceTicks, event.takerPreventedLots);
	}

	/** No better, and no older one at the price; icebergs lose their place with every slice. */
	private checkPriority(maker: Told): void {
		for (const other of this.told.values()) {
			if (other.ended || other.restedAt === 0 || other.symbolId !== maker.symbolId) continue;
			if (other.order.side !== maker.order.side) continue;
			const better = other.order.priceTicks - maker.order.priceTicks;
			check(maker.order.side === Side.Buy ? better <= 0 : better >= 0, "the best price first");
			if (better !== 0 || other.order.displayLots > 0 || maker.order.displayLots > 0) continue;
			check(other.restedAt >= maker.restedAt, "the oldest first");
		}
	}

	private restActive(): void {
		const { active } = this;
		this.active = undefined;
		if (active === undefined || active.ended || active.waits) return;
		this.rests += 1;
		active.restedAt = this.rests;
	}

	private compareDepth(symbolId: number, engine: Engine): void {
		const { bids, asks } = engine.depth(symbolId);
		for (const [side, levels] of [bids, asks].entries()) {
			const told = [...this.levels].filter(
				([key, lots]) => key.startsWith(`${symbolId} ${side} `) && lots > 0,
			);
			check(told.length === levels.length, "depth from level changes has as many levels");
			for (const [price, lots] of levels) {
				check(this.levels.get(`${symbolId} ${side} ${price}`) === lots, "the same depth");
			}
		}
		const bid = engine.bestBid(symbolId);
		const ask = engine.bestAsk(symbolId);
		check(bid === (bids[0]?.[0] ?? 0) && ask === (asks[0]?.[0] ?? 0), "best prices head the depth");
		check(bid === 0 || ask === 0 || bid < ask, "the book is not crossed");
	}

	private compareOrders(engine: Engine): void {
		const open = [...engine.openOrders()];
		for (const view of open) {
			const order = this.live(view.orderId);
			const left = view.stop ? view.qtyLots : view.leavesLots;
			check(left === leaves(order), "an open order has left what was told");
			check(order.qtyLots === view.qtyLots, "and the total that was told");
		}
		const told = [...this.told.values()].filter((order) => !order.ended);
		check(told.length === open.length, "every order told of is open, or ended");
	}

	private live(orderId: number): Told {
		const order = this.told.get(orderId);
		check(order !== undefined && !order.ended, `events are of open orders: ${orderId}`);
		return order as Told;
	}

	private count(name: string, id: number): void {
		check(id === (this.counters.get(name) ?? 0) + 1, `${name} ids are gapless`);
		this.counters.set(name, id);
	}
}

function leaves(order: Told): number {
	return order.order.qtyLots === 0 ? 0 : order.qtyLots - order.usedLots;
}

function use(order: Told, priceTicks: number, lots: number): void {
	order.usedLots += lots;
	order.usedTickLots += priceTicks * lots;
	const { capTickLots, qtyLots } = order.order;
	check(qtyLots === 0 || order.usedLots <= order.qtyLots, "no more is used than the quantity");
	check(capTickLots === 0 || order.usedTickLots <= capTickLots, "no more is spent than the cap");
}

function accepts(taker: Told, priceTicks: number): boolean {
	const { type, side, priceTicks: limit } = taker.order;
	if (!hasLimitPrice(type)) return true;
	return side === Side.Buy ? priceTicks <= limit : priceTicks >= limit;
}
