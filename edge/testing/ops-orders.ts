import {
	ExpiryReason,
	OrderStatus,
	OrderType,
	Side,
	StpMode,
	TimeInForce,
} from "../../schemas/order.ts";
import type { Amendment, Fill, OrderState, PreventedMatch } from "../../schemas/order-state.ts";
import { NOW_MS } from "./ops-fakes.ts";

/** A resting limit order: 0.5 BTC at 60000.00, filled by 0.2. */
export const LIMIT_ORDER: OrderState = {
	partition: 0,
	symbolId: 1,
	shard: 1,
	seq: 12,
	orderId: 28,
	userId: 7,
	side: Side.Buy,
	type: OrderType.Limit,
	timeInForce: TimeInForce.Gtc,
	byQuote: false,
	priceTicks: 6_000_000,
	qtyLots: 50_000,
	capTickLots: 0,
	stopPriceTicks: 0,
	displayLots: 0,
	stpMode: StpMode.ExpireMaker,
	makerFeePpm: 1_000,
	takerFeePpm: 1_000,
	clientOrderId: "6gCrw2kRUAF9CvJDGP16IP",
	clientIdGiven: true,
	strategyId: 0,
	strategyType: 0,
	status: OrderStatus.PartiallyFilled,
	expiryReason: ExpiryReason.None,
	cumQtyLots: 20_000,
	cumTickLots: 20_000 * 6_000_000,
	preventedLots: 0,
	preventedTickLots: 0,
	preventedMatchId: 0,
	holdAssetId: 3,
	heldAmount: 1n,
	createdAtMs: NOW_MS - 1_000,
	updatedAtMs: NOW_MS - 10,
	workingAtMs: NOW_MS - 1_000,
	evSeq: 40,
};

/** A stop order that waits, with everything that is shown only sometimes. */
export const STOP_ORDER: OrderState = {
	...LIMIT_ORDER,
	orderId: 29,
	side: Side.Sell,
	type: OrderType.StopLossLimit,
	stopPriceTicks: 5_900_050,
	displayLots: 10_000,
	status: OrderStatus.Expired,
	expiryReason: ExpiryReason.InsufficientLiquidity,
	strategyId: 37_463_720,
	strategyType: 1_000_000,
	preventedLots: 1,
	preventedMatchId: 4,
	workingAtMs: 0,
};

/** A market order by quote amount: 1000 USDT asked, 0.01 BTC got. */
export const QUOTE_ORDER: OrderState = {
	...LIMIT_ORDER,
	orderId: 30,
	type: OrderType.Market,
	byQuote: true,
	priceTicks: 0,
	qtyLots: 0,
	capTickLots: 10_000_000_000,
	cumQtyLots: 1_000,
	cumTickLots: 1_000 * 6_000_000,
	status: OrderStatus.Filled,
};

export const FILL: Fill = {
	partition: 0,
	symbolId: 1,
	tradeId: 56,
	orderId: 28,
	userId: 7,
	side: Side.Buy,
	isMaker: false,
	priceTicks: 6_000_000,
	qtyLots: 20_000,
	feeAmount: 20_000n,
	feeAssetId: 1,
	ts: NOW_MS - 10,
	evSeq: 40,
};

/** It had 0.7 before it had 0.5. */
export const AMENDMENT: Amendment = {
	symbolId: 1,
	orderId: 28,
	userId: 7,
	executionId: 390_000,
	origClientOrderId: "W0fJ9fiLKHOJutovPK3oJp",
	clientOrderId: "6gCrw2kRUAF9CvJDGP16IP",
	origQtyLots: 70_000,
	newQtyLots: 50_000,
	ts: NOW_MS - 20,
	evSeq: 39,
};

export const PREVENTED_MATCH: PreventedMatch = {
	symbolId: 1,
	preventedMatchId: 4,
	userId: 7,
	makerOrderId: 28,
	takerOrderId: 31,
	priceTicks: 6_000_000,
	makerPreventedLots: 30_000,
	takerPreventedLots: 0,
	stpMode: StpMode.ExpireMaker,
	ts: NOW_MS - 5,
	evSeq: 41,
};
