import { expect, test } from "bun:test";
import {
	CancelReplaceMode,
	ExpiryReason,
	OrderStatus,
	OrderType,
	Side,
	StpMode,
	TimeInForce,
} from "../../schemas/order.ts";
import type { PlaceRequest } from "../../schemas/ports/account-service.ts";
import { Rejection } from "../../schemas/rejection.ts";
import type { ExecutionReport, UserEvent } from "../../schemas/user-event.ts";
import { order, user, World } from "./testing/world.ts";

/** Two users with money, and what has been told to each of them since the last time. */
async function open() {
	const { world, process } = await World.open();
	for (const userId of [1, 2]) {
		for (const assetId of [1, 2]) await world.deposit(process, userId, assetId, 10_000_000n);
	}
	const { service } = process.worker;
	const told = async (userId: number): Promise<UserEvent[]> => {
		await world.time.advance(1);
		const mine = world.events.filter((message) => message.userId === userId);
		world.events.length = 0;
		return mine.map(({ event }) => event);
	};
	const place = (userId: number, changes: Partial<PlaceRequest>) =>
		world.finish(service.placeOrder(user(userId), order(changes)));
	await told(1);
	return { world, service, told, place };
}

/** What most reports say. */
const plain: Partial<ExecutionReport> = {
	...{ kind: "executionReport", fill: null, lastPreventedLots: 0, counterOrderId: 0 },
	...{ origClientOrderId: "", rejection: Rejection.None },
};

function position(...lines: [assetId: number, available: bigint, held: bigint][]) {
	const balances = lines.map(([assetId, available, held]) => ({ assetId, available, held }));
	return { kind: "outboundAccountPosition", balances } as const;
}

const sells = { side: Side.Sell } as const;

test("a new order: NEW, at its price, under its id, then the balance that it holds from", async () => {
	const { told, place } = await open();
	await place(1, { clientOrderId: "mine" });
	expect(await told(1)).toEqual([
		expect.objectContaining({
			...plain,
			...{ execution: "NEW", priceTicks: 100, clientOrderId: "mine" },
			order: expect.objectContaining({ status: OrderStatus.New, heldAmount: 10_000n }),
		}),
		position([2, 9_990_000n, 10_000n]),
	]);
});

test("a trade: TRADE at the trade's price with the own fill, to each side; the last one says filled", async () => {
	const { world, told, place } = await open();
	await place(1, { priceTicks: 100, qtyLots: 4 });
	await told(1);
	await place(2, { ...sells, priceTicks: 90, qtyLots: 6 });
	await world.time.advance(1);
	const of = (userId: number) =>
		world.events.filter((message) => message.userId === userId).map(({ event }) => event);
	expect(of(1)).toEqual([
		expect.objectContaining({
			...{ ...plain, execution: "TRADE", priceTicks: 100 },
			order: expect.objectContaining({ status: OrderStatus.Filled, cumQtyLots: 4 }),
			fill: expect.objectContaining({ isMaker: true, qtyLots: 4, feeAmount: 4n, feeAssetId: 1 }),
		}),
		position([2, 9_996_000n, 0n], [1, 10_003_996n, 0n]),
	]);
	expect(of(2)).toEqual([
		expect.objectContaining({ ...plain, execution: "NEW", priceTicks: 90 }),
		expect.objectContaining({
			...{ ...plain, execution: "TRADE", priceTicks: 100 },
			order: expect.objectContaining({ status: OrderStatus.PartiallyFilled, cumQtyLots: 4 }),
			fill: expect.objectContaining({ isMaker: false, qtyLots: 4, feeAmount: 8n, feeAssetId: 2 }),
		}),
		position([1, 9_994_000n, 2_000n], [2, 10_003_992n, 0n]),
	]);
});

test("of several trades only the one that fills the order says so", async () => {
	const { told, place } = await open();
	for (const priceTicks of [101, 100]) await place(2, { ...sells, priceTicks, qtyLots: 5 });
	await told(1);
	await place(1, { priceTicks: 101, qtyLots: 10 });
	const reports = (await told(1)).slice(0, -1) as ExecutionReport[];
	expect(
		reports.map(({ execution, order: o, priceTicks }) => [execution, o.status, priceTicks]),
	).toEqual([
		["NEW", OrderStatus.New, 101],
		["TRADE", OrderStatus.PartiallyFilled, 100],
		["TRADE", OrderStatus.Filled, 101],
	]);
});

