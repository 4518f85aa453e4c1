import { describe, expect, test } from "bun:test";
import { type Command, CommandKind } from "../schemas/command.ts";
import { EventKind } from "../schemas/event.ts";
import { CancelReplaceMode, OrderType, type Side } from "../schemas/order.ts";
import { Rejection } from "../schemas/rejection.ts";
import type { SymbolFilters } from "../schemas/symbol.ts";
import {
	amend,
	BTCUSDT,
	buy,
	marketBuy,
	marketSell,
	type OrderOptions,
	replace,
	sell,
} from "./testing/commands.ts";
import { applied, tradingEngine } from "./testing/scenario.ts";

/*
 * The form of an order at the edges of every number. An order that is a plain limit order takes a
 * shorter way through the engine: each row is a command of its own, and once more the new order of a
 * cancel-replace, which always goes the long way.
 */
const MAX_U32 = 4_294_967_295;
const TOO_BIG = 2 ** 53;
const MILLION = 1_000_000;
const stop = { type: OrderType.StopLossLimit, stopPriceTicks: 120 };
const stopMarket = { type: OrderType.StopLoss, stopPriceTicks: 120 };
const byQuote = { byQuote: true };

type Row = readonly [name: string, order: ReturnType<typeof buy>];

const INVALID: readonly Row[] = [
	["user 0", buy(0, 1, 100)],
	["half a user", buy(1.5, 1, 100)],
	["a user beyond 32 bits", buy(MAX_U32 + 1, 1, 100)],
	["a side below", buy(1, 1, 100, { side: -1 as Side })],
	["a third side", buy(1, 1, 100, { side: 2 as Side })],
	["a type below", buy(1, 1, 100, { type: -1 as OrderType })],
	["an eighth type", buy(1, 1, 100, { type: 7 as OrderType, stopPriceTicks: 120 })],
	["a time in force below", buy(1, 1, 100, { timeInForce: -1 as 0 })],
	["a fourth time in force", buy(1, 1, 100, { timeInForce: 3 as 0 })],
	["half a time in force", buy(1, 1, 100, { timeInForce: 0.5 as 0 })],
	["a mode of prevention below", buy(1, 1, 100, { stpMode: -1 as 0 })],
	["a seventh mode of prevention", buy(1, 1, 100, { stpMode: 6 as 0 })],
	["half a mode of prevention", buy(1, 1, 100, { stpMode: 0.5 as 0 })],
	["a negative maker's fee", buy(1, 1, 100, { makerFeePpm: -1 })],
	["a maker's fee of more than all", buy(1, 1, 100, { makerFeePpm: MILLION + 1 })],
	["half a millionth as maker's fee", buy(1, 1, 100, { makerFeePpm: 0.5 })],
	["a negative taker's fee", buy(1, 1, 100, { takerFeePpm: -1 })],
	["a taker's fee of more than all", buy(1, 1, 100, { takerFeePpm: MILLION + 1 })],
	["half a millionth as taker's fee", buy(1, 1, 100, { takerFeePpm: 0.5 })],
	["no price", buy(1, 1, 0)],
	["a negative price", buy(1, 1, -100)],
	["half a tick", buy(1, 1, 100.5)],
	["a price beyond all numbers", buy(1, 1, TOO_BIG)],
	["no quantity", buy(1, 0, 100)],
	["a negative quantity", buy(1, -1, 100)],
	["half a lot", buy(1, 1.5, 100)],
	["a quantity beyond all numbers", buy(1, TOO_BIG, 100)],
	["a limit with a cap", buy(1, 1, 100, { capTickLots: 1 })],
	["a negative cap", marketBuy(1, 1, -1)],
	["half a tick-lot as cap", marketBuy(1, 1, 0.5)],
	["a market buy without cap", marketBuy(1, 1, 0)],
	["a market sell by amount without one", marketSell(1, 1, byQuote)],
	["a market buy by amount with a quantity", marketBuy(1, 1, 100, byQuote)],
	["a market sell by amount without quantity", marketSell(1, 0, { ...byQuote, capTickLots: 9 })],
	["a limit by amount", buy(1, 1, 100, byQuote)],
	["a stop by amount", sell(1, 1, 0, { ...stopMarket, ...byQuote, capTickLots: 9 })],
	["a stop without stop price", buy(1, 1, 130, { ...stop, stopPriceTicks: 0 })],
	["a stop at a negative price", sell(1, 1, 0, { ...stopMarket, stopPriceTicks: -1 })],
	["a stop-limit without price", buy(1, 1, 0, stop)],
	["a stop-market buy without cap", buy(1, 1, 0, stopMarket)],
	["a slice of nothing less", buy(1, 5, 100, { displayLots: -1 })],
	["a slice larger than the whole", buy(1, 5, 100, { displayLots: 6 })],
	["half a lot as slice", buy(1, 5, 100, { displayLots: 0.5 })],
	["a slice of a market order", marketBuy(1, 5, 900, { displayLots: 1 })],
	["a slice of an order that cannot rest", buy(1, 5, 100, { displayLots: 1, timeInForce: 1 })],
];

