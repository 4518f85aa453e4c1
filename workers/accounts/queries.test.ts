import { expect, test } from "bun:test";
import type { AppendFate } from "../../db/log/memory-log.ts";
import { OrderStatus, Side } from "../../schemas/order.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { order, type Process, user, World } from "./testing/world.ts";

const eth = { symbolId: 2, priceTicks: 100, qtyLots: 1 };

async function open(append: (topic: string) => AppendFate = () => "ok") {
	const opened = await World.open({ appendFate: append });
	const { world, process } = opened;
	for (const userId of [1, 2]) {
		for (const assetId of [1, 2, 3]) await world.deposit(process, userId, assetId, 10_000_000n);
	}
	return { world, process, service: process.worker.service };
}

async function placedIds(world: World, process: Process, ...orders: ReturnType<typeof order>[]) {
	const ids: number[] = [];
	for (const request of orders) {
		const placed = await world.value(process.worker.service.placeOrder(user(1), request));
		ids.push(placed.order.orderId);
		await world.time.advance(10);
	}
	return ids;
}

test("open orders: of one symbol or of all, oldest first over the symbols, none that is unanswered", async () => {
	const { world, process, service } = await open();
	const ids = await placedIds(world, process, order(), order(eth), order(), order(eth));
	const unanswered = service.placeOrder(user(1), order());
	const open1 = await world.value(service.openOrders(1, 1));
	expect(open1.map(({ orderId }) => orderId)).toEqual([ids[0] as number, ids[2] as number]);
	const all = await world.value(service.openOrders(1, 0));
	expect(all.map(({ symbolId, orderId }) => `${symbolId}/${orderId}`)).toEqual(
		[1, 2, 1, 2].map((symbolId, i) => `${symbolId}/${ids[i]}`),
	);
	expect(await world.value(service.openOrders(2, 0))).toEqual([]);
	await world.value(unanswered);
	expect(await world.value(service.openOrders(1, 1))).toHaveLength(3);
});

test("orders of one moment stand by their ids", async () => {
	const { world, service } = await open();
	const placed = await Promise.all(
		[order(), order(), order()].map((request) =>
			world.finish(service.placeOrder(user(1), request)),
		),
	);
	const ids = placed.map((answer) => (answer.ok ? answer.value.order.orderId : 0));
	const open1 = await world.value(service.openOrders(1, 0));
	expect(open1.map(({ orderId }) => orderId)).toEqual([...ids].sort((a, b) => a - b));
	expect(new Set(open1.map(({ createdAtMs }) => createdAtMs)).size).toBe(1);
});

test("lately finished and open orders of a symbol with their fills, by id; none that is unanswered", async () => {
	const { world, process, service } = await open();
	const ids = await placedIds(
		world,
		process,
		order({ qtyLots: 3 }),
		order({ priceTicks: 101, qtyLots: 2 }),
		order(eth),
	);
	// Fills the younger, better one first, then a part of the older.
	const sale = order({ side: Side.Sell, priceTicks: 100, qtyLots: 4 });
	await world.value(service.placeOrder(user(2), sale));
	const unanswered = service.placeOrder(user(1), order());
	const recent = await world.value(service.recentOrders(1, 1));
	expect(recent.orders.map(({ orderId, status }) => [orderId, status])).toEqual([
		[ids[0] as number, OrderStatus.PartiallyFilled],
		[ids[1] as number, OrderStatus.Filled],
	]);
	expect(recent.fills.map(({ tradeId, orderId }) => [tradeId, orderId])).toEqual([
		[1, ids[1] as number],
		[2, ids[0] as number],
	]);
	expect(recent.partition).toBe(0);
	await world.value(unanswered);
});

test("one order: by id, by client id, by both when they agree", async () => {
	const { world, process, service } = await open();
	const [orderId = 0] = await placedIds(world, process, order({ clientOrderId: "mine" }));
	const find = (request: { orderId?: number; clientOrderId?: string; symbolId?: number }) =>
		service.findOrder(1, { symbolId: 1, orderId: 0, clientOrderId: "", ...request });
	for (const request of [
		{ orderId },
		{ clientOrderId: "mine" },
		{ orderId, clientOrderId: "mine" },
	]) {
		expect(await world.value(find(request))).toMatchObject({ found: true, order: { orderId } });
	}
	const mismatch = find({ orderId, clientOrderId: "other" });
	expect(await world.refusal(mismatch)).toBe("clientOrderIdMismatch");
	for (const request of [{ clientOrderId: "other" }, { orderId: 999 }, { orderId, symbolId: 2 }]) {
		expect(await world.value(find(request))).toMatchObject({ found: false });
	}
});

test("of a symbol that nobody knows nothing can be said but that", async () => {
	const { world, service } = await open();
	const refusal = { reason: "rejected", rejection: Rejection.UnknownSymbol } as const;
	const unknown = { ok: false, refusal } as const;
	const request = { symbolId: 99, orderId: 1, clientOrderId: "" };
	expect(await world.finish(service.findOrder(1, request))).toEqual(unknown);
	expect(await world.finish(service.recentOrders(1, 99))).toEqual(unknown);
	expect(await world.finish(service.cancelAll(user(1), 99))).toEqual(unknown);
});

test("an account: its balances, and the log's time of their last change", async () => {
	const { world, process, service } = await open();
	const nobody = await world.value(service.account(9));
	expect(nobody).toEqual({
		...{ userId: 9, balances: [], updatedAtMs: 0, frozen: false, withdrawalsStopped: false },
	});
	await world.time.advance(1_000);
	const { transactMs } = await world.value(service.placeOrder(user(1), order()));
	await world.time.advance(1_000);
	const account = await world.value(service.account(1));
	expect(account.updatedAtMs).toBe(transactMs);
	expect(account.balances).toHaveLength(3);
	expect(await world.balance(process, 1, 2)).toBe("9990000/10000");
});
