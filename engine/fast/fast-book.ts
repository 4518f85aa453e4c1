import type { PlaceOrder } from "../../schemas/command.ts";
import { invariant } from "../../schemas/invariant.ts";
import { ExpiryReason, Side, StpMode } from "../../schemas/order.ts";
import type { Book, RestingOrder } from "../book.ts";
import type { Taker } from "../taker.ts";
import type { Tape } from "../tape.ts";
import type { FastBooks } from "./fast-books.ts";
import { Ladder } from "./ladder.ts";
import type { LevelStore } from "./level-store.ts";
import { FEE_MASK, ICEBERG, type OrderStore, STP_MASK, STP_SHIFT, TRADED } from "./order-store.ts";

/**
 * The book that trades: orders and levels are numbers into arrays, so that nothing is allocated per
 * command. A handle is the order's slot.
 */
export class FastBook implements Book {
	private readonly store: OrderStore;
	private readonly levels: LevelStore;
	private readonly bids = new Ladder(Side.Buy);
	private readonly asks = new Ladder(Side.Sell);
	/** Of this book among those that share the stores. */
	private readonly number: number;

	constructor(number: number, shared: FastBooks) {
		this.number = number;
		this.store = shared.orders;
		this.levels = shared.levels;
	}

	bestTicks(side: Side): number {
		return this.ladder(side).bestTicks;
	}

	canFillWhole(taker: Taker): boolean {
		const { levels } = this;
		const buys = taker.side === Side.Buy;
		const ladder = buys ? this.asks : this.bids;
		let wanted = taker.leavesLots;
		for (let level = ladder.best; level !== 0 && wanted > 0; ) {
			const price = levels.price(level);
			if (buys ? price > taker.limitTicks : price < taker.limitTicks) return false;
			const fillable = this.fillableAt(level, taker, wanted);
			if (fillable < 0) return false;
			wanted -= fillable;
			level = ladder.after(price);
		}
		return wanted <= 0;
	}

