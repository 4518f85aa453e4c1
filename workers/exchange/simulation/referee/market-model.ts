import { faultOfTurn, faultOfWaiting } from "../../../../engine/testing/stops-check.ts";
import { type CancelReplace, CommandKind } from "../../../../schemas/command.ts";
import {
	type Event,
	EventKind,
	type EventRecord,
	type LevelChanged,
	type MatchPrevented,
	type OrderAmended,
	type OrderCanceled,
	type OrderExpired,
	type OrderFilled,
	type OrderTriggered,
	type Traded,
} from "../../../../schemas/event.ts";
import { CancelReplaceMode, hasLimitPrice, Side, StpMode } from "../../../../schemas/order.ts";
import { Rejection } from "../../../../schemas/rejection.ts";
import type { SymbolSpec } from "../../../../schemas/symbol.ts";
import { ModelOrder } from "./model-order.ts";
import { faultsOfSymbol, type ModelSymbol, modelSymbolOf } from "./model-symbol.ts";

/** What the rest of the referee hears of a market. */
export interface MarketWitness {
	fault(text: string): void;
	admitted(order: ModelOrder, record: EventRecord): void;
	ended(order: ModelOrder, record: EventRecord): void;
	/** Its client id changed. */
	renamed(order: ModelOrder, before: string, record: EventRecord): void;
	filled(order: ModelOrder, trade: Traded, isMaker: boolean, record: EventRecord): void;
	/** The user is told of something by an execution report. */
	reported(userId: number, record: EventRecord): void;
}

/** Orders, trades and books out of `trades`, with the invariants 5 to 9 (and the order of stops) and 20 of what each touches. */
export class MarketModel {
	readonly symbols = new Map<number, ModelSymbol>();
	private readonly witness: MarketWitness;
	/** By partition: which order changed at which evSeq, ascending. */
	private readonly changes: { readonly evSeq: number; readonly order: ModelOrder }[][] = [];
	private active: ModelOrder | null = null;
	private rests = 0;

	constructor(witness: MarketWitness) {
		this.witness = witness;
	}

	addSymbol(spec: SymbolSpec): void {
		this.symbols.set(spec.symbolId, modelSymbolOf(spec));
	}

	order(symbolId: number, orderId: number): ModelOrder | undefined {
		return this.symbols.get(symbolId)?.orders.get(orderId);
	}

	/** Orders that changed after one record of a partition, up to another. */
	changedIn(partition: number, fromEvSeq: number, toEvSeq: number): Set<ModelOrder> {
		const changes = this.changes[partition] ?? [];
		const changed = new Set<ModelOrder>();
		for (let i = changes.length - 1; i >= 0; i -= 1) {
			const { evSeq, order } = changes[i] as { evSeq: number; order: ModelOrder };
			if (evSeq <= fromEvSeq) break;
			if (evSeq <= toEvSeq) changed.add(order);
		}
		return changed;
	}

	/** How many orders of a partition were open after a record. */
	openAt(partition: number, evSeq: number): number {
		const candidates = this.changedIn(partition, evSeq, Number.MAX_SAFE_INTEGER);
		for (const { spec, open } of this.symbols.values()) {
			if (spec.partition === partition) for (const order of open) candidates.add(order);
		}
		let count = 0;
		for (const order of candidates) if (order.at(evSeq)?.ended === false) count += 1;
		return count;
	}

	*all(): IterableIterator<ModelOrder> {
		for (const { orders } of this.symbols.values()) yield* orders.values();
	}

