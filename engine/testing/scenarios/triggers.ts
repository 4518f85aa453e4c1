import { OrderType, TimeInForce } from "../../../schemas/order.ts";
import { amend, buy, cancel, cancelAll, marketSell, sell } from "../commands.ts";
import type { Scenario } from "../scenario.ts";

const stopAt = (stopPriceTicks: number, more = {}) => ({
	type: OrderType.StopLoss,
	stopPriceTicks,
	...more,
});
const stopLimitAt = (stopPriceTicks: number, more = {}) => ({
	type: OrderType.StopLossLimit,
	stopPriceTicks,
	...more,
});
const takeAt = (stopPriceTicks: number, more = {}) => ({
	type: OrderType.TakeProfit,
	stopPriceTicks,
	...more,
});
const takeLimitAt = (stopPriceTicks: number, more = {}) => ({
	type: OrderType.TakeProfitLimit,
	stopPriceTicks,
	...more,
});
/** A trade of one lot at a price. */
const tradeAt = (price: number) => [sell(8, 1, price), buy(9, 1, price)];

/** Stop-loss and take-profit orders. */
export const TRIGGERS: readonly Scenario[] = [
	{
		name: "a stop-loss buy waits for a rise, then is a market order with a budget",
		commands: [
			...tradeAt(100),
			buy(1, 5, 0, stopAt(105, { capTickLots: 1_000 })),
			...tradeAt(104),
			sell(2, 3, 106),
			sell(2, 9, 107),
			...tradeAt(105),
		],
	},
	{
		name: "a stop-loss sell waits for a fall",
		commands: [
			...tradeAt(100),
			sell(1, 5, 0, stopAt(95)),
			buy(2, 9, 90),
			...tradeAt(96),
			marketSell(3, 1),
		],
	},
	{
		name: "a take-profit sell waits for a rise",
		commands: [...tradeAt(100), sell(1, 5, 0, takeAt(105)), buy(2, 9, 90), ...tradeAt(105)],
	},
	{
		name: "a take-profit buy waits for a fall",
		commands: [
			...tradeAt(100),
			buy(1, 5, 0, takeAt(95, { capTickLots: 1_000 })),
			sell(2, 9, 101),
			...tradeAt(95),
		],
	},
	{
		name: "a stop-limit becomes a limit order and rests",
		commands: [...tradeAt(100), buy(1, 5, 107, stopLimitAt(105)), ...tradeAt(105)],
	},
	{
		name: "a take-profit-limit that is IOC expires after it triggered",
		commands: [
			...tradeAt(100),
			sell(1, 5, 106, takeLimitAt(105, { timeInForce: TimeInForce.Ioc })),
			...tradeAt(105),
		],
	},
	{
		name: "a stop-limit that is FOK expires whole",
		commands: [
			...tradeAt(100),
			buy(1, 5, 110, stopLimitAt(105, { timeInForce: TimeInForce.Fok })),
			sell(2, 4, 106),
			...tradeAt(105),
		],
	},
	{
		name: "a stop-limit may hide a part of itself",
		commands: [
			...tradeAt(100),
			buy(1, 5, 107, stopLimitAt(105, { displayLots: 2 })),
			...tradeAt(105),
		],
	},
	{
		name: "a stop without a last price waits for the first trade",
		commands: [sell(1, 5, 0, stopAt(95)), ...tradeAt(94)],
	},
	{
		name: "what does not trade triggers nothing, and before the first trade there is no price",
		commands: [
			sell(1, 5, 0, stopAt(95)),
			buy(2, 5, 90, { timeInForce: TimeInForce.Ioc }),
			buy(2, 5, 90),
			sell(3, 1, 0, stopAt(1)),
			sell(4, 1, 91),
		],
	},
	{
		name: "the price reached first goes first, then the oldest",
		commands: [
			...tradeAt(100),
			buy(1, 1, 120, stopLimitAt(110)),
			buy(2, 1, 120, stopLimitAt(105)),
			buy(3, 1, 120, stopLimitAt(105)),
			...tradeAt(111),
		],
	},
	{
		name: "from both sides of the first trade: the furthest first, then the oldest",
		commands: [
			sell(1, 1, 150, stopLimitAt(103)),
			buy(2, 1, 50, stopLimitAt(98)),
			buy(3, 1, 50, stopLimitAt(96)),
			sell(4, 1, 150, stopLimitAt(102)),
			sell(5, 1, 150, stopLimitAt(105)),
			...tradeAt(100),
		],
	},
	{
		name: "one stop's trades trigger the next",
		commands: [
			...tradeAt(100),
			sell(1, 2, 0, stopAt(95)),
			sell(2, 2, 0, stopAt(90)),
			buy(3, 1, 94),
			buy(3, 2, 89),
			buy(3, 1, 80),
			...tradeAt(95),
		],
	},
	{
		name: "a stop that the price has left again waits on",
		commands: [
			...tradeAt(100),
			buy(5, 4, 50),
			sell(1, 2, 0, takeAt(105)),
			buy(2, 1, 115, stopLimitAt(106)),
			...tradeAt(107),
		],
	},
	{
		name: "a waiting stop can be amended and canceled",
		commands: [...tradeAt(100), sell(1, 5, 0, stopAt(95)), amend(1, 3, 3), cancel(1, 3)],
	},
	{
		name: "cancel-all takes waiting stops too",
		commands: [...tradeAt(100), sell(1, 5, 0, stopAt(95)), buy(1, 5, 90), cancelAll(1)],
	},
];
