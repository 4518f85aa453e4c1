import { expect, test } from "bun:test";
import {
	amend,
	BTCUSDT,
	buy,
	cancel,
	marketBuy,
	replace,
	sell,
} from "../../engine/testing/commands.ts";
import { type Command, CommandKind } from "../../schemas/command.ts";
import { EventKind, type EventRecord } from "../../schemas/event.ts";
import { ExpiryReason, OrderStatus, OrderType, Side, StpMode } from "../../schemas/order.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import { executionIdOf } from "../../schemas/user-event.ts";
import { PartitionState } from "../matching/partition-state.ts";
import { OrderChanges } from "./order-changes.ts";

/** Runs commands through a real engine; the last state of each order by id, and the fills. */
function after(...commands: Command[]) {
	const state = PartitionState.empty(0, "fast");
	const changes = new OrderChanges(0, () => BTCUSDT, []);
	state.apply({ shard: 1, epoch: 1, ts: 1, command: null });
	const all = [{ kind: CommandKind.AddSymbol, symbol: BTCUSDT } as const, ...commands];
	let offset = 0;
	for (const [i, command] of all.entries()) {
		const line = { shard: 1, epoch: 1, seq: i + 1, ts: 1_000 * i, command };
		for (const record of state.apply(line)) {
			offset += 1;
			changes.apply(record, offset);
		}
	}
	const { orders, fills, amendments, preventedMatches } = changes.take();
	expect(changes.isEmpty()).toBe(true);
	const byId = new Map(orders.map((order) => [order.orderId, order]));
	const order = (id: number) => byId.get(id) as OrderState;
	return { order, fills, amendments, preventedMatches };
}

test("a resting order, filled in parts by two takers", () => {
	const { order, fills } = after(
		sell(1, 10, 100, { clientOrderId: "mine", makerFeePpm: 1_000 }),
		buy(2, 4, 100, { takerFeePpm: 2_000 }),
		buy(3, 6, 105),
	);
	expect(order(1)).toMatchObject({
		...{ status: OrderStatus.Filled, cumQtyLots: 10, cumTickLots: 1_000, userId: 1, seq: 2 },
		...{ createdAtMs: 1_000, updatedAtMs: 3_000, workingAtMs: 1_000, clientOrderId: "mine" },
	});
	expect(order(2)).toMatchObject({ status: OrderStatus.Filled, cumTickLots: 400 });
	expect(fills.length).toBe(4);
	// The maker receives quote, 10 units a tick-lot; the taker base, 1,000 units a lot.
	expect(fills[0]).toMatchObject({
		...{ isMaker: true, side: Side.Sell, orderId: 1, qtyLots: 4, priceTicks: 100, tradeId: 1 },
		...{ feeAmount: 4n, feeAssetId: 2, userId: 1, ts: 2_000 },
	});
	expect(fills[1]).toMatchObject({
		...{ isMaker: false, side: Side.Buy, orderId: 2, userId: 2, feeAmount: 8n, feeAssetId: 1 },
	});
});

test("canceled, expired and replaced orders keep what they had", () => {
	const { order } = after(
		buy(1, 10, 100),
		sell(2, 3, 100),
		cancel(1, 1),
		buy(3, 5, 90),
		replace(3, buy(3, 6, 91), { needAmount: 0n }),
		sell(5, 2, 200),
		marketBuy(6, 5, 1_000_000),
	);
	expect(order(1)).toMatchObject({
		status: OrderStatus.Canceled,
		cumQtyLots: 3,
		updatedAtMs: 3_000,
	});
	expect(order(3).status).toBe(OrderStatus.Canceled);
	expect(order(4)).toMatchObject({ status: OrderStatus.New, qtyLots: 6, priceTicks: 91, seq: 6 });
	const last = order(6);
	expect(last).toMatchObject({
		...{ status: OrderStatus.Expired, expiryReason: ExpiryReason.InsufficientLiquidity },
		cumQtyLots: 2,
	});
});

test("an amend cuts the quantity and may give another client id", () => {
	const { order, amendments } = after(
		buy(1, 10, 100, { clientOrderId: "given", clientIdGiven: false }),
		{ ...amend(1, 1, 6), clientOrderId: "chosen" },
		buy(1, 10, 100, { clientOrderId: "made", clientIdGiven: false }),
		{ ...amend(1, 2, 6), clientOrderId: "made" },
	);
	expect(order(1)).toMatchObject({ qtyLots: 6, clientOrderId: "chosen", clientIdGiven: true });
	expect(order(1).updatedAtMs).toBe(2_000);
	expect(order(2)).toMatchObject({ qtyLots: 6, clientOrderId: "made", clientIdGiven: false });
	expect(amendments).toMatchObject([
		{
			...{ symbolId: 1, orderId: 1, userId: 1, origQtyLots: 10, newQtyLots: 6, ts: 2_000 },
			...{ origClientOrderId: "given", clientOrderId: "chosen" },
		},
		{ orderId: 2, origClientOrderId: "made", clientOrderId: "made" },
	]);
	for (const { executionId, evSeq } of amendments) {
		expect(executionId).toBe(executionIdOf({ partition: 0, evSeq, n: 0 }));
	}
});

