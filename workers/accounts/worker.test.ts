import { expect, test } from "bun:test";
import { OrderStatus, Side } from "../../schemas/order.ts";
import { order, user, World } from "./testing/world.ts";

test("an order is placed, filled and answered, and both sides are paid to the unit", async () => {
	const { world, process } = await World.open();
	const { service } = process.worker;
	await world.deposit(process, 1, 2, 1_000_000n);
	await world.deposit(process, 2, 1, 1_000_000n);
	const resting = await world.value(service.placeOrder(user(1), order()));
	expect(resting.order.status).toBe(OrderStatus.New);
	expect(await world.balance(process, 1, 2)).toBe("990000/10000");
	const sell = order({ side: Side.Sell, qtyLots: 4, priceTicks: 90 });
	const taken = await world.value(service.placeOrder(user(2), sell));
	expect(taken.order.status).toBe(OrderStatus.Filled);
	expect(taken.fills.map((f) => [f.priceTicks, f.qtyLots, f.feeAmount])).toEqual([[100, 4, 8n]]);
	// 4 lots at 100: 4,000 of quote for 4,000 of base; fees 0.1 % of base, 0.2 % of quote.
	expect(await world.balance(process, 1, 2)).toBe("990000/6000");
	expect(await world.balance(process, 1, 1)).toBe("3996/0");
	expect(await world.balance(process, 2, 1)).toBe("996000/0");
	expect(await world.balance(process, 2, 2)).toBe("3992/0");
	expect(await world.faults(process)).toEqual([]);
	const canceled = await world.value(
		service.cancelOrder(user(1), {
			symbolId: 1,
			orderId: resting.order.orderId,
			origClientOrderId: "",
			clientOrderId: "x",
			restriction: 0,
		}),
	);
	expect(canceled.order.status).toBe(OrderStatus.Canceled);
	expect(await world.balance(process, 1, 2)).toBe("996000/0");
	expect(await world.faults(process)).toEqual([]);
});

test("it tells the epoch it serves under and how far it has settled", async () => {
	const { world, process } = await World.open();
	const { worker } = process;
	expect(worker.shard).toBe(1);
	expect(worker.epoch).toBeGreaterThan(0);
	const [before] = worker.evSeqs();
	await world.deposit(process, 1, 2, 1_000_000n);
	const placed = await world.value(worker.service.placeOrder(user(1), order()));
	expect(worker.evSeqs()[0]).toBeGreaterThan(before!);
	expect(worker.evSeqs()[0]).toBeGreaterThanOrEqual(placed.order.evSeq);
});

test("an answer names its command as the log does; what never got there names none", async () => {
	const { world, process } = await World.open();
	const { worker } = process;
	const refused = await world.finish(worker.service.placeOrder(user(1), order()));
	expect(refused.ok).toBe(false);
	expect(refused.command).toBeUndefined();
	await world.deposit(process, 1, 2, 1_000_000n);
	const placed = await world.finish(worker.service.placeOrder(user(1), order()));
	if (!placed.ok) throw new Error("it was refused");
	const { partition, shard, seq } = placed.value.order;
	expect(placed.command).toEqual({ partition, shard, epoch: worker.epoch, seq });
});
