import { invariant } from "../../schemas/invariant.ts";
import { Side, type StpMode } from "../../schemas/order.ts";
import type { UsersOrder } from "../admission.ts";
import type { Book, RestingOrder } from "../book.ts";
import type { Taker } from "../taker.ts";
import type { Tape } from "../tape.ts";
import type { FastBooks } from "./fast-books.ts";
import { Ladder } from "./ladder.ts";
import type { LevelPass } from "./level-pass.ts";
import { HEAD, WORDS as LEVEL_WORDS, type LevelStore, TAIL } from "./level-store.ts";
import {
	ASIDE,
	CHAIN,
	FLAGS,
	ID,
	LEAVES,
	LEVEL,
	MAX_INT,
	NEXT,
	type OrderRecords,
	PREV,
	STP_SHIFT,
	TRADED,
	USER,
} from "./order-records.ts";
import type { OrderStore } from "./order-store.ts";
import type { ReadAhead } from "./read-ahead.ts";
import { type Queues, restingOrders } from "./resting-orders.ts";

/**
 * The book that trades: orders and levels are numbers into arrays, so that nothing is allocated per
 * command. A handle is the order's slot.
 */
export class FastBook implements Book {
	private readonly store: OrderStore;
	private readonly levels: LevelStore;
	private readonly passes: LevelPass;
	private readonly ahead: ReadAhead;
	/** Of this book among those that share the stores. */
	private readonly number: number;
	/** The blocks of levels, each by its lowest price. */
	private readonly ladder = new Ladder();
	/** Best levels and their prices in ticks; 0 when the side is empty. */
	private bid = 0;
	private ask = 0;
	private bidTicks = 0;
	private askTicks = 0;

	constructor(number: number, shared: FastBooks) {
		this.number = number;
		this.store = shared.orders;
		this.levels = shared.levels;
		this.passes = shared.passes;
		this.ahead = shared.ahead;
	}

	bestTicks(side: Side): number {
		return side === Side.Buy ? this.bidTicks : this.askTicks;
	}

	canFillWhole(taker: Taker): boolean {
		const { levels } = this;
		const buys = taker.side === Side.Buy;
		let wanted = taker.leavesLots;
		for (let level = buys ? this.ask : this.bid; level !== 0 && wanted > 0; ) {
			const price = levels.price(level);
			if (buys ? price > taker.limitTicks : price < taker.limitTicks) return false;
			const fillable = this.passes.fillableAt(level, taker, wanted);
			if (fillable < 0) return false;
			wanted -= fillable;
			level = buys ? this.above(level) : this.below(level);
		}
		return wanted <= 0;
	}

	match(taker: Taker, tape: Tape): void {
		const { levels } = this;
		const buys = taker.side === Side.Buy;
		for (;;) {
			const price = buys ? this.askTicks : this.bidTicks;
			if (price === 0 || (buys ? price > taker.limitTicks : price < taker.limitTicks)) return;
			if (taker.roomAt(price) === 0) return;
			const level = buys ? this.ask : this.bid;
			this.passes.pass(level, price, taker, tape);
			// Where the pass leaves orders behind, the taker has ended.
			if (levels.head(level) !== 0) return;
			this.close(level, price);
			if (taker.prevented) return;
		}
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
		const level = this.levelAt(side, priceTicks);
		const flags = makerFeePpm | (stpMode << STP_SHIFT) | (traded ? TRADED : 0);
		const slot = this.store.append(level, orderId, userId, qtyLots, leavesLots, flags);
		if (displayLots === 0) return this.levels.show(level, leavesLots);
		const shown = Math.min(displayLots, leavesLots);
		this.store.hide(slot, displayLots, shown);
		return this.levels.show(level, shown);
	}

	/** Written out, without a call but for what is seldom: half of all commands come to this. */
	restWhole(orderId: number, order: UsersOrder): number {
		const { store, levels } = this;
		const { side, priceTicks, qtyLots } = order;
		const found = levels.find(this.number, priceTicks);
		const level = found === 0 ? this.newLevel(priceTicks) : found;
		const queues = levels.ints;
		const queue = level * LEVEL_WORDS;
		const empty = queues[queue + HEAD] === 0;
		if (empty) this.open(level, side, priceTicks);
		const slot = store.newSlot();
		const { ints, buckets } = store;
		const id = orderId <= MAX_INT ? orderId : store.shorten(orderId, slot);
		const bucket = id & store.mask;
		ints[slot + ID] = id;
		ints[slot + CHAIN] = buckets[bucket] as number;
		ints[slot + USER] = order.userId;
		ints[slot + LEAVES] = qtyLots;
		ints[slot + FLAGS] = order.makerFeePpm | (order.stpMode << STP_SHIFT);
		ints[slot + NEXT] = 0;
		ints[slot + LEVEL] = level;
		buckets[bucket] = slot;
		if (empty) {
			queues[queue + HEAD] = slot;
		} else {
			const last = queues[queue + TAIL] as number;
			ints[slot + PREV] = last;
			ints[last + NEXT] = slot;
		}
		queues[queue + TAIL] = slot;
		return levels.show(level, qtyLots);
	}