test("what a budget still holds is told with each trade: what it cost, at the price it was had for", async () => {
	const { told, place } = await open();
	for (const priceTicks of [100, 110]) await place(2, { ...sells, priceTicks, qtyLots: 5 });
	await told(1);
	const market = { type: OrderType.Market, byQuote: true, priceTicks: 0, qtyLots: 0 };
	await place(1, { ...market, quoteTickLots: 1_000 });
	const reports = (await told(1)).slice(0, -1) as ExecutionReport[];
	// 5 at 100 and 4 at 110 of 1,000 tick-lots; a tick-lot is 10 units. The rest is free at the end.
	expect(reports.map(({ execution, order: o }) => [execution, o.heldAmount])).toEqual([
		["NEW", 10_000n],
		["TRADE", 5_000n],
		["TRADE", 0n],
	]);
	expect(reports.at(-1)?.order).toMatchObject({ status: OrderStatus.Filled, cumTickLots: 940 });
});

test("a cancel: CANCELED under the cancel's own id, with the order's as the one before", async () => {
	const { world, service, told, place } = await open();
	await place(1, { clientOrderId: "mine" });
	await told(1);
	const named = { symbolId: 1, orderId: 0, origClientOrderId: "mine", clientOrderId: "own" };
	await world.value(service.cancelOrder(user(1), { ...named, restriction: 0 }));
	expect(await told(1)).toEqual([
		expect.objectContaining({
			...{ ...plain, execution: "CANCELED", clientOrderId: "own", origClientOrderId: "mine" },
			order: expect.objectContaining({ status: OrderStatus.Canceled, heldAmount: 0n }),
		}),
		position([2, 10_000_000n, 0n]),
	]);
	// No cancel names the orders of a cancel of all.
	await place(1, { clientOrderId: "other" });
	await told(1);
	await world.value(service.cancelAll(user(1), 1));
	expect((await told(1))[0]).toMatchObject({
		...{ execution: "CANCELED", clientOrderId: "other", origClientOrderId: "other" },
	});
});

test("an amend: REPLACED under the new id, with the one before", async () => {
	const { world, service, told, place } = await open();
	await place(1, { clientOrderId: "mine" });
	await told(1);
	const named = { symbolId: 1, orderId: 0, origClientOrderId: "mine", clientOrderId: "new" };
	await world.value(service.amendOrder(user(1), { ...named, newQtyLots: 4 }));
	expect(await told(1)).toEqual([
		expect.objectContaining({
			...{ ...plain, execution: "REPLACED", clientOrderId: "new", origClientOrderId: "mine" },
			order: expect.objectContaining({ qtyLots: 4, heldAmount: 4_000n }),
		}),
		position([2, 9_996_000n, 4_000n]),
	]);
});

test("a replacement: CANCELED, then NEW; or REJECTED with the reason, where the cancel stands", async () => {
	const { world, service, told, place } = await open();
	const replace = (origClientOrderId: string, changes: Partial<PlaceRequest>) =>
		world.value(
			service.cancelReplace(user(1), {
				mode: CancelReplaceMode.StopOnFailure,
				cancel: {
					...{ symbolId: 1, orderId: 0, origClientOrderId, clientOrderId: "own" },
					restriction: 0,
				},
				place: order(changes),
			}),
		);
	await place(1, { clientOrderId: "first" });
	await told(1);
	await replace("first", { clientOrderId: "second", priceTicks: 90 });
	expect(await told(1)).toEqual([
		expect.objectContaining({
			...{ ...plain, execution: "CANCELED", clientOrderId: "own", origClientOrderId: "first" },
		}),
		expect.objectContaining({ ...plain, execution: "NEW", clientOrderId: "second" }),
		position([2, 9_991_000n, 9_000n]),
	]);
	await place(2, { ...sells, priceTicks: 110 });
	await told(1);
	await replace("second", {
		...{ clientOrderId: "third", priceTicks: 110, type: OrderType.LimitMaker },
	});
	expect(await told(1)).toEqual([
		expect.objectContaining({ execution: "CANCELED", rejection: Rejection.None }),
		expect.objectContaining({
			...{ ...plain, execution: "REJECTED", clientOrderId: "third" },
			...{ rejection: Rejection.WouldTake, priceTicks: 110 },
			order: expect.objectContaining({ status: OrderStatus.Rejected, heldAmount: 0n }),
		}),
		position([2, 10_000_000n, 0n]),
	]);
});

