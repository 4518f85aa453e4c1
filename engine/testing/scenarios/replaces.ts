import { CancelReplaceMode, CancelRestriction, OrderType } from "../../../schemas/order.ts";
import { buy, replace, sell } from "../commands.ts";
import type { Scenario } from "../scenario.ts";

const allowFailure = { mode: CancelReplaceMode.AllowFailure };
const extra = (amount: bigint) => ({ hold: { assetId: 2, amount } });
const postOnly = { type: OrderType.LimitMaker };
const stopBuy = (stopPriceTicks: number, more = {}) =>
	buy(1, 5, 0, { type: OrderType.StopLoss, stopPriceTicks, ...more });
const stopSell = (stopPriceTicks: number) =>
	sell(1, 5, 0, { type: OrderType.StopLoss, stopPriceTicks });
const lastAt100 = [sell(8, 1, 100), buy(9, 1, 100)];

/** What becomes of a cancel-replace. A tick-lot is 10 units of the quote, a lot 1000 of the base. */
export const REPLACES: readonly Scenario[] = [
	{
		name: "canceled and placed, behind the queue",
		commands: [buy(1, 5, 100), buy(2, 5, 100), replace(1, buy(1, 5, 100), { needAmount: 5_000n })],
	},
	{
		name: "the new order takes at once",
		commands: [buy(1, 5, 100), sell(2, 3, 102), replace(1, buy(1, 3, 102), { needAmount: 3_060n })],
	},
	{
		name: "what the old order released and the extra hold cover the new one, to the unit",
		commands: [
			buy(1, 5, 100),
			replace(1, buy(1, 6, 100), { needAmount: 6_000n, ...extra(1_000n) }),
		],
	},
	{
		name: "one unit short: the cancel stands, the new order is refused",
		commands: [buy(1, 5, 100), replace(1, buy(1, 6, 100), { needAmount: 6_000n, ...extra(999n) })],
	},
	{
		name: "a fill in between has made the old order worth less",
		commands: [buy(1, 5, 100), sell(2, 1, 100), replace(1, buy(1, 5, 100), { needAmount: 5_000n })],
	},
	{
		name: "a sell is compared in lots",
		commands: [
			sell(1, 5, 100),
			replace(1, sell(1, 5, 99), { needAmount: 5_000n }),
			replace(2, sell(1, 6, 99), { needAmount: 6_000n }),
		],
	},
	{
		name: "nothing crosses sides",
		commands: [
			buy(1, 5, 100),
			replace(1, sell(1, 1, 101), { needAmount: 1_000n }),
			buy(1, 5, 100),
			replace(2, sell(1, 1, 101), { needAmount: 1_000n, ...extra(1_000n) }),
		],
	},
	{
		name: "a waiting stop frees its budget, a stop-limit its limit's worth",
		commands: [
			...lastAt100,
			stopBuy(110, { capTickLots: 600 }),
			replace(3, buy(1, 6, 100, postOnly), { needAmount: 6_000n }),
			stopBuy(110, { type: OrderType.StopLossLimit, priceTicks: 120 }),
			replace(5, buy(1, 6, 99), { needAmount: 6_001n }),
		],
	},
	{
		name: "a waiting sell stop frees its lots",
		commands: [
			...lastAt100,
			stopSell(90),
			replace(3, sell(1, 5, 110), { needAmount: 5_000n }),
			stopSell(90),
			replace(5, sell(1, 6, 110), { needAmount: 5_001n }),
		],
	},
	{
		name: "post-only that would take: the old order stays canceled",
		commands: [
			buy(1, 5, 100),
			sell(2, 5, 102),
			replace(1, buy(1, 4, 102, postOnly), { needAmount: 4_080n }),
		],
	},
	{
		name: "post-only against the own order that it replaces",
		commands: [
			sell(1, 5, 102),
			replace(1, buy(1, 4, 102, postOnly), { needAmount: 4_080n, ...extra(4_080n) }),
		],
	},
	{
		name: "a stop that would trigger at once",
		commands: [...lastAt100, buy(1, 5, 99), replace(3, stopBuy(100, { capTickLots: 400 }), {})],
	},
	{
		name: "STOP_ON_FAILURE: unknown, so not attempted",
		commands: [buy(2, 5, 100), replace(1, buy(1, 5, 100), {}), replace(9, buy(1, 5, 100), {})],
	},
	{
		name: "ALLOW_FAILURE: unknown, placed with the extra hold",
		commands: [
			replace(0, buy(1, 5, 100), { ...allowFailure, needAmount: 5_000n, ...extra(5_000n) }),
		],
	},
	{
		name: "ALLOW_FAILURE: unknown, and the extra hold is too small",
		commands: [
			replace(9, buy(1, 5, 100), { ...allowFailure, needAmount: 5_000n, ...extra(4_999n) }),
		],
	},
	{
		name: "restricted: not attempted, or placed beside the old one",
		commands: [
			buy(1, 5, 100),
			replace(1, buy(1, 5, 99), { cancelRestriction: CancelRestriction.OnlyPartiallyFilled }),
			replace(1, buy(1, 5, 99), {
				...allowFailure,
				cancelRestriction: CancelRestriction.OnlyPartiallyFilled,
			}),
		],
	},
	{
		name: "a malformed new order refuses both parts",
		commands: [
			buy(1, 5, 100),
			replace(1, buy(1, 0, 100), {}),
			replace(1, buy(1, 5, 1_000_001), {}),
		],
	},
];
