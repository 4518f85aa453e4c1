import { Engine } from "../../engine/engine.ts";
import { type Command, CommandKind } from "../../schemas/command.ts";
import { type Event, EventKind } from "../../schemas/event.ts";
import { decodeEvents, EventBuffer } from "../../schemas/event-words.ts";
import { OrderType, type Side, StpMode, TimeInForce } from "../../schemas/order.ts";
import { btcUsdt } from "../../schemas/testing/symbols.ts";
import { Dice } from "./dice.ts";
import { type LiveOrder, LiveOrders } from "./live-orders.ts";
import { MidPrice } from "./mid-price.ts";
import { Op, RECORD_WORDS, type Workload } from "./workload.ts";

export interface GeneratorOptions {
	readonly seed: number;
	readonly records: number;
	readonly symbols: number;
	readonly users: number;
	/** Highest over lowest mid price; 1 lets it only drift. */
	readonly wander: number;
	/** Percent of the records that reduce an order; taken from the limit orders. */
	readonly reducePercent: number;
}

/** Percent of the records, when there is an order to be about: the rest are limit orders. */
const CANCELS = 25;
const IOCS = 10;
const REPRICES = 5;
const MAX_QTY = 100;

/**
 * Random commands like a busy market's: limit orders around a moving mid, some of which cross it. An
 * engine runs beside, so that every cancel, re-price and reduce meets an order that rests.
 */
export function generate(options: GeneratorOptions): Workload {
	return new Generator(options).run();
}

class Generator {
	private readonly options: GeneratorOptions;
	private readonly dice: Dice;
	private readonly mids: MidPrice[];
	private readonly live: LiveOrders[];
	private readonly engine = new Engine({ partition: 0, book: "fast" });
	private readonly out = new EventBuffer();
	private readonly words: Uint32Array;
	private lastId = 0;
	private lowest = 0xffff_ffff;
	private highest = 0;

	constructor(options: GeneratorOptions) {
		this.options = options;
		this.dice = new Dice(options.seed);
		this.words = new Uint32Array(options.records * RECORD_WORDS);
		const symbols = Array.from({ length: options.symbols }, (_, symbol) => symbol);
		this.mids = symbols.map(() => new MidPrice(this.dice, options));
		this.live = symbols.map(() => new LiveOrders());
		for (const symbolId of symbols) {
			const symbol = { ...btcUsdt, symbolId, symbol: `S${symbolId}` };
			this.engine.apply({ kind: CommandKind.AddSymbol, symbol }, 0, this.out);
		}
	}

	run(): Workload {
		const { records, symbols, users, seed } = this.options;
		for (let i = 0; i < records; i += 1) this.record(i);
		return {
			records,
			symbols,
			users,
			seed,
			highestOrderId: this.lastId,
			lowestPrice: this.lowest,
			highestPrice: this.highest,
			words: this.words,
		};
	}

	private record(i: number): void {
		const { dice } = this;
		const symbol = dice.below(this.options.symbols);
		const mid = (this.mids[symbol] as MidPrice).next();
		const live = this.live[symbol] as LiveOrders;
		const roll = dice.below(100);
		if (roll < IOCS) return this.place(i, Op.Ioc, symbol, mid);
		const about = roll - IOCS;
		if (live.count === 0 || about >= CANCELS + REPRICES + this.options.reducePercent) {
			return this.place(i, Op.Limit, symbol, mid);
		}
		const order = live.at(dice.below(live.count));
		if (about < CANCELS) this.cancel(i, symbol, order);
		else if (about < CANCELS + REPRICES) this.reprice(i, symbol, order, mid);
		else if (order.leaves > 1) this.reduce(i, symbol, order);
		else this.cancel(i, symbol, order);
	}

	private place(i: number, op: number, symbol: number, mid: number): void {
		const { dice } = this;
		const side = dice.below(2) as 0 | 1;
		const user = dice.below(this.options.users);
		const price = this.priceOf(side, mid, op === Op.Ioc);
		const qty = 1 + dice.below(MAX_QTY);
		this.lastId += 1;
		this.write(i, op, side, symbol, user, this.lastId, price, qty);
		const timeInForce = op === Op.Ioc ? TimeInForce.Ioc : TimeInForce.Gtc;
		const order = { id: this.lastId, user, side, price, leaves: qty, total: qty, engineId: 0 };
		this.enter(symbol, order, { ...newOrder(symbol, order), timeInForce });
	}