test("a rejected order was none: nothing is told of it but the balance that it held", async () => {
	const { told, place } = await open();
	await place(2, { ...sells, priceTicks: 100 });
	await told(1);
	await place(1, { type: OrderType.LimitMaker });
	const events = await told(1);
	expect(events.filter(({ kind }) => kind === "executionReport")).toEqual([]);
});

test("an order that cannot fill: EXPIRED, with why", async () => {
	const { told, place } = await open();
	await place(1, { timeInForce: TimeInForce.Ioc });
	expect(await told(1)).toEqual([
		expect.objectContaining({ ...plain, execution: "NEW" }),
		expect.objectContaining({
			...{ ...plain, execution: "EXPIRED" },
			order: expect.objectContaining({
				...{ status: OrderStatus.Expired, expiryReason: ExpiryReason.UnfilledIoc },
			}),
		}),
		position([2, 10_000_000n, 0n]),
	]);
});

test("a triggered stop: NEW again, now that it works", async () => {
	const { told, place } = await open();
	const stop = { type: OrderType.StopLossLimit, stopPriceTicks: 105, priceTicks: 90 };
	await place(1, stop);
	const [waiting] = await told(1);
	expect(waiting).toMatchObject({ execution: "NEW", order: { workingAtMs: 0 } });
	await place(2, { ...sells, priceTicks: 105, qtyLots: 1 });
	await place(2, { priceTicks: 105, qtyLots: 1 });
	const [triggered] = await told(1);
	expect(triggered).toMatchObject({ ...plain, execution: "NEW", priceTicks: 90 });
	expect((triggered as ExecutionReport).order.workingAtMs).toBeGreaterThan(0);
});

test("a prevented match: TRADE_PREVENTION with the lots, the price and the other order; then its end", async () => {
	const { told, place } = await open();
	const stpMode = StpMode.Decrement;
	await place(1, { ...sells, priceTicks: 90, qtyLots: 3, stpMode, clientOrderId: "maker" });
	const [maker] = (await told(1)) as ExecutionReport[];
	await place(1, { priceTicks: 100, qtyLots: 5, stpMode, clientOrderId: "taker" });
	const events = (await told(1)) as ExecutionReport[];
	const takerId = events[0]?.order.orderId;
	const prevention = { ...plain, execution: "TRADE_PREVENTION", priceTicks: 90 };
	expect(events).toEqual([
		expect.objectContaining({ execution: "NEW", clientOrderId: "taker" }),
		expect.objectContaining({
			...{ ...prevention, lastPreventedLots: 3, counterOrderId: takerId, clientOrderId: "maker" },
		}),
		expect.objectContaining({
			...{ ...prevention, lastPreventedLots: 3, counterOrderId: maker?.order.orderId },
			clientOrderId: "taker",
		}),
		expect.objectContaining({
			...{ ...plain, execution: "EXPIRED", clientOrderId: "maker" },
			order: expect.objectContaining({ status: OrderStatus.ExpiredInMatch }),
		}),
		expect.anything(),
	]);
});

test("ids: by record, from 0 within it over all users; each names the user's event before", async () => {
	const { world, told, place } = await open();
	await place(1, { qtyLots: 4 });
	await told(1);
	await place(2, { ...sells, qtyLots: 4 });
	await world.time.advance(1);
	const ids = world.events.map(({ userId, id }) => [userId, id.partition, id.n]);
	expect(ids).toEqual([
		[2, 0, 0],
		[1, 0, 1],
		[2, 0, 2],
		[2, 0, 3],
		[1, 0, 4],
	]);
	expect(new Set(world.events.map(({ id }) => id.evSeq)).size).toBe(1);
	const [, , trade, balances] = world.events;
	expect(balances?.previous).toEqual(trade?.id ?? null);
	world.events.length = 0;
	await place(1, { symbolId: 1, priceTicks: 50 });
	await world.time.advance(1);
	expect(world.events.map(({ id }) => id.n)).toEqual([0, 1]);
});
