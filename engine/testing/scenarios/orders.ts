import { OrderType, StpMode, TimeInForce } from "../../../schemas/order.ts";
import { buy, marketBuy, marketSell, sell } from "../commands.ts";
import type { Scenario } from "../scenario.ts";

const ioc = { timeInForce: TimeInForce.Ioc };
const fok = { timeInForce: TimeInForce.Fok };
const postOnly = { type: OrderType.LimitMaker };
const byQuote = { byQuote: true };
const asks = [sell(1, 5, 100), sell(2, 5, 101), sell(3, 5, 103)];
const bids = [buy(1, 5, 99), buy(2, 5, 98), buy(3, 5, 96)];

/** Every order type and time in force that does not wait for a trigger. */
export const ORDERS: readonly Scenario[] = [
	{ name: "a limit order rests", commands: [buy(1, 5, 100), sell(2, 3, 101)] },
	{
		name: "oldest first within a price",
		commands: [sell(1, 5, 100), sell(2, 5, 100), buy(3, 7, 100)],
	},
	{ name: "best price first, at the maker's price", commands: [...asks, buy(4, 12, 102)] },
	{ name: "a sell takes the highest bid first", commands: [...bids, sell(4, 12, 97)] },
	{ name: "what does not fill rests at its own limit", commands: [...asks, buy(4, 12, 101)] },
	{ name: "IOC: the rest expires", commands: [...asks, buy(4, 12, 101, ioc)] },
	{ name: "IOC: nothing to take", commands: [buy(4, 12, 101, ioc)] },
	{ name: "FOK: all of it", commands: [...asks, buy(4, 10, 101, fok)] },
	{ name: "FOK: not one lot too many", commands: [...asks, buy(4, 11, 101, fok)] },
	{
		name: "FOK: hidden quantity counts",
		commands: [sell(1, 9, 100, { displayLots: 2 }), buy(2, 9, 100, fok)],
	},
	{
		name: "FOK: an own order that would be prevented does not count",
		commands: [
			sell(1, 5, 100),
			sell(2, 5, 100),
			buy(1, 6, 100, { ...fok, stpMode: StpMode.ExpireMaker }),
			buy(1, 5, 100, { ...fok, stpMode: StpMode.ExpireMaker }),
		],
	},
	{
		name: "FOK: behind an own order nothing is reached when the taker would expire",
		commands: [
			sell(2, 5, 100),
			sell(1, 5, 100),
			sell(2, 5, 100),
			buy(1, 6, 100, { ...fok, stpMode: StpMode.ExpireTaker }),
			buy(1, 5, 100, { ...fok, stpMode: StpMode.ExpireTaker }),
		],
	},
	{ name: "post-only rests", commands: [sell(1, 5, 100), buy(2, 5, 99, postOnly)] },
	{ name: "market buy by quantity", commands: [...asks, marketBuy(4, 12, 10_000)] },
	{
		name: "market buy by quantity: the book runs out",
		commands: [...asks, marketBuy(4, 20, 10_000)],
	},
	{
		name: "market buy by quantity: the budget runs out",
		commands: [...asks, marketBuy(4, 12, 802)],
	},
	{ name: "market buy: nothing to take", commands: [marketBuy(4, 12, 10_000)] },
	{ name: "market sell by quantity", commands: [...bids, marketSell(4, 7)] },
	{ name: "market sell by quantity: the book runs out", commands: [...bids, marketSell(4, 20)] },
	{
		name: "market buy by amount, to the last tick-lot",
		commands: [...asks, marketBuy(4, 0, 1_005, byQuote)],
	},
	{
		name: "market buy by amount, as far as lots allow",
		commands: [...asks, marketBuy(4, 0, 800, byQuote)],
	},
	{
		name: "market buy by amount: the book runs out",
		commands: [...asks, marketBuy(4, 0, 9_999, byQuote)],
	},
	{ name: "market buy by amount: not one lot", commands: [...asks, marketBuy(4, 0, 99, byQuote)] },
	{
		name: "market sell by amount, within what is held",
		commands: [...bids, marketSell(4, 20, { ...byQuote, capTickLots: 691 })],
	},
	{
		name: "market sell by amount: never past a better bid that it cannot take",
		commands: [...bids, marketSell(4, 20, { ...byQuote, capTickLots: 495 + 97 })],
	},
	{
		name: "market sell by amount: what is held runs out",
		commands: [...bids, marketSell(4, 6, { ...byQuote, capTickLots: 5_000 })],
	},
	{
		name: "market buy by amount: it is spent with the last lot of the book",
		commands: [sell(1, 5, 100), marketBuy(4, 0, 599, byQuote)],
	},
	{
		name: "market buy by amount: one more lot at the last price was wanted",
		commands: [sell(1, 5, 100), marketBuy(4, 0, 600, byQuote)],
	},
	{
		name: "market sell by amount: one more lot at the last price was wanted, whatever is asked",
		commands: [
			sell(1, 1, 105),
			buy(2, 5, 100),
			marketSell(4, 20, { ...byQuote, capTickLots: 602 }),
		],
	},
	{
		name: "a budget of one tick-lot is a budget",
		commands: [...asks, marketBuy(4, 5, 1), sell(5, 3, 1), marketBuy(6, 3, 1)],
	},
	{
		name: "post-only rests whatever its time in force says",
		commands: [buy(2, 5, 99, { ...postOnly, ...ioc }), buy(2, 5, 98, { ...postOnly, ...fok })],
	},
	{
		name: "prices anywhere in the range",
		commands: [sell(1, 1, 1_000_000), buy(2, 1, 1), sell(1, 1, 2), buy(2, 2, 1_000_000)],
	},
];