test("a stop works from its trigger on", () => {
	const stop = { type: OrderType.StopLossLimit, stopPriceTicks: 120 };
	const waiting = after(sell(1, 9, 119), buy(2, 1, 119), buy(3, 2, 130, stop));
	expect(waiting.order(3)).toMatchObject({ status: OrderStatus.New, workingAtMs: 0 });
	const { order } = after(
		...[sell(1, 9, 119), buy(2, 1, 119), buy(3, 2, 110, stop)],
		...[sell(1, 5, 120), buy(2, 9, 120)],
	);
	expect(order(3)).toMatchObject({
		status: OrderStatus.New,
		workingAtMs: 5_000,
		createdAtMs: 3_000,
	});
});

test("self-trade prevention marks the side it took from, and leaves the other alone", () => {
	const { order, fills, preventedMatches } = after(
		sell(1, 10, 100),
		buy(1, 4, 100, { stpMode: StpMode.ExpireTaker }),
		buy(1, 4, 100, { stpMode: StpMode.Decrement }),
	);
	expect(order(1)).toMatchObject({
		preventedLots: 4,
		preventedTickLots: 400,
		status: OrderStatus.New,
	});
	expect(order(1).updatedAtMs).toBe(3_000);
	expect(order(2)).toMatchObject({
		...{ status: OrderStatus.ExpiredInMatch, preventedLots: 4, preventedMatchId: 1 },
		expiryReason: ExpiryReason.SelfTradePrevention,
	});
	expect(fills).toEqual([]);
	const both = { symbolId: 1, userId: 1, makerOrderId: 1, priceTicks: 100 };
	expect(preventedMatches).toEqual([
		{
			...{ ...both, preventedMatchId: 1, takerOrderId: 2, stpMode: StpMode.ExpireTaker },
			...{ makerPreventedLots: 0, takerPreventedLots: 4, ts: 2_000, evSeq: 4 },
		},
		{
			...{ ...both, preventedMatchId: 2, takerOrderId: 3, stpMode: StpMode.Decrement },
			...{ makerPreventedLots: 4, takerPreventedLots: 4, ts: 3_000, evSeq: 5 },
		},
	]);
	const alone = after(sell(1, 10, 100), buy(1, 4, 100, { stpMode: StpMode.ExpireTaker }));
	expect(alone.order(1)).toMatchObject({
		preventedLots: 0,
		preventedMatchId: 0,
		updatedAtMs: 1_000,
	});
});

test("an event of an order that nobody admitted is a fault", () => {
	const state = PartitionState.empty(0, "fast");
	const changes = new OrderChanges(0, () => BTCUSDT, []);
	const lines = [
		{ shard: 1, epoch: 1, ts: 1, command: null },
		...[{ kind: CommandKind.AddSymbol, symbol: BTCUSDT } as const, buy(1, 1, 1), cancel(1, 1)].map(
			(command, i) => ({ shard: 1, epoch: 1, seq: i + 1, ts: 1, command }),
		),
	];
	const records = lines.flatMap((line) => state.apply(line));
	expect(() => changes.apply(records[3] as never, 4)).toThrow("no open order 1");
});

test("a batch tells each change once, and an order that has ended is no longer kept", () => {
	const state = PartitionState.empty(0, "fast");
	const changes = new OrderChanges(0, () => BTCUSDT, []);
	const commands = [{ kind: CommandKind.AddSymbol, symbol: BTCUSDT } as const];
	const lines = [...commands, sell(1, 1, 5), buy(2, 1, 5), cancel(1, 1)].map((command, i) => ({
		...{ shard: 1, epoch: 1, seq: i + 1, ts: 1, command },
	}));
	const records = [{ shard: 1, epoch: 1, ts: 1, command: null }, ...lines].flatMap((line) =>
		state.apply(line),
	);
	for (const record of records) changes.apply(record, record.evSeq);
	expect(changes.rows()).toBe(4);
	expect(changes.take().fills.length).toBe(2);
	expect(changes.rows()).toBe(0);
	expect(changes.take()).toMatchObject({ orders: [], fills: [] });
	const filled = records[3] as EventRecord;
	expect(() =>
		changes.apply(
			{ ...filled, events: filled.events.filter((event) => event.kind === EventKind.OrderFilled) },
			9,
		),
	).toThrow("no open order");
});
