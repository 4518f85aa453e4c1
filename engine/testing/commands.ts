import {
	type AmendOrder,
	type CancelAllOrders,
	type CancelOrder,
	type CancelReplace,
	CommandKind,
	type NewOrder,
	type PlaceOrder,
	type RestoreOrder,
	type ResumePartition,
} from "../../schemas/command.ts";
import {
	ExpiryReason,
	OrderStatus,
	OrderType,
	Side,
	StpMode,
	TimeInForce,
} from "../../schemas/order.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";
import { btcUsdt } from "../../schemas/testing/symbols.ts";

const LIMITS = { maxPriceTicks: 1_000_000, maxQtyLots: 1_000_000 };

/** A small market: 1 tick-lot is 10 units of the quote, 1 lot 1000 units of the base. */
export const BTCUSDT: SymbolSpec = {
	...btcUsdt,
	quote: { assetId: 2, asset: "USDT", name: "Tether", decimals: 8 },
	...LIMITS,
	filters: {
		...{ ...btcUsdt.filters, ...LIMITS },
		marketMaxQtyLots: LIMITS.maxQtyLots,
		minNotionalTickLots: 1,
		maxNotionalTickLots: Number.MAX_SAFE_INTEGER,
		icebergParts: 100,
	},
};

/** A second market of the same partition, so that ids are seen to be shared. */
export const ETHUSDT: SymbolSpec = {
	...BTCUSDT,
	symbolId: 2,
	symbol: "ETHUSDT",
	base: { assetId: 3, asset: "ETH", name: "Ether", decimals: 8 },
};

const PLAIN: NewOrder = {
	side: Side.Buy,
	type: OrderType.Limit,
	timeInForce: TimeInForce.Gtc,
	byQuote: false,
	priceTicks: 0,
	qtyLots: 0,
	capTickLots: 0,
	stopPriceTicks: 0,
	displayLots: 0,
	stpMode: StpMode.None,
	makerFeePpm: 1_000,
	takerFeePpm: 2_000,
	clientOrderId: "",
	clientIdGiven: false,
	strategyId: 0,
	strategyType: 0,
};

export type OrderOptions = Partial<NewOrder> & { readonly symbolId?: number };

function place(userId: number, order: OrderOptions): PlaceOrder {
	const { symbolId = BTCUSDT.symbolId, ...fields } = order;
	const hold = { assetId: 2, amount: 0n };
	return { ...PLAIN, ...fields, kind: CommandKind.PlaceOrder, userId, symbolId, hold };
}

/** A limit buy, good till canceled. */
export function buy(userId: number, qtyLots: number, priceTicks: number, more: OrderOptions = {}) {
	return place(userId, { side: Side.Buy, qtyLots, priceTicks, ...more });
}

/** A limit sell, good till canceled. */
export function sell(userId: number, qtyLots: number, priceTicks: number, more: OrderOptions = {}) {
	return place(userId, { side: Side.Sell, qtyLots, priceTicks, ...more });
}

/** A market buy with a budget; `more` can make it one by quote amount. */
export function marketBuy(
	userId: number,
	qtyLots: number,
	capTickLots: number,
	more: OrderOptions = {},
) {
	return place(userId, { side: Side.Buy, type: OrderType.Market, qtyLots, capTickLots, ...more });
}

export function marketSell(userId: number, qtyLots: number, more: OrderOptions = {}) {
	return place(userId, { side: Side.Sell, type: OrderType.Market, qtyLots, ...more });
}

export function cancel(
	userId: number,
	orderId: number,
	more: Partial<CancelOrder> = {},
): CancelOrder {
	return {
		kind: CommandKind.CancelOrder,
		userId,
		symbolId: BTCUSDT.symbolId,
		orderId,
		restriction: 0,
		clientOrderId: "",
		...more,
	};
}

export function amend(
	userId: number,
	orderId: number,
	newQtyLots: number,
	symbolId: number = BTCUSDT.symbolId,
): AmendOrder {
	const kind = CommandKind.AmendOrder;
	return { kind, userId, symbolId, orderId, newQtyLots, clientOrderId: "" };
}

export function cancelAll(userId: number, symbolId: number = BTCUSDT.symbolId): CancelAllOrders {
	return { kind: CommandKind.CancelAllOrders, userId, symbolId };
}

/** Cancels `cancelOrderId` and places `order`; nothing extra held and nothing needed unless said. */
export function replace(
	cancelOrderId: number,
	order: PlaceOrder,
	more: Partial<CancelReplace> = {},
): CancelReplace {
	return {
		...order,
		kind: CommandKind.CancelReplace,
		mode: 0,
		cancelOrderId,
		cancelRestriction: 0,
		cancelClientOrderId: "",
		needAmount: 0n,
		...more,
	};
}

/** The beginning of a log whose order ids go on after this. */
export function resume(lastOrderId: number, evSeq: number = lastOrderId): ResumePartition {
	return { kind: CommandKind.ResumePartition, evSeq, lastOrderId, shards: [] };
}

/** Puts an order back as it was placed, but for what is said otherwise. */
export function restore(
	orderId: number,
	{ kind: _, hold, ...order }: PlaceOrder,
	more: Partial<OrderState> = {},
): RestoreOrder {
	return {
		kind: CommandKind.RestoreOrder,
		order: {
			...order,
			...{ partition: 0, shard: 1, seq: orderId, orderId },
			...{ status: OrderStatus.New, expiryReason: ExpiryReason.None },
			...{ cumQtyLots: 0, cumTickLots: 0 },
			...{ preventedLots: 0, preventedTickLots: 0, preventedMatchId: 0 },
			...{ holdAssetId: hold.assetId, heldAmount: hold.amount },
			...{ createdAtMs: 1, updatedAtMs: 1, workingAtMs: 1, evSeq: 1 },
			...more,
		},
	};
}