	private cancel(i: number, symbol: number, order: LiveOrder): void {
		this.write(i, Op.Cancel, order.side, symbol, order.user, order.id, order.price, order.leaves);
		const kind = CommandKind.CancelOrder;
		this.apply({ ...whose(symbol, order), kind, restriction: 0, clientOrderId: "" });
		(this.live[symbol] as LiveOrders).remove(order.engineId);
	}

	private reprice(i: number, symbol: number, order: LiveOrder, mid: number): void {
		const price = this.priceOf(order.side, mid, false);
		this.write(i, Op.Reprice, order.side, symbol, order.user, order.id, price, order.leaves);
		(this.live[symbol] as LiveOrders).remove(order.engineId);
		const moved = { ...order, price, total: order.leaves };
		this.enter(symbol, moved, {
			...newOrder(symbol, moved),
			kind: CommandKind.CancelReplace,
			mode: 0,
			cancelOrderId: order.engineId,
			cancelRestriction: 0,
			cancelClientOrderId: "",
			needAmount: 0n,
		});
	}

	private reduce(i: number, symbol: number, order: LiveOrder): void {
		const by = 1 + this.dice.below(order.leaves - 1);
		this.write(i, Op.Reduce, order.side, symbol, order.user, order.id, order.price, by);
		order.leaves -= by;
		order.total -= by;
		const newQtyLots = order.total;
		const kind = CommandKind.AmendOrder;
		this.apply({ ...whose(symbol, order), kind, newQtyLots, clientOrderId: "" });
	}

	/** Applies a command that brings an order in, and takes note of what became of it and of others. */
	private enter(symbol: number, order: LiveOrder, command: Command): void {
		const live = this.live[symbol] as LiveOrders;
		let rests = true;
		for (const event of this.apply(command)) {
			switch (event.kind) {
				case EventKind.OrderAdmitted:
				case EventKind.OrderReplacing:
					order.engineId = event.orderId;
					break;
				case EventKind.Traded: {
					order.leaves -= event.qtyLots;
					const maker = live.find(event.makerOrderId) as LiveOrder;
					maker.leaves -= event.qtyLots;
					if (maker.leaves === 0) live.remove(maker.engineId);
					break;
				}
				case EventKind.OrderFilled:
				case EventKind.OrderExpired:
					if (event.orderId === order.engineId) rests = false;
					break;
			}
		}
		if (rests) live.add(order);
	}

	private priceOf(side: Side, mid: number, takes: boolean): number {
		const distance = this.dice.near() - (takes ? 12 : 1);
		return Math.max(1, side === 0 ? mid - distance : mid + distance);
	}

	private write(
		i: number,
		op: number,
		side: number,
		symbol: number,
		user: number,
		id: number,
		price: number,
		qty: number,
	): void {
		this.words.set([op | (side << 8) | (symbol << 16), user, id, price, qty, 0], i * RECORD_WORDS);
		this.lowest = Math.min(this.lowest, price);
		this.highest = Math.max(this.highest, price);
	}

	private apply(command: Command): Event[] {
		this.engine.apply(command, 0, this.out);
		return decodeEvents(this.out.words, 0, this.out.length);
	}
}

/** The engine has no user 0. */
function whose(symbolId: number, order: LiveOrder) {
	return { symbolId, userId: order.user + 1, orderId: order.engineId };
}

function newOrder(symbolId: number, order: LiveOrder) {
	return {
		kind: CommandKind.PlaceOrder,
		symbolId,
		userId: order.user + 1,
		side: order.side,
		type: OrderType.Limit,
		timeInForce: TimeInForce.Gtc,
		byQuote: false,
		priceTicks: order.price,
		qtyLots: order.leaves,
		capTickLots: 0,
		stopPriceTicks: 0,
		displayLots: 0,
		stpMode: StpMode.None,
		makerFeePpm: 0,
		takerFeePpm: 0,
		clientOrderId: "",
		clientIdGiven: false,
		strategyId: 0,
		strategyType: 0,
		hold: { assetId: 0, amount: 0n },
	};
}