	apply(record: EventRecord): void {
		if (record.part === 0) this.active = null;
		for (const event of record.events) this.hear(record, event);
		if (!record.last) return;
		this.restActive();
		for (const symbol of this.symbols.values()) {
			if (!symbol.touched) continue;
			symbol.touched = false;
			const [bids, asks] = symbol.levels;
			const bid = Math.max(0, ...bids.keys());
			const ask = Math.min(Number.POSITIVE_INFINITY, ...asks.keys());
			this.check(bid < ask, record, `9: ${symbol.spec.symbol} is crossed: ${bid} ≥ ${ask}`);
			const waits = symbol.traded ? faultOfWaiting(symbol.open, lastTicks(symbol)) : null;
			this.check(waits === null, record, `8: ${waits}`);
			symbol.traded = false;
		}
	}

	/** 5, 6 and 9 over everything that is open; and the levels are what rests at them. */
	whole(): void {
		for (const symbol of this.symbols.values()) {
			for (const fault of faultsOfSymbol(symbol)) this.witness.fault(fault);
		}
	}

	private hear(record: EventRecord, event: Event): void {
		switch (event.kind) {
			case EventKind.OrderAdmitted:
			case EventKind.OrderReplacing:
				return this.admit(record, event);
			case EventKind.OrderTriggered:
				return this.trigger(record, event);
			case EventKind.Traded:
				return this.trade(record, event);
			case EventKind.MatchPrevented:
				return this.prevent(record, event);
			case EventKind.LevelChanged:
				return this.level(record, event);
			case EventKind.OrderFilled:
			case EventKind.OrderCanceled:
			case EventKind.OrderExpired:
				return this.end(record, event);
			case EventKind.OrderAmended:
				return this.amend(record, event);
			case EventKind.CancelReplaceAnswered:
				if (event.newOrderId === 0 && event.cancelReason === Rejection.None) {
					this.witness.reported(event.userId, record);
				}
				return;
			default:
				return;
		}
	}

	private admit(
		record: EventRecord,
		event: { readonly symbolId: number; readonly orderId: number; readonly userId: number },
	): void {
		const { command } = record;
		const places =
			command?.kind === CommandKind.PlaceOrder || command?.kind === CommandKind.CancelReplace;
		const symbol = this.symbols.get(event.symbolId);
		if (!places || symbol === undefined) {
			return this.witness.fault(`14: evSeq ${record.evSeq} admits an order that nobody placed`);
		}
		this.check(
			!symbol.orders.has(event.orderId) && command.userId === event.userId,
			record,
			`14: order ${event.orderId} is admitted again`,
		);
		const { orderId, userId } = event;
		if (command.kind === CommandKind.CancelReplace) this.checkReplace(record, command, symbol);
		const order = new ModelOrder(symbol.spec, orderId, userId, record.seq, command, record.evSeq);
		symbol.orders.set(orderId, order);
		symbol.open.add(order);
		this.changed(record, order);
		this.active = order;
		this.witness.admitted(order, record);
		this.witness.reported(userId, record);
	}

	/** The new order of a replace has its whole hold, of what was taken and what the old one freed. */
	private checkReplace(record: EventRecord, command: CancelReplace, symbol: ModelSymbol): void {
		const named = symbol.orders.get(command.cancelOrderId);
		const before = named?.at(record.evSeq - record.part - 1);
		const old = named?.ended === true && before?.ended === false ? named : null;
		const freed = old?.order.side === command.side ? (before?.held ?? 0n) : 0n;
		const have = command.hold.amount + freed;
		const covered = have >= command.needAmount;
		this.check(covered, record, `4: a replace needs ${command.needAmount} and has ${have}`);
		const allowed = old !== null || command.mode === CancelReplaceMode.AllowFailure;
		this.check(allowed, record, "14: a replace goes on without its cancel");
	}

	private trigger(record: EventRecord, event: OrderTriggered): void {
		this.restActive();
		const order = this.live(record, event.symbolId, event.orderId);
		if (order === null) return;
		this.check(order.waits, record, `6: order ${order.orderId} triggers twice`);
		order.waits = false;
		this.changed(record, order);
		const symbol = this.symbols.get(event.symbolId) as ModelSymbol;
		const turn = faultOfTurn(order, symbol.open, lastTicks(symbol));
		this.check(turn === null, record, `8: ${turn}`);
		this.active = order;
		this.witness.reported(order.userId, record);
	}

