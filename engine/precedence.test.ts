import { describe, expect, test } from "bun:test";
import { type Command, CommandKind } from "../schemas/command.ts";
import { type Event, EventKind } from "../schemas/event.ts";
import { CancelRestriction, OrderType, SymbolState } from "../schemas/order.ts";
import { Rejection } from "../schemas/rejection.ts";
import { amend, buy, cancel, cancelAll, replace, sell } from "./testing/commands.ts";
import { applied, tradingEngine } from "./testing/scenario.ts";

/**
 * The tables of README.md, "Precedence of rejections": each row breaks its own rule and every later
 * one that can be broken at the same time, and mends those before it.
 */
interface Row {
	readonly reason: Rejection;
	readonly command: Command;
	/** The reason of the cancel part, of a cancel-replace. */
	readonly cancel?: Rejection;
	readonly halted?: boolean;
}

const R = Rejection;
const nowhere = { symbolId: 77 };
const onlyPartly = CancelRestriction.OnlyPartiallyFilled;
const malformed = { qtyLots: 0, priceTicks: 1_000_001 };
const beyond = { priceTicks: 1_000_001 };
const postOnly = { type: OrderType.LimitMaker };
const stop = { type: OrderType.StopLossLimit, stopPriceTicks: 100 };

const PLACE: readonly Row[] = [
	{ reason: R.UnknownSymbol, command: buy(1, 0, 100, { ...postOnly, ...malformed, ...nowhere }) },
	{ reason: R.MarketClosed, command: buy(1, 0, 100, { ...postOnly, ...malformed }), halted: true },
	{ reason: R.InvalidOrder, command: buy(1, 0, 100, { ...postOnly, ...malformed }) },
	{ reason: R.InvalidOrder, command: buy(1, 0, 100, { ...stop, ...malformed }) },
	{ reason: R.OutOfRange, command: buy(1, 1, 100, { ...postOnly, ...beyond }) },
	{ reason: R.OutOfRange, command: buy(1, 1, 100, { ...stop, ...beyond }) },
	{ reason: R.WouldTake, command: buy(1, 1, 110, postOnly) },
	{ reason: R.WouldTriggerImmediately, command: buy(1, 1, 110, stop) },
];

const CANCEL: readonly Row[] = [
	{ reason: R.UnknownSymbol, command: cancel(1, 99, { ...nowhere, restriction: onlyPartly }) },
	{ reason: R.MarketClosed, command: cancel(1, 99, { restriction: onlyPartly }), halted: true },
	{ reason: R.UnknownOrder, command: cancel(1, 99, { restriction: onlyPartly }) },
	{ reason: R.UnknownOrder, command: cancel(1, 4, { restriction: onlyPartly }) },
	{ reason: R.CancelRestricted, command: cancel(1, 3, { restriction: onlyPartly }) },
];

const AMEND: readonly Row[] = [
	{ reason: R.UnknownSymbol, command: amend(1, 99, 0, 77) },
	{ reason: R.MarketClosed, command: amend(1, 99, 0), halted: true },
	{ reason: R.InvalidOrder, command: amend(1, 99, 0) },
	{ reason: R.OutOfRange, command: amend(1, 99, 1_000_001) },
	{ reason: R.UnknownOrder, command: amend(1, 99, 5) },
	{ reason: R.AmendNotReducing, command: amend(1, 3, 5) },
];

const CANCEL_ALL: readonly Row[] = [
	{ reason: R.UnknownSymbol, command: cancelAll(7, 77) },
	{ reason: R.MarketClosed, command: cancelAll(7), halted: true },
	{ reason: R.UnknownOrder, command: cancelAll(7) },
];

const allow = { mode: 1 } as const;
const restricted = { cancelRestriction: onlyPartly };
const short = { needAmount: 999_999n };
const bad = buy(1, 0, 100, { ...postOnly, ...malformed });

const REPLACE: readonly Row[] = [
	{
		reason: R.UnknownSymbol,
		cancel: R.UnknownSymbol,
		command: replace(99, { ...bad, ...nowhere }, { ...restricted, ...short }),
	},
	{
		reason: R.MarketClosed,
		cancel: R.MarketClosed,
		command: replace(99, bad, { ...restricted, ...short }),
		halted: true,
	},
	{
		reason: R.InvalidOrder,
		cancel: R.InvalidOrder,
		command: replace(99, bad, { ...restricted, ...short }),
	},
	{
		reason: R.OutOfRange,
		cancel: R.OutOfRange,
		command: replace(99, buy(1, 1, 0, { ...postOnly, ...beyond }), { ...restricted, ...short }),
	},
	{
		reason: R.NotAttempted,
		cancel: R.UnknownOrder,
		command: replace(99, buy(1, 1, 110, postOnly), { ...restricted, ...short }),
	},
	{
		reason: R.NotAttempted,
		cancel: R.CancelRestricted,
		command: replace(3, buy(1, 1, 110, postOnly), { ...restricted, ...short }),
	},
	{
		reason: R.HoldTooSmall,
		cancel: R.CancelRestricted,
		command: replace(3, buy(1, 1, 110, postOnly), { ...allow, ...restricted, ...short }),
	},
	{
		reason: R.HoldTooSmall,
		cancel: R.None,
		command: replace(3, buy(1, 1, 110, postOnly), short),
	},
	{
		reason: R.HoldTooSmall,
		cancel: R.None,
		command: replace(3, buy(1, 1, 110, stop), short),
	},
	{ reason: R.WouldTake, cancel: R.None, command: replace(3, buy(1, 1, 110, postOnly)) },
	{ reason: R.WouldTriggerImmediately, cancel: R.None, command: replace(3, buy(1, 1, 110, stop)) },
];

/** Last price 100, an ask at 105, order 3 of user 1 open and untouched, order 4 of user 2. */
function setting(book: "naive" | "fast") {
	const engine = tradingEngine(book);
	const orders = [sell(8, 1, 100), buy(9, 1, 100), buy(1, 5, 90), sell(2, 5, 105)];
	for (const order of orders) applied(engine, order);
	return engine;
}

function reasonsOf(event: Event | undefined): { reason?: number; cancel?: number } {
	if (event?.kind === EventKind.CancelReplaceAnswered) {
		return { reason: event.newReason, cancel: event.cancelReason };
	}
	return event !== undefined && "reason" in event ? { reason: event.reason } : {};
}

const TABLES = { PLACE, CANCEL, AMEND, CANCEL_ALL, REPLACE };

for (const book of ["naive", "fast"] as const) {
	describe(`precedence of rejections, ${book} book`, () => {
		for (const [table, rows] of Object.entries(TABLES)) {
			for (const [i, row] of rows.entries()) {
				const name = Object.keys(R).find((key) => R[key as keyof typeof R] === row.reason);
				test(`${table} ${i + 1}: ${name}`, () => {
					const engine = setting(book);
					if (row.halted) {
						const state = SymbolState.Halt;
						applied(engine, { kind: CommandKind.SetSymbolState, symbolId: 1, state });
					}
					const { reason, cancel } = row;
					const expected = cancel === undefined ? { reason } : { reason, cancel };
					expect(reasonsOf(applied(engine, row.command).at(-1))).toEqual(expected);
				});
			}
		}
	});
}
