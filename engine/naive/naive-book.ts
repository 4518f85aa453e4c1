import { invariant } from "../../schemas/invariant.ts";
import { ExpiryReason, Side, StpMode } from "../../schemas/order.ts";
import type { UsersOrder } from "../admission.ts";
import type { Book, BookFactory, RestingOrder } from "../book.ts";
import type { Taker } from "../taker.ts";
import type { Tape } from "../tape.ts";

type Entry = { -readonly [K in keyof RestingOrder]: RestingOrder[K] };

/**
 * The rulebook as code: each side is one array, best price first and oldest first within a price.
 * Slow on purpose; the fast book is held against it.
 */
class NaiveBook implements Book {
	private readonly bids: Entry[] = [];
	private readonly asks: Entry[] = [];

	bestTicks(side: Side): number {
		return this.sideOf(side)[0]?.priceTicks ?? 0;
	}

	canFillWhole(taker: Taker): boolean {
		let wanted = taker.leavesLots;
		const reachable = this.opposite(taker).filter((maker) => accepts(taker, maker.priceTicks));
		for (const price of new Set(reachable.map((maker) => maker.priceTicks))) {
			const level = reachable.filter((maker) => maker.priceTicks === price);
			// First everyone's visible slice in turn; hidden quantity comes after them.
			for (const maker of level) {
				if (wanted <= 0) return true;
				if (!isSelfTrade(taker, maker)) wanted -= maker.visibleLots;
				else if (taker.stpMode !== StpMode.ExpireMaker) return false;
			}
			for (const maker of level) {
				if (!isSelfTrade(taker, maker)) wanted -= maker.leavesLots - maker.visibleLots;
			}
		}
		return wanted <= 0;
	}

	match(taker: Taker, tape: Tape): void {
		const makers = this.opposite(taker);
		let touched = 0;
		while (makers.length > 0) {
			const maker = makers[0] as Entry;
			const price = maker.priceTicks;
			if (touched !== 0 && touched !== price) {
				this.tellLevel(maker.side, touched, tape);
				touched = 0;
			}
			if (!accepts(taker, price)) break;
			const room = taker.roomAt(price);
			if (room === 0 || taker.prevented) break;
			touched = price;
			if (isSelfTrade(taker, maker)) this.preventMatch(taker, maker, room, tape);
			else this.trade(taker, maker, room, tape);
		}
		if (touched !== 0) this.tellLevel(opposite(taker.side), touched, tape);
	}

	rest(
		orderId: number,
		userId: number,
		side: Side,
		priceTicks: number,
		qtyLots: number,
		leavesLots: number,
		displayLots: number,
		stpMode: StpMode,
		makerFeePpm: number,
		traded: boolean,
	): number {
		this.queue({
			orderId,
			userId,
			side,
			priceTicks,
			qtyLots,
			leavesLots,
			visibleLots: sliceOf(displayLots, leavesLots),
			displayLots,
			stpMode,
			makerFeePpm,
			traded,
		});
		return this.visibleAt(side, priceTicks);
	}

	restWhole(orderId: number, order: UsersOrder): number {
		const { userId, side, priceTicks, qtyLots, stpMode, makerFeePpm } = order;
		return this.rest(
			orderId,
			userId,
			side,
			priceTicks,
			qtyLots,
			qtyLots,
			0,
			stpMode,
			makerFeePpm,
			false,
		);
	}

	/** The handle is the order id itself. */
	find(orderId: number): number {
		return this.all().some((order) => order.orderId === orderId) ? orderId : 0;
	}

	foreseeOrder(): void {}

	foreseePrice(): void {}

	ownerAt(handle: number): number {
		return this.at(handle).userId;
	}

	leavesAt(handle: number): number {
		return this.at(handle).leavesLots;
	}

	tradedAt(handle: number): boolean {
		return this.at(handle).traded;
	}

	totalAt(handle: number): number {
		return this.at(handle).qtyLots;
	}

	sideAt(handle: number): Side {
		return this.at(handle).side;
	}

	priceAt(handle: number): number {
		return this.at(handle).priceTicks;
	}

	takeOut(handle: number, tape: Tape): void {
		const order = this.at(handle);
		this.drop(order);
		const { orderId, userId, leavesLots, side, priceTicks } = order;
		tape.takenOut(orderId, userId, leavesLots, side, priceTicks, this.visibleAt(side, priceTicks));
	}

	reduce(handle: number, cutLots: number, tape: Tape): void {
		const order = this.at(handle);
		const shownBefore = order.visibleLots;
		order.qtyLots -= cutLots;
		order.leavesLots -= cutLots;
		order.visibleLots = Math.min(order.visibleLots, order.leavesLots);
		invariant(order.leavesLots > 0, "an amend leaves something");
		if (order.visibleLots !== shownBefore) this.tellLevel(order.side, order.priceTicks, tape);
	}

	idsOf(userId: number): number[] {
		return this.all()
			.filter((order) => order.userId === userId)
			.map((order) => order.orderId)
			.sort((a, b) => a - b);
	}

	depth(side: Side): [number, number][] {
		const prices = new Set(this.sideOf(side).map((order) => order.priceTicks));
		return [...prices].map((price) => [price, this.visibleAt(side, price)]);
	}

	orders(): Iterable<RestingOrder> {
		return this.all().map((order) => ({ ...order }));
	}

