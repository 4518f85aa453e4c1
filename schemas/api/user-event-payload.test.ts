import { describe, expect, test } from "bun:test";
import { ExpiryReason, OrderStatus, OrderType, Side, StpMode, TimeInForce } from "../order.ts";
import type { Fill, OrderState } from "../order-state.ts";
import { Rejection } from "../rejection.ts";
import { testVenue } from "../testing/symbols.ts";
import type { ExecutionReport, UserEvent, UserEventMessage } from "../user-event.ts";
import { userEventPayload } from "./user-event-payload.ts";

const TS = 1_700_000_000_500;

const order: OrderState = {
	side: Side.Buy,
	type: OrderType.Limit,
	timeInForce: TimeInForce.Gtc,
	byQuote: false,
	priceTicks: 6_500_000,
	qtyLots: 200_000,
	capTickLots: 0,
	stopPriceTicks: 0,
	displayLots: 0,
	stpMode: StpMode.None,
	makerFeePpm: 1_000,
	takerFeePpm: 1_000,
	clientOrderId: "mine",
	clientIdGiven: true,
	strategyId: 0,
	strategyType: 0,
	partition: 0,
	symbolId: 1,
	shard: 1,
	seq: 1,
	orderId: 9,
	userId: 4,
	status: OrderStatus.New,
	expiryReason: ExpiryReason.None,
	cumQtyLots: 0,
	cumTickLots: 0,
	preventedLots: 0,
	preventedTickLots: 0,
	preventedMatchId: 0,
	holdAssetId: 3,
	heldAmount: 1n,
	createdAtMs: TS - 10,
	updatedAtMs: TS,
	workingAtMs: TS - 10,
	evSeq: 12,
};

const fill: Fill = {
	partition: 0,
	symbolId: 1,
	tradeId: 31,
	orderId: 9,
	userId: 4,
	side: Side.Buy,
	isMaker: true,
	priceTicks: 6_400_000,
	qtyLots: 50_000,
	feeAmount: 50_000n,
	feeAssetId: 1,
	ts: TS,
	evSeq: 12,
};

const report: ExecutionReport = {
	kind: "executionReport",
	execution: "NEW",
	order,
	fill: null,
	lastPreventedLots: 0,
	counterOrderId: 0,
	priceTicks: 0,
	origClientOrderId: "",
	clientOrderId: "mine",
	rejection: Rejection.None,
};

function message(event: UserEvent): UserEventMessage {
	return {
		userId: 4,
		id: { partition: 0, evSeq: 12, n: 3 },
		epoch: 1,
		previous: null,
		ts: TS,
		event,
	};
}

function payloadOf(event: UserEvent) {
	return userEventPayload(testVenue(), message(event));
}

const documented = {
	e: "executionReport",
	E: TS,
	s: "BTCUSDT",
	c: "mine",
	S: "BUY",
	o: "LIMIT",
	f: "GTC",
	q: "2.00000000",
	p: "65000.00000000",
	P: "0.00000000",
	F: "0.00000000",
	g: -1,
	C: "",
	x: "NEW",
	X: "NEW",
	r: "NONE",
	i: 9,
	l: "0.00000000",
	z: "0.00000000",
	L: "0.00000000",
	n: "0",
	N: null,
	T: TS,
	t: -1,
	I: 120_003,
	w: true,
	m: false,
	M: false,
	O: TS - 10,
	Z: "0.00000000",
	Y: "0.00000000",
	Q: "0.00000000",
	W: TS - 10,
	V: "NONE",
};