const OUT_OF_RANGE: readonly Row[] = [
	["a price too high", buy(1, 1, MILLION + 1)],
	["a quantity too large", buy(1, MILLION + 1, 100)],
	["a stop price too high", sell(1, 1, 0, { ...stopMarket, stopPriceTicks: MILLION + 1 })],
	["a stop-limit's price too high", buy(1, 1, MILLION + 1, stop)],
	["a market quantity too large", marketBuy(1, MILLION + 1, 900)],
	[
		"what a sell by amount holds too large",
		marketSell(1, MILLION + 1, { ...byQuote, capTickLots: 9 }),
	],
];

const GOOD: readonly Row[] = [
	["the greatest user", buy(MAX_U32, 1, 100)],
	["the least price and quantity", buy(1, 1, 1)],
	["the greatest price and quantity", buy(1, MILLION, MILLION)],
	["fees of nothing", buy(1, 1, 100, { makerFeePpm: 0, takerFeePpm: 0 })],
	["fees of all", buy(1, 1, 100, { makerFeePpm: MILLION, takerFeePpm: MILLION })],
	["the last of the times in force", buy(1, 1, 100, { timeInForce: 2 })],
	["the last of the modes of prevention", buy(1, 1, 100, { stpMode: 5 })],
	["the last of the types", sell(1, 1, 130, { type: 6, stopPriceTicks: MILLION })],
	["a slice of one lot", buy(1, 5, 100, { displayLots: 1 })],
	["a slice of all", buy(1, 5, 100, { displayLots: 5 })],
	["a post-only slice, whatever its time in force", buy(1, 5, 100, postOnlySlice())],
	["a market order whose price says nothing", marketBuy(1, 5, 1, { priceTicks: -7 })],
	["a market sell by amount", marketSell(1, 1, { ...byQuote, capTickLots: 1 })],
	["a market sell with a cap", marketSell(1, 1, { capTickLots: 5 })],
	["a stop-market sell without cap", sell(1, 1, 0, { ...stopMarket, stopPriceTicks: 1 })],
];

function postOnlySlice(): OrderOptions {
	return { displayLots: 1, type: OrderType.LimitMaker, timeInForce: 1 };
}

/** Why the engine refuses an order, as a command and as a replacement's new order. */
function reasons(order: ReturnType<typeof buy>, filters: Partial<SymbolFilters> = {}) {
	const replacing = replace(9, order, { mode: CancelReplaceMode.AllowFailure });
	return ([order, replacing] as Command[]).map((command) => {
		const engine = tradingEngine("fast");
		const symbol = { ...BTCUSDT, filters: { ...BTCUSDT.filters, ...filters } };
		applied(engine, { kind: CommandKind.SetSymbolRules, symbol });
		const answer = applied(engine, command).at(-1);
		if (answer?.kind === EventKind.CancelReplaceAnswered) return answer.newReason;
		return answer?.kind === EventKind.OrderRejected ? answer.reason : Rejection.None;
	});
}