	load(order: RestingOrder): void {
		this.queue({ ...order });
	}

	private trade(taker: Taker, maker: Entry, room: number, tape: Tape): void {
		const lots = Math.min(room, maker.visibleLots);
		taker.consume(maker.priceTicks, lots);
		taker.traded = true;
		this.take(maker, lots);
		maker.traded = true;
		const { orderId, userId, makerFeePpm, leavesLots, priceTicks } = maker;
		tape.traded(taker, orderId, userId, makerFeePpm, leavesLots, priceTicks, lots);
		if (leavesLots === 0) tape.filled(orderId, userId);
	}

	/** Two orders of one user meet and the taker's mode forbids the trade. */
	private preventMatch(taker: Taker, maker: Entry, room: number, tape: Tape): void {
		const bothTransfer = taker.stpMode === StpMode.Transfer && maker.stpMode === StpMode.Transfer;
		const mode =
			taker.stpMode === StpMode.Transfer && !bothTransfer ? StpMode.Decrement : taker.stpMode;
		const lost = { maker: 0, taker: 0 };
		switch (mode) {
			case StpMode.ExpireMaker:
				lost.maker = maker.leavesLots;
				break;
			case StpMode.ExpireTaker:
				lost.taker = room;
				break;
			case StpMode.ExpireBoth:
				lost.maker = maker.leavesLots;
				lost.taker = room;
				break;
			default:
				lost.maker = Math.min(room, maker.visibleLots);
				lost.taker = lost.maker;
		}
		const price = maker.priceTicks;
		taker.consume(price, lost.taker);
		if (lost.maker === maker.leavesLots) {
			maker.leavesLots = 0;
			this.drop(maker);
		} else if (lost.maker > 0) {
			this.take(maker, lost.maker);
		}
		if (lost.taker > 0 && taker.roomAt(price) === 0) taker.prevented = true;
		tape.prevented(taker, maker.orderId, price, lost.maker, lost.taker, mode);
		if (maker.leavesLots === 0) {
			tape.expired(maker.orderId, maker.userId, 0, ExpiryReason.SelfTradePrevention);
		}
	}

	/** Takes lots off the visible slice; a used-up iceberg shows its next slice behind the queue. */
	private take(maker: Entry, lots: number): void {
		maker.leavesLots -= lots;
		maker.visibleLots -= lots;
		invariant(maker.visibleLots >= 0, "no more is taken than the level shows");
		if (maker.visibleLots > 0) return;
		this.drop(maker);
		if (maker.leavesLots === 0) return;
		maker.visibleLots = sliceOf(maker.displayLots, maker.leavesLots);
		this.queue(maker);
	}

	/** Behind all orders of its price or a better one. */
	private queue(order: Entry): void {
		const orders = this.sideOf(order.side);
		const worse = orders.findIndex((other) =>
			order.side === Side.Buy
				? other.priceTicks < order.priceTicks
				: other.priceTicks > order.priceTicks,
		);
		orders.splice(worse === -1 ? orders.length : worse, 0, order);
	}

	private drop(order: Entry): void {
		const orders = this.sideOf(order.side);
		orders.splice(orders.indexOf(order), 1);
	}

	private tellLevel(side: Side, priceTicks: number, tape: Tape): void {
		tape.levelChanged(side, priceTicks, this.visibleAt(side, priceTicks));
	}

	private visibleAt(side: Side, priceTicks: number): number {
		let total = 0;
		for (const order of this.sideOf(side)) {
			if (order.priceTicks === priceTicks) total += order.visibleLots;
		}
		invariant(Number.isSafeInteger(total), "a level's total is exact");
		return total;
	}

	private at(handle: number): Entry {
		const order = this.all().find((candidate) => candidate.orderId === handle);
		invariant(order !== undefined, "a handle names an order in the book");
		return order;
	}

	private all(): Entry[] {
		return [...this.bids, ...this.asks];
	}

	private sideOf(side: Side): Entry[] {
		return side === Side.Buy ? this.bids : this.asks;
	}

	private opposite(taker: Taker): Entry[] {
		return this.sideOf(opposite(taker.side));
	}
}

/** Books that share nothing. */
export class NaiveBooks implements BookFactory {
	readonly inPlaceBytes = 0;
	readonly outgrowCache = false;

	private readonly bySymbol = new Map<number, Book>();

	create(symbolId: number): Book {
		const book = new NaiveBook();
		this.bySymbol.set(symbolId, book);
		return book;
	}

	readAhead(): void {}

	freeze(): Map<number, Iterable<RestingOrder>> {
		return new Map([...this.bySymbol].map(([id, book]) => [id, book.orders()]));
	}
}

function opposite(side: Side): Side {
	return side === Side.Buy ? Side.Sell : Side.Buy;
}

function accepts(taker: Taker, priceTicks: number): boolean {
	return taker.side === Side.Buy ? priceTicks <= taker.limitTicks : priceTicks >= taker.limitTicks;
}

function isSelfTrade(taker: Taker, maker: Entry): boolean {
	return taker.userId === maker.userId && taker.stpMode !== StpMode.None;
}

function sliceOf(displayLots: number, leavesLots: number): number {
	return displayLots === 0 ? leavesLots : Math.min(displayLots, leavesLots);
}
