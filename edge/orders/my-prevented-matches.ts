import { priceText, qtyText } from "../../schemas/api/number-text.ts";
import { STP_MODE_NAMES } from "../../schemas/api/order-names.ts";
import {
	type PreventedMatchesParams,
	preventedMatchesParams,
} from "../../schemas/api/order-params.ts";
import { preventedMatchesResult } from "../../schemas/api/order-results.ts";
import type { PreventedMatch } from "../../schemas/order-state.ts";
import type { PreventedMatchRange } from "../../schemas/ports/order-log.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { badCombination } from "../api-error.ts";
import { operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { symbolNamed } from "../symbols.ts";
import { answerOf } from "./account-answer.ts";
import { orderLogHas, orderLogReaches } from "./order-log-reads.ts";
import type { ViewFields } from "./order-view.ts";

/** Where self-trade prevention kept two orders of the account from trading. */
export const myPreventedMatches = operation({
	group: "Account",
	summary: "Matches that self-trade prevention prevented",
	http: [{ method: "GET", path: "/api/v3/myPreventedMatches" }],
	ws: ["myPreventedMatches"],
	security: "read",
	weight: (params) => (params.orderId === undefined ? 2 : 20),
	freeOnSuccess: false,
	params: preventedMatchesParams,
	result: preventedMatchesResult,
	async run({ services, caller: { userId } }, params) {
		const symbol = symbolNamed(services, params.symbol);
		const { symbolId } = symbol;
		const range = rangeOf(params);
		if ("orderId" in range) await orderLogHas(services, userId, symbolId, range.orderId);
		else await orderLogHasMatch(services, userId, symbolId, range.preventedMatchId);
		const matches = await services.orderLog.preventedMatches(userId, symbolId, range);
		return matches.map((match) => matchView(symbol, match));
	},
});

/** @throws ApiError -1128 unless one of the two ids says what is meant */
function rangeOf(params: PreventedMatchesParams): PreventedMatchRange {
	const { preventedMatchId, orderId, fromPreventedMatchId, limit } = params;
	if (orderId !== undefined && preventedMatchId === undefined) {
		return { orderId, fromPreventedMatchId: fromPreventedMatchId ?? 0, limit };
	}
	if (preventedMatchId === undefined || orderId !== undefined) throw badCombination();
	if (fromPreventedMatchId !== undefined) throw badCombination();
	return { preventedMatchId };
}

/** Waits for the match of an order that the account worker still has; older ones the order log has. */
async function orderLogHasMatch(
	services: EdgeServices,
	userId: number,
	symbolId: number,
	preventedMatchId: number,
): Promise<void> {
	const account = services.accounts(userId);
	const recent = await answerOf(services, "query", account.recentOrders(userId, symbolId));
	const evSeqs = recent.orders
		.filter((order) => order.preventedMatchId >= Math.max(1, preventedMatchId))
		.map((order) => order.evSeq);
	await orderLogReaches(services, recent.partition, Math.max(recent.floorEvSeq, ...evSeqs));
}

function matchView(symbol: SymbolSpec, match: PreventedMatch): object {
	const view: ViewFields = {
		symbol: symbol.symbol,
		preventedMatchId: match.preventedMatchId,
		takerOrderId: match.takerOrderId,
		makerSymbol: symbol.symbol,
		makerOrderId: match.makerOrderId,
		tradeGroupId: -1,
		selfTradePreventionMode: STP_MODE_NAMES[match.stpMode],
		price: priceText(symbol, match.priceTicks),
	};
	const { takerPreventedLots: taker, makerPreventedLots: maker } = match;
	if (taker > 0) view["takerPreventedQuantity"] = qtyText(symbol, taker);
	if (maker > 0) view["makerPreventedQuantity"] = qtyText(symbol, maker);
	view["transactTime"] = match.ts;
	return view;
}
