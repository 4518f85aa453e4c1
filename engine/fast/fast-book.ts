import { invariant } from "../../schemas/invariant.ts";
import { ExpiryReason, Side, StpMode } from "../../schemas/order.ts";
import type { Book, RestingOrder } from "../book.ts";
import type { Taker } from "../taker.ts";
import type { Tape } from "../tape.ts";
import type { FastBooks } from "./fast-books.ts";
import type { IdIndex } from "./id-index.ts";
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
	private readonly index: IdIndex;
	private readonly bids = new Ladder(Side.Buy);
	private readonly asks = new Ladder(Side.Sell);
	/** Of this book among those that share the stores. */
	private readonly number: number;

	constructor(number: number, shared: FastBooks) {
		this.number = number;
		this.store = shared.orders;
		this.levels = shared.levels;
		this.index = shared.index;
	}

	bestTicks(side: Side): number {
		const { best } = this.ladder(side);
		return best === 0 ? 0 : (this.levels.price[best] as number);
	}

	canFillWhole(taker: Taker): boolean {
		const { levels } = this;
		const buys = taker.side === Side.Buy;
		const ladder = buys ? this.asks : this.bids;
		let wanted = taker.leavesLots;
		for (let level = ladder.best; level !== 0 && wanted > 0; ) {
			const price = levels.price[level] as number;
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
		const makerSide = buys ? Side.Sell : Side.Buy;
		const ladder = buys ? this.asks : this.bids;
		const { levels } = this;
		for (let level = ladder.best; level !== 0; level = ladder.best) {
			const price = levels.price[level] as number;
			if (buys ? price > taker.limitTicks : price < taker.limitTicks) return;
			if (taker.roomAt(price) === 0) return;
			this.passLevel(level, price, taker, tape);
			tape.levelChanged(makerSide, price, levels.visible[level] as number);
			// Where the pass leaves orders behind, the taker has ended.
			if (levels.head[level] !== 0) return;
			ladder.remove(price);
			levels.release(level);
			if (taker.prevented) return;
		}
	}

	rest(taker: Taker, tape: Tape): void {
		const { side, limitTicks: price, leavesLots, displayLots } = taker;
		const slot = this.append(taker.orderId, side, price);
		const { store } = this;
		store.user[slot] = taker.userId;
		store.qty[slot] = taker.qtyLots;
		store.leaves[slot] = leavesLots;
		store.flags[slot] =
			taker.makerFeePpm | (taker.stpMode << STP_SHIFT) | (taker.traded ? TRADED : 0);
		if (displayLots !== 0) store.hide(slot, displayLots, Math.min(displayLots, leavesLots));
		const level = store.level[slot] as number;
		tape.levelChanged(side, price, this.show(level, store.visible(slot)));
	}

	find(orderId: number): number {
		const slot = this.index.get(orderId);
		if (slot === 0) return 0;
		const owner = this.levels.owner[this.store.level[slot] as number] as number;
		return owner >>> 1 === this.number ? slot : 0;
	}

	ownerAt(slot: number): number {
		return this.store.user[slot] as number;
	}

	leavesAt(slot: number): number {
		return this.store.leaves[slot] as number;
	}

	tradedAt(slot: number): boolean {
		return ((this.store.flags[slot] as number) & TRADED) !== 0;
	}

	view(slot: number): RestingOrder {
		const { store, levels } = this;
		const level = store.level[slot] as number;
		const flags = store.flags[slot] as number;
		return {
			orderId: store.id[slot] as number,
			userId: store.user[slot] as number,
			side: this.sideOf(level),
			priceTicks: levels.price[level] as number,
			qtyLots: store.qty[slot] as number,
			leavesLots: store.leaves[slot] as number,
			visibleLots: store.visible(slot),
			displayLots: (flags & ICEBERG) === 0 ? 0 : store.iceberg(slot).displayLots,
			stpMode: ((flags >>> STP_SHIFT) & STP_MASK) as StpMode,
			makerFeePpm: flags & FEE_MASK,
			traded: (flags & TRADED) !== 0,
		};
	}

	remove(slot: number, tape: Tape): void {
		const { store, levels } = this;
		const level = store.level[slot] as number;
		const side = this.sideOf(level);
		const price = levels.price[level] as number;
		const shown = this.show(level, -store.visible(slot));
		this.drop(slot);
		tape.levelChanged(side, price, shown);
		if (levels.head[level] !== 0) return;
		this.ladder(side).remove(price);
		levels.release(level);
	}

	reduce(slot: number, cutLots: number, tape: Tape): void {
		const { store, levels } = this;
		const left = (store.leaves[slot] as number) - cutLots;
		invariant(left > 0, "an amend leaves something");
		const level = store.level[slot] as number;
		const before = store.visible(slot);
		store.qty[slot] = (store.qty[slot] as number) - cutLots;
		store.leaves[slot] = left;
		if (((store.flags[slot] as number) & ICEBERG) !== 0) {
			const iceberg = store.iceberg(slot);
			iceberg.visibleLots = Math.min(iceberg.visibleLots, left);
		}
		const change = store.visible(slot) - before;
		if (change === 0) return;
		const shown = this.show(level, change);
		tape.levelChanged(this.sideOf(level), levels.price[level] as number, shown);
	}

	idsOf(userId: number): number[] {
		const ids: number[] = [];
		for (const slot of this.slots()) {
			if (this.store.user[slot] === userId) ids.push(this.store.id[slot] as number);
		}
		return ids.sort((a, b) => a - b);
	}

	depth(side: Side): [number, number][] {
		const ladder = this.ladder(side);
		const { price, visible } = this.levels;
		const depth: [number, number][] = [];
		for (let at = ladder.best; at !== 0; at = ladder.after(price[at] as number)) {
			depth.push([price[at] as number, visible[at] as number]);
		}
		return depth;
	}

	*orders(): IterableIterator<RestingOrder> {
		for (const slot of this.slots()) yield this.view(slot);
	}

	load(order: RestingOrder): void {
		const slot = this.append(order.orderId, order.side, order.priceTicks);
		const { store } = this;
		store.user[slot] = order.userId;
		store.qty[slot] = order.qtyLots;
		store.leaves[slot] = order.leavesLots;
		store.flags[slot] =
			order.makerFeePpm | (order.stpMode << STP_SHIFT) | (order.traded ? TRADED : 0);
		if (order.displayLots !== 0) store.hide(slot, order.displayLots, order.visibleLots);
		this.show(store.level[slot] as number, order.visibleLots);
	}

	/** Fills the taker from one level until one of them is used up. */
	private passLevel(level: number, price: number, taker: Taker, tape: Tape): void {
		const { store, levels } = this;
		const { head } = levels;
		for (let slot = head[level] as number; slot !== 0; slot = head[level] as number) {
			const room = taker.roomAt(price);
			if (room === 0 || taker.prevented) return;
			const user = store.user[slot] as number;
			if (user === taker.userId && taker.stpMode !== StpMode.None) {
				this.preventMatch(slot, level, price, room, taker, tape);
				continue;
			}
			const lots = Math.min(room, store.visible(slot));
			const left = (store.leaves[slot] as number) - lots;
			const flags = store.flags[slot] as number;
			const id = store.id[slot] as number;
			taker.consume(price, lots);
			taker.traded = true;
			tape.traded(taker, id, user, flags & FEE_MASK, left, price, lots);
			store.flags[slot] = flags | TRADED;
			this.lose(slot, level, lots);
			if (left === 0) tape.filled(id, user);
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
		const id = store.id[slot] as number;
		const leaves = store.leaves[slot] as number;
		const makerMode = ((store.flags[slot] as number) >>> STP_SHIFT) & STP_MASK;
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
		const left = (store.leaves[slot] as number) - lots;
		if (left === 0) {
			this.show(level, -store.visible(slot));
			this.drop(slot);
			return;
		}
		this.show(level, -lots);
		store.leaves[slot] = left;
		if (((store.flags[slot] as number) & ICEBERG) === 0) return;
		const iceberg = store.iceberg(slot);
		iceberg.visibleLots -= lots;
		if (iceberg.visibleLots > 0) return;
		iceberg.visibleLots = Math.min(iceberg.displayLots, left);
		this.show(level, iceberg.visibleLots);
		this.unlink(slot, level);
		this.link(slot, level);
	}

	/**
	 * Of what the taker wants, what would trade at a level: every visible slice in turn, hidden lots
	 * after them. Negative where prevention would take from the taker: it is not filled whole then.
	 */
	private fillableAt(level: number, taker: Taker, wanted: number): number {
		const { store } = this;
		let shown = 0;
		let hidden = 0;
		for (let slot = this.levels.head[level] as number; slot !== 0; ) {
			if (shown >= wanted) return shown;
			if (store.user[slot] !== taker.userId || taker.stpMode === StpMode.None) {
				const visible = store.visible(slot);
				shown += visible;
				hidden += (store.leaves[slot] as number) - visible;
			} else if (taker.stpMode !== StpMode.ExpireMaker) {
				return -1;
			}
			slot = store.next[slot] as number;
		}
		return shown + hidden;
	}

	/** A slot for an order, behind its level's queue; what it is, is the caller's to fill in. */
	private append(orderId: number, side: Side, priceTicks: number): number {
		const ladder = this.ladder(side);
		let level = ladder.find(priceTicks);
		if (level === 0) {
			level = this.levels.take(this.number * 2 + side, priceTicks);
			ladder.add(priceTicks, level);
		}
		const slot = this.store.take();
		this.store.id[slot] = orderId;
		this.index.add(slot);
		this.link(slot, level);
		return slot;
	}

	/** Out of queue, index and store. */
	private drop(slot: number): void {
		this.unlink(slot, this.store.level[slot] as number);
		this.index.remove(slot);
		this.store.release(slot);
	}

	private link(slot: number, level: number): void {
		const { next, prev } = this.store;
		const { head, tail } = this.levels;
		const last = tail[level] as number;
		this.store.level[slot] = level;
		next[slot] = 0;
		prev[slot] = last;
		if (last === 0) head[level] = slot;
		else next[last] = slot;
		tail[level] = slot;
	}

	private unlink(slot: number, level: number): void {
		const { next, prev } = this.store;
		const { head, tail } = this.levels;
		const younger = next[slot] as number;
		const older = prev[slot] as number;
		if (older === 0) head[level] = younger;
		else next[older] = younger;
		if (younger === 0) tail[level] = older;
		else prev[younger] = older;
	}

	/** Changes what a level shows, and gives what it shows then. */
	private show(level: number, lots: number): number {
		const total = (this.levels.visible[level] as number) + lots;
		invariant(total >= 0 && total <= Number.MAX_SAFE_INTEGER, "a level's total is exact");
		this.levels.visible[level] = total;
		return total;
	}

	/** All orders: bids, then asks, best price first, oldest first. */
	private *slots(): IterableIterator<number> {
		for (const ladder of [this.bids, this.asks]) {
			for (let level = ladder.best; level !== 0; ) {
				let slot = this.levels.head[level] as number;
				for (; slot !== 0; slot = this.store.next[slot] as number) yield slot;
				level = ladder.after(this.levels.price[level] as number);
			}
		}
	}

	private sideOf(level: number): Side {
		return ((this.levels.owner[level] as number) & 1) as Side;
	}

	private ladder(side: Side): Ladder {
		return side === Side.Buy ? this.bids : this.asks;
	}
}
