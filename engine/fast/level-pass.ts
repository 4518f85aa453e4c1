import { EventKind } from "../../schemas/event.ts";
import { ExpiryReason, Side, StpMode } from "../../schemas/order.ts";
import type { Taker } from "../taker.ts";
import type { Tape } from "../tape.ts";
import type { LevelStore } from "./level-store.ts";
import {
	ASIDE,
	CHAIN,
	FEE_MASK,
	FLAGS,
	ID,
	LEAVES,
	NEXT,
	STP_MASK,
	STP_SHIFT,
	TRADED,
	USER,
} from "./order-records.ts";
import type { OrderStore } from "./order-store.ts";

/** Of a trade and the maker's end: the most that one order adds to the events. */
const MOST_WORDS = 17;

/**
 * An incoming order and one price level: trades, preventions and the makers' ends, oldest first, then
 * what the level shows. Whether it is gone, is the caller's to look at.
 */
export class LevelPass {
	private readonly store: OrderStore;
	private readonly levels: LevelStore;

	constructor(store: OrderStore, levels: LevelStore) {
		this.store = store;
		this.levels = levels;
	}

	/**
	 * Fills the taker from one level until one of them is used up, and says what the level shows then.
	 * Most makers are plain orders and most quantities of 31 bits: they are filled here, written out,
	 * without a call for each; an iceberg, a long id or total, and what prevention is about, by `passRest`.
	 */
	pass(level: number, price: number, taker: Taker, tape: Tape): void {
		const { store, levels } = this;
		const { ints, buckets, mask } = store;
		const { orderId, userId, side, takerFeePpm } = taker;
		const { out, symbolId } = tape;
		const prevents = taker.stpMode !== StpMode.None;
		const room = taker.roomAt(price);
		let left = (room | 0) === room ? room : 0;
		const short = left;
		let { tradeId } = tape;
		let { words, length: at } = out;
		let events = 0;
		let slot = levels.head(level);
		while (slot !== 0 && left > 0) {
			const id = ints[slot + ID] as number;
			const flags = ints[slot + FLAGS] as number;
			const user = (ints[slot + USER] as number) >>> 0;
			if ((flags & ASIDE) !== 0 || id < 0 || (prevents && user === userId)) break;
			if (at + MOST_WORDS > words.length) words = out.grown(at, MOST_WORDS);
			const leaves = ints[slot + LEAVES] as number;
			const lots = leaves < left ? leaves : left;
			left -= lots;
			tradeId += 1;
			words[at] = EventKind.Traded;
			words[at + 1] = symbolId;
			words[at + 2] = tradeId;
			words[at + 3] = id;
			words[at + 4] = orderId;
			words[at + 5] = user;
			words[at + 6] = userId;
			words[at + 7] = side;
			words[at + 8] = price;
			words[at + 9] = lots;
			words[at + 10] = flags & FEE_MASK;
			words[at + 11] = takerFeePpm;
			words[at + 12] = leaves - lots;
			at += 13;
			events += 1;
			if (lots < leaves) {
				ints[slot + LEAVES] = leaves - lots;
				ints[slot + FLAGS] = flags | TRADED;
				store.addTaken(slot, lots);
				break;
			}
			words[at] = EventKind.OrderFilled;
			words[at + 1] = symbolId;
			words[at + 2] = id;
			words[at + 3] = user;
			at += 4;
			events += 1;
			const next = ints[slot + NEXT] as number;
			const bucket = id & mask;
			if (buckets[bucket] === slot) buckets[bucket] = ints[slot + CHAIN] as number;
			else store.unchain(slot, buckets[bucket] as number);
			ints[slot + ID] = 0;
			ints[slot + FLAGS] = 0;
			ints[slot + NEXT] = store.firstFree;
			store.firstFree = slot;
			store.count -= 1;
			slot = next;
		}
		if (events !== 0) {
			out.length = at;
			out.count += events;
			tape.tradeId = tradeId;
			tape.lastTicks = price;
			taker.traded = true;
			taker.consume(price, short - left);
			levels.setHead(level, slot);
		}
		const shown = levels.show(level, left - short);
		if (slot === 0 || short - left === room) tape.levelChanged(makersOf(side), price, shown);
		else this.passRest(level, price, taker, tape);
	}

	/** The same for whatever there is at the head of a level. */
	private passRest(level: number, price: number, taker: Taker, tape: Tape): void {
		const { levels } = this;
		do this.passOne(levels.head(level), level, price, taker, tape);
		while (levels.head(level) !== 0 && !taker.prevented && taker.roomAt(price) > 0);
		tape.levelChanged(makersOf(taker.side), price, levels.visible(level));
	}

	/** What the oldest order of a level and the taker do to each other: trade, or prevent it. */
	private passOne(slot: number, level: number, price: number, taker: Taker, tape: Tape): void {
		const { store, levels } = this;
		const room = taker.roomAt(price);
		const user = store.user(slot);
		if (user === taker.userId && taker.stpMode !== StpMode.None) {
			this.preventMatch(slot, level, price, room, taker, tape);
			return;
		}
		const id = store.id(slot);
		const leaves = store.leaves(slot);
		const visible = store.visible(slot);
		const lots = visible < room ? visible : room;
		const flags = store.flags(slot);
		taker.consume(price, lots);
		taker.traded = true;
		tape.traded(taker, id, user, flags & FEE_MASK, leaves - lots, price, lots);
		if (lots < leaves) {
			store.setFlags(slot, flags | TRADED);
			this.lose(slot, level, lots);
		} else {
			levels.show(level, -lots);
			levels.setHead(level, store.next(slot));
			store.release(slot);
			tape.filled(id, user);
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
		if (store.visible(slot) > 0) return;
		this.levels.show(level, store.showNext(slot));
		store.requeue(slot, level);
	}

	/**
	 * Of what the taker wants, what would trade at a level: every visible slice in turn, hidden lots
	 * after them. Negative where prevention would take from the taker: it is not filled whole then.
	 */
	fillableAt(level: number, taker: Taker, wanted: number): number {
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
}

function makersOf(takerSide: Side): Side {
	return takerSide === Side.Buy ? Side.Sell : Side.Buy;
}
