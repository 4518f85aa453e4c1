import { describe, expect, test } from "bun:test";
import { sampleOrder } from "../../db/ledger/contract/ledger-samples.ts";
import { EventKind, type MatchPrevented, type Traded } from "../../schemas/event.ts";
import { ExpiryReason, OrderStatus, OrderType, Side, StpMode } from "../../schemas/order.ts";
import { btcUsdt } from "../../schemas/testing/symbols.ts";
import {
	admitted,
	amended,
	ended,
	expiredStatus,
	feeOfSide,
	filled,
	fillOf,
	prevented,
	triggered,
} from "./order-lifecycle.ts";

const stamp = { partition: 3, evSeq: 77, ts: 9_000 };
const stamped = { updatedAtMs: 9_000, evSeq: 77 };
const order = sampleOrder(1, { qtyLots: 20, heldAmount: 500n, workingAtMs: 0 });

/** User 8 sells 4 lots at 30 ticks to user 7, who takes. */
const trade: Traded = {
	...{ kind: EventKind.Traded, symbolId: 1, tradeId: 5, makerOrderId: 60, takerOrderId: 61 },
	...{ makerUserId: 8, takerUserId: 7, takerSide: Side.Buy, priceTicks: 30, qtyLots: 4 },
	...{ makerFeePpm: 10_000, takerFeePpm: 20_000, makerLeavesLots: 0 },
};

const match: MatchPrevented = {
	...{ kind: EventKind.MatchPrevented, symbolId: 1, preventedMatchId: 6, makerOrderId: 60 },
	...{ takerOrderId: 61, makerUserId: 7, takerUserId: 7, takerSide: Side.Buy, priceTicks: 30 },
	...{ makerPreventedLots: 2, takerPreventedLots: 2, stpMode: StpMode.Decrement },
};

describe("an order's state after", () => {
	test("its admission: it has its id, and works at once unless it waits for a trigger", () => {
		const now = { orderId: 9, status: OrderStatus.New, createdAtMs: 9_000, ...stamped };
		expect(admitted(order, 9, stamp)).toEqual({ ...order, ...now, workingAtMs: 9_000 });
		const stop = { ...order, type: OrderType.TakeProfitLimit };
		expect(admitted(stop, 9, stamp, 800n)).toEqual({
			...{ ...stop, ...now },
			...{ workingAtMs: 0, heldAmount: 800n },
		});
		expect(triggered(stop, stamp)).toEqual({ ...stop, ...stamped, workingAtMs: 9_000 });
	});

	test("two fills: what it traded adds up, in lots and in price × lots", () => {
		const once = filled(order, trade, stamp, 380n);
		expect(once).toEqual({
			...{ ...order, ...stamped, status: OrderStatus.PartiallyFilled },
			...{ cumQtyLots: 4, cumTickLots: 120, heldAmount: 380n },
		});
		const twice = filled(once, { ...trade, priceTicks: 10, qtyLots: 3 }, stamp);
		expect(twice).toMatchObject({ cumQtyLots: 7, cumTickLots: 150, heldAmount: 380n });
	});

	test("two preventions: what they took adds up", () => {
		const once = prevented(order, match, 2, stamp, 440n);
		expect(once).toEqual({
			...{ ...order, ...stamped, heldAmount: 440n },
			...{ preventedLots: 2, preventedTickLots: 60, preventedMatchId: 6 },
		});
		const twice = prevented(once, { ...match, preventedMatchId: 7, priceTicks: 10 }, 5, stamp);
		expect(twice).toMatchObject({
			...{ preventedLots: 7, preventedTickLots: 110, preventedMatchId: 7, heldAmount: 440n },
		});
	});

	test("an amend: a smaller total, and the id that the client gave it", () => {
		const event = {
			...{ kind: EventKind.OrderAmended, symbolId: 1, orderId: 9, userId: 7 },
			...{ newQtyLots: 12, cutLots: 8 },
		} as const;
		const made = { ...order, clientIdGiven: false };
		expect(amended(made, event, "o-1", stamp, 300n)).toEqual({
			...{ ...made, ...stamped, qtyLots: 12, heldAmount: 300n },
		});
		expect(amended(made, event, "chosen", stamp)).toMatchObject({
			...{ clientOrderId: "chosen", clientIdGiven: true, heldAmount: 500n },
		});
		expect(amended(order, event, "o-1", stamp).clientIdGiven).toBe(true);
	});

	test("its end: nothing is held, and it says why", () => {
		const { UnfilledIoc, SelfTradePrevention } = ExpiryReason;
		expect(ended(order, OrderStatus.Expired, UnfilledIoc, stamp)).toEqual({
			...{ ...order, ...stamped, heldAmount: 0n },
			...{ status: OrderStatus.Expired, expiryReason: UnfilledIoc },
		});
		expect(expiredStatus(UnfilledIoc)).toBe(OrderStatus.Expired);
		expect(expiredStatus(SelfTradePrevention)).toBe(OrderStatus.ExpiredInMatch);
	});
});

/** A tick-lot of BTCUSDT in units of the quote, a lot in units of the base. */
const quote = BigInt(btcUsdt.quoteUnitsPerTickLot);
const base = BigInt(btcUsdt.baseUnitsPerLot);

test.each([
	["the maker's side of a buy", Side.Buy, true, Side.Sell, (120n * quote) / 100n, 8, 60],
	["the taker's side of a buy", Side.Buy, false, Side.Buy, (4n * base) / 50n, 7, 61],
	["the maker's side of a sell", Side.Sell, true, Side.Buy, (4n * base) / 100n, 8, 60],
	["the taker's side of a sell", Side.Sell, false, Side.Sell, (120n * quote) / 50n, 7, 61],
] as const)(
	"%s: who it is, what it pays and in what",
	(_, takerSide, isMaker, side, fee, userId, orderId) => {
		const event = { ...trade, takerSide };
		expect(feeOfSide(btcUsdt, event, isMaker)).toBe(fee);
		expect(fillOf(btcUsdt, event, isMaker, fee, stamp)).toEqual({
			...{ partition: 3, symbolId: 1, tradeId: 5, orderId, userId, side, isMaker },
			...{ priceTicks: 30, qtyLots: 4, feeAmount: fee, ts: 9_000, evSeq: 77 },
			feeAssetId: side === Side.Buy ? btcUsdt.base.assetId : btcUsdt.quote.assetId,
		});
	},
);
