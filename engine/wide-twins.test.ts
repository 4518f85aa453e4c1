import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Command, CommandKind } from "../schemas/command.ts";
import { EventBuffer } from "../schemas/event-words.ts";
import { OrderType, Side, TimeInForce } from "../schemas/order.ts";
import { RunningHash } from "../schemas/running-hash.ts";
import type { SymbolSpec } from "../schemas/symbol.ts";
import type { BookKind } from "./book.ts";
import { Engine } from "./engine.ts";
import { amend, BTCUSDT, buy, cancel, cancelAll, sell } from "./testing/commands.ts";

/** Prices that a word does not hold, and quantities that it does not hold. */
const FAR: SymbolSpec = { ...BTCUSDT, maxPriceTicks: 2 ** 46, maxQtyLots: 100 };
const WIDE: SymbolSpec = {
	...BTCUSDT,
	symbolId: 2,
	symbol: "WIDE",
	maxPriceTicks: 100,
	maxQtyLots: 2 ** 46,
};

/** The borders of blocks, of words and of a word's eighth, and a few ticks around them. */
const farPrice = fc
	.tuple(
		fc.constantFrom(8, 2 ** 20, 2 ** 31, 2 ** 32, 2 ** 34, 2 ** 35, 2 ** 45),
		fc.integer({ min: -5, max: 5 }),
	)
	.map(([border, ticks]) => border + ticks);

const wideQty = fc
	.tuple(fc.constantFrom(10, 2 ** 31, 2 ** 32, 2 ** 40), fc.integer({ min: -3, max: 3 }))
	.map(([border, lots]) => border + lots);

const order = fc
	.record({
		userId: fc.integer({ min: 1, max: 3 }),
		side: fc.constantFrom(Side.Buy, Side.Sell),
		type: fc.constantFrom(OrderType.Limit, OrderType.Limit, OrderType.LimitMaker),
		timeInForce: fc.constantFrom(TimeInForce.Gtc, TimeInForce.Gtc, ...Object.values(TimeInForce)),
		stpMode: fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5),
		slices: fc.constantFrom(0, 0, 2, 3),
		values: fc.oneof(
			fc.record({
				symbolId: fc.constant(1),
				priceTicks: farPrice,
				qtyLots: fc.integer({ min: 1, max: 9 }),
			}),
			fc.record({
				symbolId: fc.constant(2),
				priceTicks: fc.integer({ min: 5, max: 12 }),
				qtyLots: wideQty,
			}),
		),
	})
	.map(({ userId, slices, values, stpMode, ...o }): Command => {
		const { qtyLots } = values;
		const hides = slices > 0 && o.timeInForce === TimeInForce.Gtc;
		const displayLots = hides ? Math.ceil(qtyLots / slices) : 0;
		return buy(userId, qtyLots, 0, { ...o, ...values, displayLots, stpMode: stpMode as 0 });
	});

/** What to do to one of the open orders, or to all of a user's. */
const change = fc.record({
	what: fc.constantFrom("cancel", "cancel", "amend", "all"),
	pick: fc.nat(),
	cut: wideQty,
});

function changing(
	engine: Engine,
	{ what, pick, cut }: { what: string; pick: number; cut: number },
) {
	const open = [...engine.openOrders()];
	const found = open[pick % Math.max(1, open.length)];
	if (found === undefined || what === "all") return cancelAll((pick % 3) + 1, (pick % 2) + 1);
	const { userId, orderId, symbolId, qtyLots } = found;
	if (what === "cancel") return cancel(userId, orderId, { symbolId });
	return amend(userId, orderId, Math.max(1, qtyLots - (cut % qtyLots)), symbolId);
}

function wideEngine(book: BookKind, lastOrderId: number): Engine {
	const engine = new Engine({ partition: 0, book });
	const out = new EventBuffer();
	for (const symbol of [FAR, WIDE]) {
		engine.apply({ kind: CommandKind.AddSymbol, symbol }, 0, out);
		expect(out.count).toBe(1);
	}
	(engine as unknown as { desk: { lastOrderId: number } }).desk.lastOrderId = lastOrderId;
	return engine;
}

test("both books agree beyond 32 bits: far prices, wide quantities, long order ids", () => {
	const ids = fc.constantFrom(0, 2 ** 31 - 20, 2 ** 32 - 20, 2 ** 52);
	const steps = fc.array(fc.oneof({ weight: 4, arbitrary: order }, change), {
		maxLength: 120,
		size: "max",
	});
	fc.assert(
		fc.property(ids, steps, fc.nat(119), (lastOrderId, run, at) => {
			const naive = wideEngine("naive", lastOrderId);
			let fast = wideEngine("fast", lastOrderId);
			const out = new EventBuffer();
			const other = new EventBuffer();
			let moment = { frozen: fast.freeze(), hash: fast.stateHash() };
			for (const [i, step] of run.entries()) {
				const command = "what" in step ? changing(naive, step) : step;
				if (i === at) fast = Engine.restore(fast.snapshot(), "fast");
				if (i === at) moment = { frozen: fast.freeze(), hash: fast.stateHash() };
				naive.apply(command, 0, out);
				fast.foresee([command]);
				fast.apply(command, 0, other);
				expect([...other.words.subarray(0, other.length)]).toEqual([
					...out.words.subarray(0, out.length),
				]);
				expect(fast.stateHash()).toBe(naive.stateHash());
			}
			for (const symbolId of [1, 2]) expect(fast.depth(symbolId)).toEqual(naive.depth(symbolId));
			const hash = new RunningHash();
			for (const piece of moment.frozen.pieces(3)) hash.addAll(piece);
			expect(hash.digest()).toBe(moment.hash);
		}),
		{ numRuns: Number(process.env["TWIN_RUNS"] ?? 150), includeErrorInReport: true },
	);
}, 60_000);

test("an order that meets more makers than the event buffer holds says all of it", () => {
	const makers = 1_000;
	const symbolId = WIDE.symbolId;
	const [naive, fast] = (["naive", "fast"] as const).map((book) => {
		const engine = wideEngine(book, 0);
		const out = new EventBuffer();
		for (let i = 0; i < makers; i += 1) engine.apply(sell(1, 2, 9, { symbolId }), 0, out);
		engine.apply(buy(2, 2 * makers - 1, 9, { symbolId }), 0, out);
		return [...out.words.subarray(0, out.length), out.count];
	});
	expect(fast).toEqual(naive as number[]);
});