	private amend(record: EventRecord, event: OrderAmended): void {
		const order = this.live(record, event.symbolId, event.orderId);
		if (order === null) return;
		const cut = order.qtyLots - event.newQtyLots;
		this.check(cut === event.cutLots && cut > 0, record, "5: a cut is the difference");
		order.qtyLots = event.newQtyLots;
		this.check(order.leavesLots > 0, record, "5: an amend leaves something");
		order.mark(record.evSeq);
		this.changed(record, order);
		this.rename(record, order);
		this.witness.reported(order.userId, record);
	}

	private trade(record: EventRecord, event: Traded): void {
		const symbol = this.symbols.get(event.symbolId);
		const maker = this.live(record, event.symbolId, event.makerOrderId);
		const taker = this.live(record, event.symbolId, event.takerOrderId);
		if (symbol === undefined || maker === null || taker === null) return;
		const id = `trade ${event.tradeId} of ${symbol.spec.symbol}`;
		const before = symbol.trades.at(-1)?.trade.tradeId ?? 0;
		this.check(event.tradeId === before + 1, record, `10: ${id} follows ${before}`);
		this.check(
			taker === this.active,
			record,
			`8: the taker of ${id} is not the one whose turn it is`,
		);
		this.check(
			maker.order.priceTicks === event.priceTicks,
			record,
			`7: ${id} is not at the maker's price`,
		);
		this.check(accepts(taker, event.priceTicks), record, `7: ${id} is beyond the taker's limit`);
		const self = maker.userId === taker.userId && taker.order.stpMode !== StpMode.None;
		this.check(!self, record, `20: ${id} is a self-trade`);
		this.check(
			event.makerFeePpm === maker.order.makerFeePpm &&
				event.takerFeePpm === taker.order.takerFeePpm,
			record,
			`18: ${id} has other rates than its orders`,
		);
		this.checkPriority(record, symbol, maker);
		symbol.trades.push({ trade: event, ts: record.ts, evSeq: record.evSeq });
		symbol.traded = true;
		for (const order of [maker, taker]) {
			order.cumLots += event.qtyLots;
			order.cumTickLots += event.priceTicks * event.qtyLots;
			this.checkUse(record, order);
			this.witness.filled(order, event, order === maker, record);
			this.witness.reported(order.userId, record);
		}
	}

	private prevent(record: EventRecord, event: MatchPrevented): void {
		const symbol = this.symbols.get(event.symbolId);
		const maker = this.live(record, event.symbolId, event.makerOrderId);
		const taker = this.live(record, event.symbolId, event.takerOrderId);
		if (symbol === undefined || maker === null || taker === null) return;
		this.check(
			maker.userId === taker.userId,
			record,
			"20: only a user's own orders are kept apart",
		);
		this.checkPriority(record, symbol, maker);
		for (const order of [maker, taker]) {
			const lots = order === maker ? event.makerPreventedLots : event.takerPreventedLots;
			if (lots === 0) continue;
			order.preventedLots += lots;
			order.preventedTickLots += event.priceTicks * lots;
			this.checkUse(record, order);
			this.witness.reported(order.userId, record);
		}
	}

	private level(record: EventRecord, event: LevelChanged): void {
		const symbol = this.symbols.get(event.symbolId);
		if (symbol === undefined) return;
		this.check(
			event.updateId === symbol.changes.length + 1,
			record,
			`16: update ${event.updateId} follows ${symbol.changes.length}`,
		);
		symbol.changes.push(event);
		const { priceTicks, qtyLots } = event;
		const lotsFrom = symbol.lotsFrom[event.side];
		const history = lotsFrom.get(priceTicks) ?? [];
		lotsFrom.set(priceTicks, history);
		history.push({ evSeq: record.evSeq, qtyLots });
		symbol.touched = true;
		const side = symbol.levels[event.side];
		if (event.qtyLots === 0) side.delete(event.priceTicks);
		else side.set(event.priceTicks, event.qtyLots);
	}

