import { assetText, priceText, qtyText, quoteText } from "../../schemas/api/number-text.ts";
import { type MyTradesParams, myTradesParams } from "../../schemas/api/order-params.ts";
import { myTradesResult } from "../../schemas/api/order-results.ts";
import { Side } from "../../schemas/order.ts";
import type { Fill } from "../../schemas/order-state.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { badCombination } from "../api-error.ts";
import { operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { assetOfId, symbolNamed } from "../symbols.ts";
import { answerOf } from "./account-answer.ts";
import { mergeFills } from "./merge-reads.ts";
import { orderLogReaches } from "./order-log-reads.ts";
import { checkWindow, fromOne } from "./time-window.ts";

/** The account's fills in a symbol, by order, by trade id or within a day. */
export const myTrades = operation({
	group: "Account",
	summary: "Fills of the account",
	http: [{ method: "GET", path: "/api/v3/myTrades" }],
	ws: ["myTrades"],
	security: "read",
	weight: (params) => (params.orderId === undefined ? 20 : 5),
	freeOnSuccess: false,
	params: myTradesParams,
	result: myTradesResult,
	async run({ services, caller: { userId } }, params) {
		const symbol = symbolNamed(services, params.symbol);
		checkChoice(params);
		const range = {
			orderId: params.orderId ?? 0,
			fromTradeId: fromOne(params.fromId),
			startMs: fromOne(params.startTime),
			endMs: fromOne(params.endTime),
			limit: params.limit,
		};
		const { symbolId } = symbol;
		const account = services.accounts(userId);
		const recent = await answerOf(services, "query", account.recentOrders(userId, symbolId));
		await orderLogReaches(services, recent.partition, recent.floorEvSeq);
		const order = recent.orders.find(({ orderId }) => orderId === range.orderId);
		const life = order === undefined ? {} : { orderCreatedAtMs: order.createdAtMs };
		// One more: it may be the other side of the page's last trade.
		const more = { ...range, ...life, limit: range.limit + 1 };
		const logged = await services.orderLog.fills(userId, symbolId, more);
		return mergeFills(recent.fills, logged, range).map((fill) => rowView(services, symbol, fill));
	},
});

/** Times stand alone; an order id may have a trade id with it. */
function checkChoice(params: MyTradesParams): void {
	const timed = params.startTime !== undefined || params.endTime !== undefined;
	const named = params.orderId !== undefined || params.fromId !== undefined;
	if (timed && named) throw badCombination();
	checkWindow(params.startTime, params.endTime);
}

function rowView(services: EdgeServices, symbol: SymbolSpec, fill: Fill): object {
	const feeAsset = assetOfId(services, fill.feeAssetId);
	return {
		symbol: symbol.symbol,
		id: fill.tradeId,
		orderId: fill.orderId,
		orderListId: -1,
		price: priceText(symbol, fill.priceTicks),
		qty: qtyText(symbol, fill.qtyLots),
		quoteQty: quoteText(symbol, BigInt(fill.priceTicks) * BigInt(fill.qtyLots)),
		commission: assetText(feeAsset, fill.feeAmount),
		commissionAsset: feeAsset.asset,
		time: fill.ts,
		isBuyer: fill.side === Side.Buy,
		isMaker: fill.isMaker,
		isBestMatch: true,
	};
}