	find(orderId: number): number {
		const slot = this.store.find(orderId);
		if (slot === 0) return 0;
		return this.levels.book(this.store.level(slot)) === this.number ? slot : 0;
	}

	foreseeOrder(orderId: number): void {
		this.ahead.order(orderId);
	}

	foreseePrice(priceTicks: number): void {
		this.ahead.price(this.number, priceTicks);
	}

	ownerAt(slot: number): number {
		return this.store.user(slot);
	}

	leavesAt(slot: number): number {
		return this.store.leaves(slot);
	}

	tradedAt(slot: number): boolean {
		return (this.store.flags(slot) & TRADED) !== 0;
	}

	totalAt(slot: number): number {
		return this.store.qty(slot);
	}

	sideAt(slot: number): Side {
		return this.sideOf(this.priceAt(slot));
	}

	priceAt(slot: number): number {
		return this.levels.price(this.store.level(slot));
	}

	/** Written out as `restWhole` is, for the orders that are whole in their records. */
	takeOut(slot: number, tape: Tape): void {
		const { store, levels } = this;
		const { ints, buckets } = store;
		const id = ints[slot + ID] as number;
		const level = ints[slot + LEVEL] as number;
		const price = levels.price(level);
		const side = this.sideOf(price);
		if (id < 0 || ((ints[slot + FLAGS] as number) & ASIDE) !== 0) {
			this.takeOutAny(slot, level, price, side, tape);
			return;
		}
		const user = (ints[slot + USER] as number) >>> 0;
		const leaves = ints[slot + LEAVES] as number;
		const next = ints[slot + NEXT] as number;
		const queues = levels.ints;
		const queue = level * LEVEL_WORDS;
		const shown = levels.show(level, -leaves);
		if (queues[queue + HEAD] === slot) {
			queues[queue + HEAD] = next;
		} else {
			const last = ints[slot + PREV] as number;
			ints[last + NEXT] = next;
			if (next === 0) queues[queue + TAIL] = last;
			else ints[next + PREV] = last;
		}
		const bucket = id & store.mask;
		if (buckets[bucket] === slot) buckets[bucket] = ints[slot + CHAIN] as number;
		else store.unchain(slot, buckets[bucket] as number);
		ints[slot + ID] = 0;
		ints[slot + FLAGS] = 0;
		ints[slot + NEXT] = store.firstFree;
		store.firstFree = slot;
		store.count -= 1;
		if (queues[queue + HEAD] === 0) this.close(level, price);
		tape.takenOut(id, user, leaves, side, price, shown);
	}

	private takeOutAny(slot: number, level: number, price: number, side: Side, tape: Tape): void {
		const { store, levels } = this;
		const id = store.id(slot);
		const user = store.user(slot);
		const leaves = store.leaves(slot);
		const shown = levels.show(level, -store.visible(slot));
		store.remove(slot, level);
		if (levels.head(level) === 0) this.close(level, price);
		tape.takenOut(id, user, leaves, side, price, shown);
	}

	reduce(slot: number, cutLots: number, tape: Tape): void {
		const { store, levels } = this;
		invariant(store.leaves(slot) > cutLots, "an amend leaves something");
		const level = store.level(slot);
		const before = store.visible(slot);
		store.cut(slot, cutLots);
		const change = store.visible(slot) - before;
		if (change === 0) return;
		const price = levels.price(level);
		tape.levelChanged(this.sideOf(price), price, levels.show(level, change));
	}

	idsOf(userId: number): number[] {
		const ids: number[] = [];
		for (const slot of this.slots()) {
			if (this.store.user(slot) === userId) ids.push(this.store.id(slot));
		}
		return ids.sort((a, b) => a - b);
	}