	private end(record: EventRecord, event: OrderFilled | OrderCanceled | OrderExpired): void {
		const order = this.live(record, event.symbolId, event.orderId);
		if (order === null) return;
		const left = order.order.qtyLots === 0 ? 0 : order.leavesLots;
		if (event.kind === EventKind.OrderFilled) {
			const done = order.order.byQuote || left === 0;
			this.check(done, record, `5: order ${order.orderId} is filled and has ${left} left`);
		} else {
			this.check(
				event.leavesLots === left,
				record,
				`5: order ${order.orderId} ends with ${left} left`,
			);
			this.witness.reported(order.userId, record);
		}
		order.ended = true;
		order.isFilled = event.kind === EventKind.OrderFilled;
		order.endTs = record.ts;
		order.mark(record.evSeq);
		this.changed(record, order);
		this.symbols.get(event.symbolId)?.open.delete(order);
		this.witness.ended(order, record);
	}

	private rename(record: EventRecord, order: ModelOrder): void {
		const { command } = record;
		if (command?.kind !== CommandKind.AmendOrder) return;
		const before = order.clientOrderId;
		if (command.clientOrderId === before) return;
		this.witness.renamed(order, before, record);
		order.clientOrderId = command.clientOrderId;
		order.clientIdGiven = true;
	}

	private checkUse(record: EventRecord, order: ModelOrder): void {
		const fits = order.leavesLots >= 0 && order.capLeft >= 0;
		this.check(fits, record, `5: order ${order.orderId} uses more than it has`);
		order.mark(record.evSeq);
		this.changed(record, order);
	}

	private changed({ partition, evSeq }: EventRecord, order: ModelOrder): void {
		const changes = this.changes[partition] ?? [];
		this.changes[partition] = changes;
		changes.push({ evSeq, order });
	}

	/** 8: no better, and no older one at the price; icebergs lose their place with every slice. */
	private checkPriority(record: EventRecord, symbol: ModelSymbol, maker: ModelOrder): void {
		for (const other of symbol.open) {
			if (other.restedAt === 0 || other.order.side !== maker.order.side) continue;
			const better = other.order.priceTicks - maker.order.priceTicks;
			const first = maker.order.side === Side.Buy ? better <= 0 : better >= 0;
			this.check(first, record, `8: order ${other.orderId} has a better price than the maker`);
			if (better !== 0 || other.order.displayLots > 0 || maker.order.displayLots > 0) continue;
			const older = other.restedAt < maker.restedAt;
			this.check(!older, record, `8: order ${other.orderId} is older than the maker`);
		}
	}

	private restActive(): void {
		const { active } = this;
		this.active = null;
		if (active === null || active.ended || active.waits) return;
		this.rests += 1;
		active.restedAt = this.rests;
	}

	/** 6: no event follows a terminal one. */
	private live(record: EventRecord, symbolId: number, orderId: number): ModelOrder | null {
		const order = this.order(symbolId, orderId);
		if (order !== undefined && !order.ended) return order;
		this.check(false, record, `6: an event of order ${orderId}, which is not open`);
		return null;
	}

	private check(holds: boolean, record: EventRecord, text: string): void {
		if (!holds) this.witness.fault(`${text} (trades ${record.partition}, evSeq ${record.evSeq})`);
	}
}

function lastTicks({ trades }: ModelSymbol): number {
	return trades.at(-1)?.trade.priceTicks ?? 0;
}

function accepts(taker: ModelOrder, priceTicks: number): boolean {
	const { type, side, priceTicks: limit } = taker.order;
	if (!hasLimitPrice(type)) return true;
	return side === Side.Buy ? priceTicks <= limit : priceTicks >= limit;
}
