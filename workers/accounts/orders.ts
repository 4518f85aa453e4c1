import { InvariantViolation } from "../../schemas/invariant.ts";
import { isStopType, OrderStatus } from "../../schemas/order.ts";
import { type Fill, isOpen, isWaiting, type OrderState } from "../../schemas/order-state.ts";
import { FinishedOrders } from "./finished-orders.ts";
import { OrdersById } from "./orders-by-id.ts";
import { type Amend, type SymbolOrders, Tracked, type UserOrders } from "./tracked.ts";

/** What changed since the last copy for the ledger. */
export interface ChangedOrders {
	readonly opened: OrderState[];
	readonly changed: OrderState[];
	readonly closed: { readonly partition: number; readonly seq: number }[];
}

type OrderName = Pick<OrderState, "symbolId" | "orderId">;

function keyOf({ symbolId, orderId }: OrderName): string {
	return `${symbolId}/${orderId}`;
}

/** The shard's orders: open ones, and finished ones until the order log has them. */
export class Orders {
	readonly finished: FinishedOrders;
	private readonly users = new Map<number, UserOrders>();
	/** By symbol. */
	private readonly byId = new Map<number, OrdersById<Tracked>>();
	/** Unanswered orders, by partition, then seq. */
	private readonly pending: readonly Map<number, Tracked>[];
	/** A start reads amends before the events that give their orders an id: by both, the last amend. */
	private readonly amendsAhead = new Map<string, Amend>();
	private dirty: Tracked[] = [];

	constructor(partitions: number) {
		this.pending = Array.from({ length: partitions }, () => new Map());
		this.finished = new FinishedOrders(partitions);
	}

	/** As the ledger has it. */
	load(state: OrderState): void {
		const tracked = this.put(state);
		tracked.inLedger = true;
		if (state.status !== OrderStatus.Pending)
			this.idsOf(state.symbolId).set(state.orderId, tracked);
	}

	/** A command's new order: unanswered. */
	add(state: OrderState): Tracked {
		const tracked = this.put(state);
		this.markDirty(tracked);
		return tracked;
	}

	pendingAt(partition: number, seq: number): Tracked | undefined {
		return this.pending[partition]?.get(seq);
	}

	/** The engine has given it an id: `state` says so. */
	admit(tracked: Tracked, state: OrderState): void {
		this.pending[state.partition]?.delete(state.seq);
		this.change(tracked, state);
		this.idsOf(state.symbolId).set(state.orderId, tracked);
		if (this.amendsAhead.size === 0) return;
		const key = keyOf(state);
		tracked.amend = this.amendsAhead.get(key) ?? null;
		this.amendsAhead.delete(key);
	}

	/** An amend of the order is on its way. */
	amending(order: OrderName, amend: Amend): Tracked | undefined {
		const tracked = this.find(order.symbolId, order.orderId);
		if (tracked !== undefined) tracked.amend = amend;
		else this.amendsAhead.set(keyOf(order), amend);
		return tracked;
	}

	/** An amend was answered; a later one may be on its way already, as a start has read it. */
	amendAnswered(order: OrderName, seq: number): void {
		const tracked = this.find(order.symbolId, order.orderId);
		if (tracked === undefined) this.amendsAhead.delete(keyOf(order));
		else if (tracked.amend?.seq === seq) tracked.amend = null;
	}

	/** An unanswered order was rejected: nothing of it stays. */
	reject(tracked: Tracked, state: OrderState): void {
		this.pending[state.partition]?.delete(state.seq);
		this.change(tracked, state);
		this.close(tracked);
		this.dropFrom(tracked);
	}

	/** A new state of an order; an order that was open and no longer is has ended. */
	change(tracked: Tracked, state: OrderState): void {
		const before = tracked.state;
		tracked.state = state;
		this.markDirty(tracked);
		if (before.workingAtMs === 0 && state.workingAtMs !== 0 && isStopType(state.type)) {
			tracked.symbol.stops -= 1;
		}
		if (before.clientOrderId !== state.clientOrderId) this.renamed(tracked, before.clientOrderId);
	}

	/** Its terminal event: it stays to be found until `forget`. */
	finish(tracked: Tracked, state: OrderState, nowMs: number): void {
		if (!isOpen(tracked.state.status)) {
			throw new InvariantViolation(`order ${state.orderId} ends twice`);
		}
		this.close(tracked);
		this.change(tracked, state);
		this.finished.push(tracked, nowMs);
	}

	find(symbolId: number, orderId: number): Tracked | undefined {
		return this.byId.get(symbolId)?.get(orderId);
	}

	findByClientId(userId: number, symbolId: number, clientOrderId: string): Tracked | undefined {
		return this.users.get(userId)?.bySymbol.get(symbolId)?.byClientId.get(clientOrderId);
	}

	/** Whether an open or unanswered order of the user goes by that client id. */
	isNamed(userId: number, clientOrderId: string): boolean {
		for (const { byClientId } of this.users.get(userId)?.bySymbol.values() ?? []) {
			const tracked = byClientId.get(clientOrderId);
			if (tracked !== undefined && isOpen(tracked.state.status)) return true;
		}
		return false;
	}

	/**
	 * From here on a client id finds the order that has it, or had it last. To be called when a replay is over: it takes
	 * every command before the first event, so an order may have got the id after one that had it later.
	 */
	nameAnew(): void {
		for (const tracked of this.all()) {
			const { byClientId } = tracked.symbol;
			const { clientOrderId } = tracked.state;
			const other = byClientId.get(clientOrderId);
			if (other === undefined || hadItLater(tracked, other)) byClientId.set(clientOrderId, tracked);
		}
	}