	depth(side: Side): [number, number][] {
		const { levels } = this;
		const depth: [number, number][] = [];
		for (const level of this.levelsOf(side))
			depth.push([levels.price(level), levels.visible(level)]);
		return depth;
	}

	orders(): Iterable<RestingOrder> {
		return restingOrders(this.store, this.queues());
	}

	/** Its orders as they are in a copy of the store that was made just now; to be looked through at any time. */
	ordersIn(copy: OrderRecords): Iterable<RestingOrder> {
		return restingOrders(copy, this.queues());
	}

	load(order: RestingOrder): void {
		const { side, priceTicks, displayLots, visibleLots } = order;
		const level = this.levelAt(side, priceTicks);
		const flags = order.makerFeePpm | (order.stpMode << STP_SHIFT) | (order.traded ? TRADED : 0);
		const { orderId, userId, qtyLots, leavesLots } = order;
		const slot = this.store.append(level, orderId, userId, qtyLots, leavesLots, flags);
		if (displayLots !== 0) this.store.hide(slot, displayLots, visibleLots);
		this.levels.show(level, visibleLots);
	}

	/** The level of a price, there or just opened, for an order that comes. */
	private levelAt(side: Side, priceTicks: number): number {
		const { levels } = this;
		const found = levels.find(this.number, priceTicks);
		const level = found === 0 ? this.newLevel(priceTicks) : found;
		if (levels.head(level) === 0) this.open(level, side, priceTicks);
		return level;
	}

	/** The level of a price whose block was not there, in a new one, still to be opened. */
	private newLevel(priceTicks: number): number {
		const { levels } = this;
		const level = levels.take(this.number, priceTicks);
		this.ladder.add(levels.lowestPrice(level));
		return level;
	}

	private open(level: number, side: Side, priceTicks: number): void {
		this.levels.open(level);
		if (side === Side.Buy) {
			if (priceTicks <= this.bidTicks) return;
			this.bid = level;
			this.bidTicks = priceTicks;
		} else if (this.askTicks === 0 || priceTicks < this.askTicks) {
			this.ask = level;
			this.askTicks = priceTicks;
		}
	}

	/** A level without orders goes, and its block when it was the last one there. */
	private close(level: number, priceTicks: number): void {
		const { levels } = this;
		if (priceTicks === this.bidTicks) {
			this.bid = this.below(level);
			this.bidTicks = this.bid === 0 ? 0 : levels.price(this.bid);
		} else if (priceTicks === this.askTicks) {
			this.ask = this.above(level);
			this.askTicks = this.ask === 0 ? 0 : levels.price(this.ask);
		}
		if (!levels.close(level)) return;
		this.ladder.remove(levels.lowestPrice(level));
		levels.release(level);
	}

	/** The next level with a lower price; 0 when there is none. */
	private below(level: number): number {
		const { levels } = this;
		const near = levels.below(level);
		if (near !== 0) return near;
		const price = this.ladder.below(levels.lowestPrice(level));
		return price < 0 ? 0 : levels.last(levels.find(this.number, price));
	}

	/** The next level with a higher price; 0 when there is none. */
	private above(level: number): number {
		const { levels } = this;
		const near = levels.above(level);
		if (near !== 0) return near;
		const price = this.ladder.above(levels.lowestPrice(level));
		return price < 0 ? 0 : levels.first(levels.find(this.number, price));
	}

	/** A side's levels, best first. */
	private *levelsOf(side: Side): IterableIterator<number> {
		const buys = side === Side.Buy;
		for (let level = buys ? this.bid : this.ask; level !== 0; ) {
			yield level;
			level = buys ? this.below(level) : this.above(level);
		}
	}

	/** Bids, then asks. */
	private queues(): Queues[] {
		const { levels } = this;
		return [Side.Buy, Side.Sell].map((side) => {
			const queues = { side, prices: [] as number[], heads: [] as number[] };
			for (const level of this.levelsOf(side)) {
				queues.prices.push(levels.price(level));
				queues.heads.push(levels.head(level));
			}
			return queues;
		});
	}

	private *slots(): IterableIterator<number> {
		for (const { heads } of this.queues()) {
			for (const head of heads) {
				for (let slot = head; slot !== 0; slot = this.store.next(slot)) yield slot;
			}
		}
	}

	/** Of a price that has a level: no bid is above the best one, no ask below. */
	private sideOf(priceTicks: number): Side {
		return priceTicks <= this.bidTicks ? Side.Buy : Side.Sell;
	}
}