describe("an order is refused for its form", () => {
	test.each(INVALID)("%s", (_, order) => {
		expect(reasons(order)).toEqual([Rejection.InvalidOrder, Rejection.InvalidOrder]);
	});
});

describe("an order is refused for its size", () => {
	test.each(OUT_OF_RANGE)("%s", (_, order) => {
		expect(reasons(order)).toEqual([Rejection.OutOfRange, Rejection.OutOfRange]);
	});
});

describe("an order is taken", () => {
	test.each(GOOD)("%s", (_, order) => {
		expect(reasons(order)).toEqual([Rejection.None, Rejection.None]);
	});
});

describe("with steps of 2 ticks and 4 lots", () => {
	const steps = { tickTicks: 2, stepLots: 4 };
	const sliced = { displayLots: 4 };
	test.each([
		["on both grids", buy(1, 4, 100), true],
		["between ticks", buy(1, 4, 101), false],
		["between lots", buy(1, 6, 100), false],
		["a slice on the grid", buy(1, 8, 100, sliced), true],
		["a slice between lots", buy(1, 8, 100, { displayLots: 6 }), false],
		["a stop on both grids", buy(1, 4, 130, stop), true],
		["a stop price between ticks", buy(1, 4, 130, { ...stop, stopPriceTicks: 121 }), false],
		["a stop-limit's price between ticks", buy(1, 4, 131, stop), false],
		["a market order between lots", marketBuy(1, 6, 900), false],
		["a market order's price is none", marketBuy(1, 4, 900, { priceTicks: 101 }), true],
		// What it holds is worked out from its amount: it fits no step.
		["by amount", marketSell(1, 7, { ...byQuote, capTickLots: 9 }), true],
	] as const)("%s", (_, order, isGood) => {
		const reason = isGood ? Rejection.None : Rejection.OutOfRange;
		expect(reasons(order, steps)).toEqual([reason, reason]);
	});

	test("the smallest steps are steps too", () => {
		const two = { tickTicks: 2, stepLots: 2 };
		const refused = [Rejection.OutOfRange, Rejection.OutOfRange];
		expect(reasons(buy(1, 3, 100), two)).toEqual(refused);
		expect(reasons(buy(1, 2, 101), two)).toEqual(refused);
		expect(reasons(buy(1, 2, 100), two)).toEqual([Rejection.None, Rejection.None]);
		const one = { tickTicks: 1, stepLots: 1 };
		expect(reasons(buy(1, 3, 101), one)).toEqual([Rejection.None, Rejection.None]);
	});

	test("an amend keeps to the lots too", () => {
		const engine = tradingEngine("fast");
		const symbol = { ...BTCUSDT, filters: { ...BTCUSDT.filters, ...steps } };
		applied(engine, buy(1, 20, 100));
		applied(engine, { kind: CommandKind.SetSymbolRules, symbol });
		const answer = (newQtyLots: number) => applied(engine, amend(1, 1, newQtyLots)).at(-1);
		expect(answer(14)).toMatchObject({ reason: Rejection.OutOfRange });
		expect(answer(16)).toMatchObject({ kind: EventKind.OrderAmended, newQtyLots: 16 });
	});
});

test("numbers beyond 32 bits are numbers like others", () => {
	const engine = tradingEngine("fast");
	const symbol = {
		...BTCUSDT,
		...{ symbolId: 5, symbol: "WIDE", maxPriceTicks: 2 ** 33, maxQtyLots: 2 ** 19 },
	};
	applied(engine, { kind: CommandKind.AddSymbol, symbol });
	const far = { symbolId: 5 };
	expect(applied(engine, sell(1, 3, 2 ** 33, far)).at(-1)?.kind).toBe(EventKind.OrderAccepted);
	const trade = applied(engine, buy(2, 1, 2 ** 33, far))[1];
	expect(trade).toMatchObject({ kind: EventKind.Traded, priceTicks: 2 ** 33, qtyLots: 1 });
	expect(applied(engine, sell(1, 1, 2 ** 33 + 1, far)).at(-1)).toMatchObject({
		reason: Rejection.OutOfRange,
	});
	expect(engine.depth(5).asks).toEqual([[2 ** 33, 2]]);
});
