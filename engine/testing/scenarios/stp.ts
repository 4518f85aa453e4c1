import { StpMode } from "../../../schemas/order.ts";
import { buy, marketBuy, marketSell, sell } from "../commands.ts";
import type { Scenario } from "../scenario.ts";

type Pair = keyof typeof StpMode;

/** One own order between two strangers' orders. */
function between(name: string, taker: Pair, maker: Pair = "None", more = {}): Scenario {
	return {
		name,
		commands: [
			sell(2, 3, 100),
			sell(1, 4, 100, { stpMode: StpMode[maker], ...more }),
			sell(3, 3, 100),
			buy(1, 9, 100, { stpMode: StpMode[taker] }),
		],
	};
}

const decrement = { stpMode: StpMode.Decrement };

/** Every mode of self-trade prevention. */
export const STP: readonly Scenario[] = [
	between("None trades with itself", "None", "ExpireBoth"),
	between("ExpireMaker", "ExpireMaker"),
	between("ExpireTaker", "ExpireTaker"),
	between("ExpireBoth", "ExpireBoth"),
	between("Decrement: the maker is the smaller", "Decrement"),
	{
		name: "Decrement: the taker is the smaller",
		commands: [sell(1, 5, 100), buy(1, 3, 100, decrement)],
	},
	{ name: "Decrement: both equal", commands: [sell(1, 5, 100), buy(1, 5, 100, decrement)] },
	between("Transfer, when both say it", "Transfer", "Transfer"),
	between("Transfer becomes Decrement when the maker does not say it", "Transfer", "Decrement"),
	between("Decrement stays Decrement when the maker says Transfer", "Decrement", "Transfer"),
	between("ExpireMaker takes an iceberg whole", "ExpireMaker", "None", { displayLots: 2 }),
	between("Decrement takes an iceberg slice by slice", "Decrement", "None", { displayLots: 2 }),
	{
		name: "a quote-amount buy gives up its cap at the maker's price",
		commands: [
			sell(1, 2, 100),
			sell(2, 9, 101),
			marketBuy(1, 0, 503, { byQuote: true, stpMode: StpMode.Decrement }),
		],
	},
	{
		name: "a quote-amount buy that expires gives up what its cap buys there",
		commands: [
			sell(1, 2, 100),
			marketBuy(1, 0, 503, { byQuote: true, stpMode: StpMode.ExpireTaker }),
		],
	},
	{
		name: "a budget smaller than the quantity: the rest is left",
		commands: [sell(1, 9, 100), marketBuy(1, 9, 503, { stpMode: StpMode.ExpireBoth })],
	},
	{
		name: "what a prevention has ended takes nothing at the next price, though its cap would do",
		commands: [
			buy(1, 2, 100),
			buy(2, 5, 50),
			marketSell(1, 9, { byQuote: true, capTickLots: 250, stpMode: StpMode.Decrement }),
		],
	},
	{
		name: "several own orders on the way",
		commands: [
			sell(1, 2, 100),
			sell(1, 2, 101),
			sell(2, 2, 102),
			buy(1, 5, 102, { stpMode: StpMode.ExpireMaker }),
		],
	},
];
