import type { Side, StpMode } from "../schemas/order.ts";
import type { UsersOrder } from "./admission.ts";
import type { Taker } from "./taker.ts";
import type { Tape } from "./tape.ts";

/** `naive` reads like the rulebook; `fast` is the one that trades. Same events, same state. */
export type BookKind = "naive" | "fast";

/** A resting order as a plain object: for reads, audits and snapshots. */
export interface RestingOrder {
	readonly orderId: number;
	readonly userId: number;
	readonly side: Side;
	readonly priceTicks: number;
	/** Its total: filled, prevented and left. */
	readonly qtyLots: number;
	/** What is left, hidden parts included. */
	readonly leavesLots: number;
	/** What the level shows of it. */
	readonly visibleLots: number;
	/** Size of an iceberg's slices; 0 shows everything. */
	readonly displayLots: number;
	readonly stpMode: StpMode;
	readonly makerFeePpm: number;
	/** Whether anything of it traded. */
	readonly traded: boolean;
}

/**
 * The resting orders of one symbol in price-time priority, and the matching of an incoming order
 * against them. Rejections, stops, ids and answers are the market's: a book takes what it is told.
 * Orders in it are named by a handle, valid until the book changes.
 */
export interface Book {
	/** Best price of a side in ticks; 0 when it is empty. */
	bestTicks(side: Side): number;
	/** Whether all of the taker would trade now; what self-trade prevention takes does not trade. */
	canFillWhole(taker: Taker): boolean;
	/**
	 * Trades the taker against the other side, best price first, oldest first, until it or what it
	 * may take is used up. Writes trades, preventions, the makers' ends and one level change for each
	 * level it touched; the taker's own end is the caller's to say.
	 */
	match(taker: Taker, tape: Tape): void;
	/**
	 * Puts an order, or what it has left, behind its level's queue, and gives what the level shows then.
	 * `displayLots` 0 shows everything.
	 */
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
	): number;
	/** The same for an order as it was placed, of which everything rests and shows. */
	restWhole(orderId: number, order: UsersOrder): number;
	/** The handle of an order of this symbol; 0 when it does not rest here. */
	find(orderId: number): number;
	/** Notes for the factory's `readAhead` what a coming command is about: an order, a price. */
	foreseeOrder(orderId: number): void;
	foreseePrice(priceTicks: number): void;
	ownerAt(handle: number): number;
	leavesAt(handle: number): number;
	tradedAt(handle: number): boolean;
	/** The order's total in lots: filled, prevented and left. */
	totalAt(handle: number): number;
	sideAt(handle: number): Side;
	priceAt(handle: number): number;
	/** Takes an order out, canceled: writes its level's change, then its end. */
	takeOut(handle: number, tape: Tape): void;
	/**
	 * Takes lots off an order's total, hidden ones first; it keeps its place. Writes the level change
	 * when the level shows less. The caller makes sure that something is left.
	 */
	reduce(handle: number, cutLots: number, tape: Tape): void;
	/** A user's order ids, ascending. */
	idsOf(userId: number): number[];
	/** A side's levels, best first: price in ticks, visible lots. */
	depth(side: Side): [number, number][];
	/** All orders: bids, then asks, best price first, oldest first. */
	orders(): Iterable<RestingOrder>;
	/** Adds an order behind its level's queue, without an event; `orders()` of another book, in order. */
	load(order: RestingOrder): void;
}

/** Makes the books of one engine; they may share storage. */
export interface BookFactory {
	/** Bytes of their memory that grow in place: a heap's own statistics may count them twice. */
	readonly inPlaceBytes: number;
	/** Whether they no longer fit into a processor's cache. */
	readonly outgrowCache: boolean;
	create(symbolId: number): Book;
	/** Brings what was foreseen into the processor's cache. */
	readAhead(): void;
	/** By symbol, the orders of each book as they are now: `orders()`, to be looked through at any time. */
	freeze(): ReadonlyMap<number, Iterable<RestingOrder>>;
}