describe("executionReport", () => {
	test("a new order has every documented key and no conditional one", () => {
		expect(payloadOf(report)).toEqual(documented);
		expect(Object.keys(payloadOf(report)).join()).toBe(Object.keys(documented).join());
	});

	test("a fill shows what was traded and what it cost", () => {
		const after = {
			...order,
			status: OrderStatus.PartiallyFilled,
			cumQtyLots: 50_000,
			cumTickLots: 6_400_000 * 50_000,
		};
		expect(payloadOf({ ...report, execution: "TRADE", order: after, fill })).toEqual({
			...documented,
			x: "TRADE",
			X: "PARTIALLY_FILLED",
			l: "0.50000000",
			z: "0.50000000",
			L: "64000.00000000",
			n: "0.00050000",
			N: "BTC",
			t: 31,
			m: true,
			M: true,
			Z: "32000.00000000",
			Y: "32000.00000000",
		});
	});

	test("a cancel names the cancel as c and the order as C, and is off the book", () => {
		const canceled = { ...order, status: OrderStatus.Canceled };
		const event = { ...report, execution: "CANCELED", order: canceled } as const;
		const sent = payloadOf({ ...event, clientOrderId: "cancel-1", origClientOrderId: "mine" });
		expect(sent).toMatchObject({
			c: "cancel-1",
			C: "mine",
			x: "CANCELED",
			X: "CANCELED",
			w: false,
		});
	});

	test("a waiting stop has its trigger, is not on the book and has no working time", () => {
		const stop = {
			...order,
			type: OrderType.StopLossLimit,
			stopPriceTicks: 6_600_000,
			workingAtMs: 0,
		};
		const sent = payloadOf({ ...report, order: stop });
		expect(sent).toMatchObject({ o: "STOP_LOSS_LIMIT", P: "66000.00000000", w: false });
		expect(sent).not.toHaveProperty("W");
	});

	test("an order by quote amount shows what it traded as its quantity, and the amount as Q", () => {
		const byQuote = {
			...order,
			type: OrderType.Market,
			byQuote: true,
			priceTicks: 0,
			qtyLots: 0,
			capTickLots: 1_000_000_000,
			cumQtyLots: 15_384,
			status: OrderStatus.Expired,
			expiryReason: ExpiryReason.InsufficientLiquidity,
			strategyId: 7,
			strategyType: 1_000_001,
		};
		expect(payloadOf({ ...report, execution: "EXPIRED", order: byQuote })).toMatchObject({
			o: "MARKET",
			q: "0.15384000",
			Q: "100.00000000",
			X: "EXPIRED",
			eR: "INSUFFICIENT_LIQUIDITY",
			j: 7,
			J: 1_000_001,
		});
	});

	test("self-trade prevention has keys of its own; what lasts stays on later reports", () => {
		const prevented = {
			...order,
			preventedLots: 30,
			preventedMatchId: 5,
			stpMode: StpMode.Decrement,
		};
		const event = { ...report, order: prevented, lastPreventedLots: 20, counterOrderId: 8 };
		expect(
			payloadOf({ ...event, execution: "TRADE_PREVENTION", priceTicks: 6_400_000 }),
		).toMatchObject({
			v: 5,
			A: "0.00030000",
			B: "0.00020000",
			u: -1,
			U: 8,
			Cs: "BTCUSDT",
			pl: "0.00020000",
			pL: "64000.00000000",
			pY: "12.80000000",
			V: "DECREMENT",
		});
		const later = payloadOf({ ...report, order: prevented });
		expect(later).toMatchObject({ v: 5, A: "0.00030000" });
		expect(later).not.toHaveProperty("B");
	});

	test.each([
		[Rejection.WouldTake, "WOULD_MATCH_IMMEDIATELY"],
		[Rejection.WouldTriggerImmediately, "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY"],
		[Rejection.HoldTooSmall, "INSUFFICIENT_BALANCES"],
		[Rejection.MarketClosed, "NONE"],
	])("rejection %p is %s", (rejection, name) => {
		expect(payloadOf({ ...report, execution: "REJECTED", rejection })).toMatchObject({ r: name });
	});

	test("a client may ask for microseconds", () => {
		const sent = userEventPayload(testVenue(), message(report), "MICROSECOND");
		expect(sent).toEqual({
			...documented,
			E: TS * 1_000,
			T: TS * 1_000,
			O: (TS - 10) * 1_000,
			W: (TS - 10) * 1_000,
		});
	});

	test("an unknown symbol is a broken invariant, not an empty text", () => {
		expect(() => payloadOf({ ...report, order: { ...order, symbolId: 99 } })).toThrow("unknown");
	});
});

test("outboundAccountPosition", () => {
	const balances = [
		{ assetId: 1, available: 150_000_000n, held: 1n },
		{ assetId: 3, available: 0n, held: 0n },
	];
	expect(payloadOf({ kind: "outboundAccountPosition", balances })).toEqual({
		e: "outboundAccountPosition",
		E: TS,
		u: TS,
		B: [
			{ a: "BTC", f: "1.50000000", l: "0.00000001" },
			{ a: "USDT", f: "0.00000000", l: "0.00000000" },
		],
	});
});

test("balanceUpdate", () => {
	expect(payloadOf({ kind: "balanceUpdate", assetId: 3, delta: -250_000_000n })).toEqual({
		e: "balanceUpdate",
		E: TS,
		a: "USDT",
		d: "-2.50000000",
		T: TS,
	});
});