	match(taker: Taker, tape: Tape): void {
		const buys = taker.side === Side.Buy;
		const ladder = buys ? this.asks : this.bids;
		while (ladder.best !== 0) {
			const price = ladder.bestTicks;
			if (buys ? price > taker.limitTicks : price < taker.limitTicks) return;
			if (taker.roomAt(price) === 0) return;
			const level = ladder.best;
			this.passLevel(level, price, taker, tape);
			tape.levelChanged(buys ? Side.Sell : Side.Buy, price, this.levels.visible(level));
			// Where the pass leaves orders behind, the taker has ended.
			if (this.levels.head(level) !== 0) return;
			this.removeLevel(level);
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
		const owner = this.number * 2 + side;
		let level = this.levels.find(owner, priceTicks);
		if (level === 0) level = this.addLevel(side, priceTicks);
		const flags = makerFeePpm | (stpMode << STP_SHIFT) | (traded ? TRADED : 0);
		const slot = this.store.append(level, orderId, userId, qtyLots, leavesLots, flags);
		if (displayLots === 0) return this.levels.show(level, leavesLots);
		const shown = Math.min(displayLots, leavesLots);
		this.store.hide(slot, displayLots, shown);
		return this.levels.show(level, shown);
	}

	restWhole(orderId: number, order: PlaceOrder): number {
		const { side, priceTicks, qtyLots } = order;
		let level = this.levels.find(this.number * 2 + side, priceTicks);
		if (level === 0) level = this.addLevel(side, priceTicks);
		const flags = order.makerFeePpm | (order.stpMode << STP_SHIFT);
		this.store.append(level, orderId, order.userId, qtyLots, qtyLots, flags);
		return this.levels.show(level, qtyLots);
	}

	find(orderId: number): number {
		const slot = this.store.find(orderId);
		if (slot === 0) return 0;
		return this.levels.owner(this.store.level(slot)) >>> 1 === this.number ? slot : 0;
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
		return this.sideOf(this.store.level(slot));
	}

	priceAt(slot: number): number {
		return this.levels.price(this.store.level(slot));
	}

	remove(slot: number): number {
		const { store, levels } = this;
		const level = store.level(slot);
		const shown = levels.show(level, -store.visible(slot));
		store.remove(slot, level);
		if (levels.head(level) === 0) this.removeLevel(level);
		return shown;
	}

	reduce(slot: number, cutLots: number, tape: Tape): void {
		const { store, levels } = this;
		const left = store.leaves(slot) - cutLots;
		invariant(left > 0, "an amend leaves something");
		const level = store.level(slot);
		const before = store.visible(slot);
		store.cut(slot, cutLots);
		if ((store.flags(slot) & ICEBERG) !== 0) {
			const iceberg = store.iceberg(slot);
			iceberg.visibleLots = Math.min(iceberg.visibleLots, left);
		}
		const change = store.visible(slot) - before;
		if (change === 0) return;
		const shown = this.levels.show(level, change);
		tape.levelChanged(this.sideOf(level), levels.price(level), shown);
	}

	idsOf(userId: number): number[] {
		const ids: number[] = [];
		for (const slot of this.slots()) {
			if (this.store.user(slot) === userId) ids.push(this.store.id(slot));
		}
		return ids.sort((a, b) => a - b);
	}

	depth(side: Side): [number, number][] {
		const ladder = this.ladder(side);
		const { levels } = this;
		const depth: [number, number][] = [];
		for (let at = ladder.best; at !== 0; at = ladder.after(levels.price(at))) {
			depth.push([levels.price(at), levels.visible(at)]);
		}
		return depth;
	}

	*orders(): IterableIterator<RestingOrder> {
		for (const slot of this.slots()) yield this.view(slot);
	}

	load(order: RestingOrder): void {
		const { side, priceTicks, displayLots, visibleLots } = order;
		let level = this.levels.find(this.number * 2 + side, priceTicks);
		if (level === 0) level = this.addLevel(side, priceTicks);
		const flags = order.makerFeePpm | (order.stpMode << STP_SHIFT) | (order.traded ? TRADED : 0);
		const { orderId, userId, qtyLots, leavesLots } = order;
		const slot = this.store.append(level, orderId, userId, qtyLots, leavesLots, flags);
		if (displayLots !== 0) this.store.hide(slot, displayLots, visibleLots);
		this.levels.show(level, visibleLots);
	}

	/** Fills the taker from one level until one of them is used up. */
	private passLevel(level: number, price: number, taker: Taker, tape: Tape): void {
		const { store, levels } = this;
		for (let slot = levels.head(level); slot !== 0; slot = levels.head(level)) {
			const room = taker.roomAt(price);
			if (room === 0 || taker.prevented) return;
			const user = store.user(slot);
			if (user === taker.userId && taker.stpMode !== StpMode.None) {
				this.preventMatch(slot, level, price, room, taker, tape);
				continue;
			}
			const flags = store.flags(slot);
			const id = store.id(slot);
			const leaves = store.leaves(slot);
			const visible = (flags & ICEBERG) === 0 ? leaves : store.iceberg(slot).visibleLots;
			const lots = visible < room ? visible : room;
			taker.consume(price, lots);
			taker.traded = true;
			tape.traded(taker, id, user, flags & FEE_MASK, leaves - lots, price, lots);
			if (lots < leaves) {
				store.setFlags(slot, flags | TRADED);
				this.lose(slot, level, lots);
			} else {
				levels.show(level, -visible);
				store.remove(slot, level);
				tape.filled(id, user);
			}
		}
	}

	/** What a match does when taker and maker are one user's and the taker's mode forbids it. */
	private preventMatch(
		slot: number,
		level: number,
		price: number,
		room: number,
		taker: Taker,
		tape: Tape,
	): void {
		const { store } = this;
		const id = store.id(slot);
		const leaves = store.leaves(slot);
		const makerMode = (store.flags(slot) >>> STP_SHIFT) & STP_MASK;
		let mode = taker.stpMode;
		if (mode === StpMode.Transfer && makerMode !== mode) mode = StpMode.Decrement;
		let makerLots = 0;
		let takerLots = 0;
		if (mode === StpMode.Decrement || mode === StpMode.Transfer) {
			makerLots = Math.min(room, store.visible(slot));
			takerLots = makerLots;
		} else {
			if (mode !== StpMode.ExpireTaker) makerLots = leaves;
			if (mode !== StpMode.ExpireMaker) takerLots = room;
		}
		tape.prevented(taker, id, price, makerLots, takerLots, mode);
		if (takerLots > 0) {
			taker.consume(price, takerLots);
			taker.prevented = taker.roomAt(price) === 0;
		}
		if (makerLots === 0) return;
		this.lose(slot, level, makerLots);
		if (makerLots === leaves) {
			tape.expired(id, taker.userId, 0, ExpiryReason.SelfTradePrevention);
		}
	}

	/**
	 * Takes lots off the order at the head of a level: all that is left, or at most its visible slice.
	 * A used-up slice is followed by the next one, behind the queue.
	 */
	private lose(slot: number, level: number, lots: number): void {
		const { store } = this;
		const left = store.leaves(slot) - lots;
		if (left === 0) {
			this.levels.show(level, -store.visible(slot));
			store.remove(slot, level);
			return;
		}
		this.levels.show(level, -lots);
		store.take(slot, lots);
		if ((store.flags(slot) & ICEBERG) === 0) return;
		const iceberg = store.iceberg(slot);
		iceberg.visibleLots -= lots;
		if (iceberg.visibleLots > 0) return;
		iceberg.visibleLots = Math.min(iceberg.displayLots, left);
		this.levels.show(level, iceberg.visibleLots);
		store.requeue(slot, level);
	}

	/**
	 * Of what the taker wants, what would trade at a level: every visible slice in turn, hidden lots
	 * after them. Negative where prevention would take from the taker: it is not filled whole then.
	 */
	private fillableAt(level: number, taker: Taker, wanted: number): number {
		const { store } = this;
		let shown = 0;
		let hidden = 0;
		for (let slot = this.levels.head(level); slot !== 0; ) {
			if (shown >= wanted) return shown;
			if (store.user(slot) !== taker.userId || taker.stpMode === StpMode.None) {
				const visible = store.visible(slot);
				shown += visible;
				hidden += store.leaves(slot) - visible;
			} else if (taker.stpMode !== StpMode.ExpireMaker) {
				return -1;
			}
			slot = store.next(slot);
		}
		return shown + hidden;
	}

	private addLevel(side: Side, priceTicks: number): number {
		const level = this.levels.take(this.number * 2 + side, priceTicks);
		this.ladder(side).add(priceTicks, level);
		return level;
	}

	private removeLevel(level: number): void {
		this.ladder(this.sideOf(level)).remove(this.levels.price(level));
		this.levels.release(level);
	}

	/** All orders: bids, then asks, best price first, oldest first. */
	private *slots(): IterableIterator<number> {
		for (const ladder of [this.bids, this.asks]) {
			for (let level = ladder.best; level !== 0; ) {
				let slot = this.levels.head(level);
				for (; slot !== 0; slot = this.store.next(slot)) yield slot;
				level = ladder.after(this.levels.price(level));
			}
		}
	}

	private view(slot: number): RestingOrder {
		const { store, levels } = this;
		const level = store.level(slot);
		const flags = store.flags(slot);
		return {
			orderId: store.id(slot),
			userId: store.user(slot),
			side: this.sideOf(level),
			priceTicks: levels.price(level),
			qtyLots: store.qty(slot),
			leavesLots: store.leaves(slot),
			visibleLots: store.visible(slot),
			displayLots: (flags & ICEBERG) === 0 ? 0 : store.iceberg(slot).displayLots,
			stpMode: ((flags >>> STP_SHIFT) & STP_MASK) as StpMode,
			makerFeePpm: flags & FEE_MASK,
			traded: (flags & TRADED) !== 0,
		};
	}

	private sideOf(level: number): Side {
		return (this.levels.owner(level) & 1) as Side;
	}

	private ladder(side: Side): Ladder {
		return side === Side.Buy ? this.bids : this.asks;
	}
}
