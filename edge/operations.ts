import { account } from "./account/account.ts";
import { accountStatus } from "./account/account-status.ts";
import { apiRestrictions } from "./account/api-restrictions.ts";
import { assetDetail } from "./account/asset-detail.ts";
import { coins } from "./account/coins.ts";
import { commission } from "./account/commission.ts";
import { depositHistory } from "./account/deposit-history.ts";
import { closeListenKey, extendListenKey, startListenKey } from "./account/listen-keys.ts";
import { marginPairs } from "./account/margin-pairs.ts";
import { myFilters } from "./account/my-filters.ts";
import { orderRateLimits } from "./account/order-rate-limits.ts";
import { tradeFee } from "./account/trade-fee.ts";
import { withdrawHistory } from "./account/withdraw-history.ts";
import { exchangeInfo } from "./general/exchange-info.ts";
import { executionRules } from "./general/execution-rules.ts";
import { ping } from "./general/ping.ts";
import { serverTime } from "./general/server-time.ts";
import { systemStatus } from "./general/system-status.ts";
import { aggTrades } from "./market-data/agg-trades.ts";
import { averagePrice } from "./market-data/average-price.ts";
import { bookTicker } from "./market-data/book-ticker.ts";
import { depth } from "./market-data/depth.ts";
import { historicalBlockTrades } from "./market-data/historical-block-trades.ts";
import { historicalTrades } from "./market-data/historical-trades.ts";
import { klines, uiKlines } from "./market-data/klines.ts";
import { priceTicker } from "./market-data/price-ticker.ts";
import { recentTrades } from "./market-data/recent-trades.ts";
import { referencePrice } from "./market-data/reference-price.ts";
import { ticker24h } from "./market-data/ticker-24h.ts";
import { tradingDayTicker } from "./market-data/trading-day-ticker.ts";
import { windowTicker } from "./market-data/window-ticker.ts";
import type { Operation } from "./operation.ts";
import { allOrders } from "./orders/all-orders.ts";
import { amendOrder } from "./orders/amend-order.ts";
import { cancelOpenOrders } from "./orders/cancel-open-orders.ts";
import { cancelOrder } from "./orders/cancel-order.ts";
import { cancelReplace } from "./orders/cancel-replace.ts";
import { myAllocations } from "./orders/my-allocations.ts";
import { myPreventedMatches } from "./orders/my-prevented-matches.ts";
import { myTrades } from "./orders/my-trades.ts";
import { openOrders } from "./orders/open-orders.ts";
import { orderAmendments } from "./orders/order-amendments.ts";
import { allOrderLists, openOrderLists, queryOrderList } from "./orders/order-lists.ts";
import { placeOrder } from "./orders/place-order.ts";
import { queryOrder } from "./orders/query-order.ts";
import { cancelOrderList, refusedOrders } from "./orders/refused-orders.ts";
import { testOrder } from "./orders/test-order.ts";

/** Every call of the API, in the order of the OpenAPI document. */
export const operations: readonly Operation[] = [
	ping,
	serverTime,
	exchangeInfo,
	executionRules,
	depth,
	recentTrades,
	historicalTrades,
	historicalBlockTrades,
	aggTrades,
	klines,
	uiKlines,
	averagePrice,
	ticker24h,
	tradingDayTicker,
	windowTicker,
	priceTicker,
	bookTicker,
	referencePrice,
	placeOrder,
	testOrder,
	cancelOrder,
	cancelOpenOrders,
	cancelReplace,
	amendOrder,
	...refusedOrders,
	cancelOrderList,
	queryOrder,
	openOrders,
	allOrders,
	orderAmendments,
	queryOrderList,
	openOrderLists,
	allOrderLists,
	myTrades,
	myPreventedMatches,
	myAllocations,
	account,
	commission,
	orderRateLimits,
	myFilters,
	startListenKey,
	extendListenKey,
	closeListenKey,
	systemStatus,
	tradeFee,
	coins,
	depositHistory,
	withdrawHistory,
	assetDetail,
	accountStatus,
	apiRestrictions,
	marginPairs,
];
