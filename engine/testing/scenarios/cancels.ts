import { CommandKind } from "../../../schemas/command.ts";
import { CancelRestriction, OrderType, SymbolState } from "../../../schemas/order.ts";
import { amend, buy, cancel, cancelAll, marketSell, sell } from "../commands.ts";
import type { Scenario } from "../scenario.ts";

const { OnlyNew, OnlyPartiallyFilled } = CancelRestriction;

const stopAt = (stopPriceTicks: number) => ({ type: OrderType.StopLoss, stopPriceTicks });

function inState(name: string, state: SymbolState): Scenario {
	return {
		name,
		commands: [
			buy(1, 5, 100),
			buy(1, 5, 99),
			{ kind: CommandKind.SetSymbolState, symbolId: 1, state },
			buy(1, 5, 98),
			amend(1, 1, 3),
			cancel(1, 1),
			cancelAll(1),
			{ kind: CommandKind.SetSymbolState, symbolId: 1, state: SymbolState.Trading },
			marketSell(2, 1),
		],
	};
}

/** Cancels, amends, cancel-all and the states of a symbol. */
export const CANCELS: readonly Scenario[] = [
	{ name: "cancel", commands: [buy(1, 5, 100), buy(2, 5, 100), cancel(1, 1), marketSell(3, 1)] },
	{
		name: "cancel what is left after a fill",
		commands: [buy(1, 5, 100), sell(2, 2, 100), cancel(1, 1)],
	},
	{
		name: "cancel only what has not traded",
		commands: [
			buy(1, 5, 100),
			cancel(1, 1, { restriction: OnlyPartiallyFilled }),
			sell(2, 2, 100),
			cancel(1, 1, { restriction: OnlyNew }),
			cancel(1, 1, { restriction: OnlyPartiallyFilled }),
		],
	},
	{
		name: "amend keeps the place in the queue",
		commands: [buy(1, 5, 100), buy(2, 5, 100), amend(1, 1, 3), marketSell(3, 4)],
	},
	{
		name: "amend a partly filled order: its total, not what is left",
		commands: [buy(1, 5, 100), sell(2, 2, 100), amend(1, 1, 2), amend(1, 1, 3), cancel(1, 1)],
	},
	{
		name: "cancel-all: one user's orders of one symbol, by id",
		commands: [
			buy(1, 5, 100),
			sell(1, 5, 103),
			buy(2, 5, 100),
			buy(1, 5, 101, { symbolId: 2 }),
			buy(1, 5, 101),
			cancelAll(1),
			cancelAll(1),
		],
	},
	{
		name: "cancel-all leaves other users' waiting stops",
		commands: [
			sell(8, 1, 100),
			buy(9, 1, 100),
			sell(1, 5, 0, stopAt(90)),
			sell(2, 5, 0, stopAt(90)),
			buy(2, 5, 99),
			cancelAll(1),
		],
	},
	inState("CANCEL_ONLY takes cancels", SymbolState.CancelOnly),
	inState("HALT takes nothing", SymbolState.Halt),
	inState("BREAK takes nothing", SymbolState.Break),
];
