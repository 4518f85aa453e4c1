import { CommandKind } from "../../../schemas/command.ts";
import { CancelRestriction, OrderType, SymbolState } from "../../../schemas/order.ts";
import {
	amend,
	BTCUSDT,
	buy,
	cancel,
	cancelAll,
	marketBuy,
	marketSell,
	replace,
	sell,
} from "../commands.ts";
import type { Scenario } from "../scenario.ts";

const nowhere = { symbolId: 77 };
const stop = { type: OrderType.StopLoss, stopPriceTicks: 100, capTickLots: 900 };
const halt = {
	kind: CommandKind.SetSymbolState,
	symbolId: 1,
	state: SymbolState.Halt,
} as const;

/** Every rejection, by every command that can get it. */
export const REJECTIONS: readonly Scenario[] = [
	{
		name: "UnknownSymbol",
		commands: [
			buy(1, 1, 100, nowhere),
			cancel(1, 1, nowhere),
			amend(1, 1, 1, 77),
			cancelAll(1, 77),
			replace(1, buy(1, 1, 100, nowhere)),
			{ ...halt, symbolId: 77 },
		],
	},
	{
		name: "MarketClosed",
		commands: [
			halt,
			buy(1, 1, 100),
			cancel(1, 1),
			amend(1, 1, 1),
			cancelAll(1),
			replace(1, buy(1, 1, 100)),
		],
	},
	{
		name: "InvalidOrder",
		commands: [
			buy(1, 0, 100),
			buy(1, 1, 0),
			buy(1, -1, 100),
			buy(1, 1.5, 100),
			buy(1, 1, 100, { capTickLots: 5 }),
			buy(1, 1, 0, { ...stop, stopPriceTicks: 0 }),
			buy(1, 1, 0, { ...stop, capTickLots: 0 }),
			buy(1, 5, 100, { displayLots: 6 }),
			buy(1, 5, 100, { displayLots: 2, timeInForce: 1 }),
			marketBuy(1, 1, 0),
			marketBuy(1, 1, 100, { byQuote: true }),
			marketSell(1, 1, { byQuote: true }),
			marketSell(1, 5, { displayLots: 1 }),
			amend(1, 1, 0),
		],
	},
	{
		name: "OutOfRange",
		commands: [
			buy(1, 1_000_001, 100),
			buy(1, 1, 1_000_001),
			buy(1, 1, 0, { ...stop, stopPriceTicks: 1_000_001 }),
			amend(1, 1, 1_000_001),
			{
				kind: CommandKind.SetSymbolRules,
				symbol: { ...BTCUSDT, filters: { ...BTCUSDT.filters, tickTicks: 5, stepLots: 10 } },
			},
			buy(1, 10, 101),
			buy(1, 11, 100),
			buy(1, 20, 100, { displayLots: 5 }),
			amend(1, 1, 11),
			marketBuy(1, 11, 900),
			buy(1, 10, 100),
		],
	},
	{
		name: "WouldTake",
		commands: [
			sell(1, 1, 100),
			buy(2, 1, 100, { type: OrderType.LimitMaker }),
			buy(1, 1, 99),
			sell(2, 1, 99, { type: OrderType.LimitMaker }),
		],
	},
	{
		name: "WouldTriggerImmediately",
		commands: [
			sell(1, 1, 100),
			buy(2, 1, 100),
			buy(1, 1, 0, stop),
			sell(1, 1, 0, stop),
			buy(1, 1, 0, { ...stop, type: OrderType.TakeProfit }),
			sell(1, 1, 99, { ...stop, type: OrderType.TakeProfitLimit, capTickLots: 0 }),
		],
	},
	{
		name: "UnknownOrder",
		commands: [
			buy(2, 5, 100),
			cancel(1, 1),
			cancel(1, 2),
			cancel(1, 0),
			amend(1, 1, 1),
			cancelAll(1),
		],
	},
	{
		name: "UnknownOrder: of another symbol",
		commands: [buy(1, 5, 100, { symbolId: 2 }), cancel(1, 1), amend(1, 1, 1)],
	},
	{
		name: "CancelRestricted",
		commands: [
			buy(1, 5, 100),
			cancel(1, 1, { restriction: CancelRestriction.OnlyPartiallyFilled }),
		],
	},
	{
		name: "AmendNotReducing",
		commands: [buy(1, 5, 100), sell(2, 2, 100), amend(1, 1, 5), amend(1, 1, 6), amend(1, 1, 2)],
	},
	{
		name: "HoldTooSmall",
		commands: [buy(1, 5, 100), replace(1, buy(1, 5, 100), { needAmount: 5_001n })],
	},
	{ name: "NotAttempted", commands: [replace(1, buy(1, 5, 100))] },
	{
		name: "InvalidCommand",
		commands: [{ kind: CommandKind.AddSymbol, symbol: BTCUSDT }],
	},
];
