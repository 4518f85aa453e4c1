import {
	ExpiryReason,
	OrderStatus,
	OrderType,
	Side,
	StpMode,
	TimeInForce,
} from "../../../schemas/order.ts";
import type { OrderState } from "../../../schemas/order-state.ts";
import {
	type LedgerBatch,
	NO_CHANGES,
	type PositionRow,
	type PriceRow,
	type TransferRow,
} from "../../../schemas/ports/ledger.ts";

/** Beyond 2^53 and beyond 64 bits: money must come back to the last unit. */
export const HUGE = 123_456_789_012_345_678_901_234_567n;

export function sampleOrder(seq: number, change: Partial<OrderState> = {}): OrderState {
	return {
		side: Side.Buy,
		type: OrderType.Limit,
		timeInForce: TimeInForce.Gtc,
		byQuote: false,
		priceTicks: 9_007_199_254_740_991,
		qtyLots: 12,
		capTickLots: 0,
		stopPriceTicks: 0,
		displayLots: 0,
		stpMode: StpMode.ExpireTaker,
		makerFeePpm: 1_000,
		takerFeePpm: 1_000,
		clientOrderId: `o-${seq}`,
		clientIdGiven: true,
		strategyId: 0,
		strategyType: 0,
		partition: 0,
		symbolId: 1,
		shard: 1,
		seq,
		orderId: 500 + seq,
		userId: 7,
		status: OrderStatus.New,
		expiryReason: ExpiryReason.None,
		cumQtyLots: 0,
		cumTickLots: 0,
		preventedLots: 0,
		preventedTickLots: 0,
		preventedMatchId: 0,
		holdAssetId: 2,
		heldAmount: HUGE,
		createdAtMs: 1_700_000_000_000,
		updatedAtMs: 1_700_000_000_001,
		workingAtMs: 1_700_000_000_000,
		evSeq: 40,
		...change,
	};
}

export function sampleTransfer(n: number, change: Partial<TransferRow> = {}): TransferRow {
	return {
		kind: "fill",
		partition: 0,
		evSeq: 40,
		n,
		accountId: 7,
		counterAccountId: -100,
		debitAssetId: 2,
		debitAmount: HUGE,
		creditAssetId: 1,
		creditAmount: 5n,
		feeAmount: 1n,
		symbolId: 1,
		tradeId: 9,
		orderId: 501,
		externalId: "",
		ts: 1_700_000_000_000,
		...change,
	};
}

export function samplePosition(partition: number, change: Partial<PositionRow> = {}): PositionRow {
	return {
		partition,
		ordersOffset: 10,
		ordersEpoch: 1,
		ordersSeq: 9,
		heldSeq: 9,
		answeredSeq: 8,
		tradesOffset: 20,
		evSeq: 40,
		hash: "0123456789abcdef",
		lastTs: 1_700_000_000_000,
		...change,
	};
}

export function samplePrices(symbolId: number, change: Partial<PriceRow> = {}): PriceRow {
	return { symbolId, bidTicks: 99, askTicks: 101, lastTicks: 100, lastTradeId: 9, ...change };
}

export function sampleBatch(
	epoch: number,
	batch: number,
	change: Partial<LedgerBatch> = {},
): LedgerBatch {
	return {
		...NO_CHANGES,
		epoch,
		batch,
		logId: "log",
		...change,
	};
}
