import { OrderType } from "../../../schemas/order.ts";
import { amend, buy, cancel, marketBuy, sell } from "../commands.ts";
import type { Scenario } from "../scenario.ts";

const shows = (displayLots: number) => ({ displayLots });

/** Orders that show a part of themselves. */
export const ICEBERGS: readonly Scenario[] = [
	{ name: "shows a slice", commands: [sell(1, 9, 100, shows(4))] },
	{
		name: "a used-up slice is followed by the next, behind the queue",
		commands: [sell(1, 9, 100, shows(4)), sell(2, 5, 100), buy(3, 4, 100), buy(3, 5, 100)],
	},
	{
		name: "a pass comes back to it",
		commands: [sell(1, 9, 100, shows(4)), sell(2, 5, 100), buy(3, 13, 100)],
	},
	{
		name: "a part of a slice keeps its place",
		commands: [sell(1, 9, 100, shows(4)), sell(2, 5, 100), buy(3, 3, 100), buy(3, 2, 100)],
	},
	{ name: "its last slice is what is left", commands: [sell(1, 5, 100, shows(4)), buy(3, 4, 100)] },
	{
		name: "an incoming one takes with all of itself and rests with a slice",
		commands: [sell(1, 6, 100), buy(2, 15, 100, shows(4))],
	},
	{
		name: "post-only may hide",
		commands: [sell(1, 9, 100, { ...shows(2), type: OrderType.LimitMaker }), marketBuy(2, 3, 999)],
	},
	{
		name: "an amend takes the hidden part first and shows nothing of it",
		commands: [sell(1, 9, 100, shows(4)), amend(1, 1, 5), amend(1, 1, 3)],
	},
	{
		name: "shows one lot at a time",
		commands: [sell(1, 3, 100, shows(1)), sell(2, 1, 100), buy(3, 3, 100)],
	},
	{ name: "a cancel says all that was left", commands: [sell(1, 9, 100, shows(4)), cancel(1, 1)] },
];