	/** All open and unanswered orders. */
	*allOpen(): IterableIterator<Tracked> {
		for (const { open } of this.users.values()) yield* open;
	}

	/** Amends on their way that ask for another client id, also of orders that have ended: they will be rejected. */
	*renames(): IterableIterator<Amend> {
		for (const { state, amend } of this.all()) {
			if (amend !== null && amend.clientOrderId !== state.clientOrderId) yield amend;
		}
		yield* this.amendsAhead.values();
	}

	/** Open and unanswered orders of a user, oldest first; symbolId 0 is all symbols. */
	openOf(userId: number, symbolId: number): Tracked[] {
		const open = this.users.get(userId)?.open ?? [];
		return [...open].filter((t) => symbolId === 0 || t.state.symbolId === symbolId);
	}

	/** Open and lately finished orders of a user in a symbol, oldest first. */
	keptOf(userId: number, symbolId: number): Iterable<Tracked> {
		return this.users.get(userId)?.bySymbol.get(symbolId)?.kept ?? [];
	}

	counts(
		userId: number,
		symbolId: number,
	): { readonly open: number; readonly stops: number } | undefined {
		return this.users.get(userId)?.bySymbol.get(symbolId);
	}

	/** Drops finished orders that the order log has and that are old enough. */
	forget(finishedBeforeMs: number): void {
		for (const tracked of this.finished.takeForgettable(finishedBeforeMs)) this.dropFrom(tracked);
	}

	/**
	 * All that are kept. Who goes through them by and by gets of each user as many as there are when his turn
	 * comes: one who trades without a pause keeps nobody from the others.
	 */
	*all(): IterableIterator<Tracked> {
		for (const user of this.users.values()) {
			for (const { kept } of user.bySymbol.values()) {
				let left = kept.size;
				for (const tracked of kept) {
					if (left === 0) break;
					left -= 1;
					yield tracked;
				}
			}
		}
	}

	isDirty(): boolean {
		return this.dirty.length > 0;
	}

	/** Copies what changed and is in the log (`loggedSeq` by partition); the rest stays dirty. */
	takeDirty(loggedSeq: (partition: number) => number): ChangedOrders {
		const orders: ChangedOrders = { opened: [], changed: [], closed: [] };
		const rest: Tracked[] = [];
		for (const tracked of this.dirty) {
			const { state } = tracked;
			if (state.seq > loggedSeq(state.partition)) {
				rest.push(tracked);
				continue;
			}
			tracked.dirty = false;
			const open = isOpen(state.status);
			if (open) (tracked.inLedger ? orders.changed : orders.opened).push(state);
			else if (tracked.inLedger) orders.closed.push({ partition: state.partition, seq: state.seq });
			tracked.inLedger = open;
		}
		this.dirty = rest;
		return orders;
	}

	/** A fill of an order, for its owner's queries. */
	addFill(tracked: Tracked, fill: Fill): void {
		tracked.addFill(fill);
	}

	private put(state: OrderState): Tracked {
		const user = this.userOrders(state.userId);
		const symbol = symbolOrders(user, state.symbolId);
		const tracked = new Tracked(state, user, symbol);
		user.open.add(tracked);
		symbol.byClientId.set(state.clientOrderId, tracked);
		symbol.kept.add(tracked);
		symbol.open += 1;
		if (isWaiting(state)) symbol.stops += 1;
		if (state.status === OrderStatus.Pending)
			this.pending[state.partition]?.set(state.seq, tracked);
		return tracked;
	}

	/** Takes it out of what is open. */
	private close(tracked: Tracked): void {
		const { state, user, symbol } = tracked;
		user.open.delete(tracked);
		symbol.open -= 1;
		if (isWaiting(state)) symbol.stops -= 1;
	}

	/** Takes it out of what can be found. */
	private dropFrom(tracked: Tracked): void {
		const { state, symbol } = tracked;
		if (symbol.byClientId.get(state.clientOrderId) === tracked) {
			symbol.byClientId.delete(state.clientOrderId);
		}
		symbol.kept.delete(tracked);
		this.byId.get(state.symbolId)?.delete(state.orderId);
	}

	private renamed(tracked: Tracked, before: string): void {
		const { byClientId } = tracked.symbol;
		if (byClientId.get(before) === tracked) byClientId.delete(before);
		byClientId.set(tracked.state.clientOrderId, tracked);
	}

	private markDirty(tracked: Tracked): void {
		if (tracked.dirty) return;
		tracked.dirty = true;
		this.dirty.push(tracked);
	}

	private userOrders(userId: number): UserOrders {
		let user = this.users.get(userId);
		if (user === undefined) {
			user = { open: new Set(), bySymbol: new Map() };
			this.users.set(userId, user);
		}
		return user;
	}

	private idsOf(symbolId: number): OrdersById<Tracked> {
		let ids = this.byId.get(symbolId);
		if (ids === undefined) {
			ids = new OrdersById();
			this.byId.set(symbolId, ids);
		}
		return ids;
	}
}

/** Of two orders of a symbol, of which at most one is open. */
function hadItLater({ state }: Tracked, other: Tracked): boolean {
	if (isOpen(other.state.status)) return false;
	return isOpen(state.status) || state.evSeq > other.state.evSeq;
}

function symbolOrders({ bySymbol }: UserOrders, symbolId: number): SymbolOrders {
	let symbol = bySymbol.get(symbolId);
	if (symbol === undefined) {
		symbol = { kept: new Set(), open: 0, stops: 0, byClientId: new Map() };
		bySymbol.set(symbolId, symbol);
	}
	return symbol;
}
