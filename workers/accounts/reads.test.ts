import { expect, test } from "bun:test";
import { Side } from "../../schemas/order.ts";
import { orderLogPositions } from "../../schemas/order-log-position.ts";
import type { UserEventMessage } from "../../schemas/user-event.ts";
import { userEvents } from "../../schemas/user-event-channel.ts";
import { order, type Process, user, World } from "./testing/world.ts";

async function open(): Promise<{ world: World; process: Process }> {
	const opened = await World.open({ settings: { keepUserEventsMs: 60_000 } });
	await opened.world.deposit(opened.process, 1, 2, 10_000_000n);
	await opened.world.deposit(opened.process, 2, 1, 10_000_000n);
	return opened;
}

/** "NEW New 0": what a report says happened, and the order's status and cumulated lots after it. */
function says({ event }: UserEventMessage): string {
	if (event.kind !== "executionReport") return event.kind;
	return `${event.execution} ${event.order.status} ${event.order.cumQtyLots}`;
}

test("a finished order is found with its fills until the order log has it and a minute has passed", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	await world.value(service.placeOrder(user(1), order({ qtyLots: 4 })));
	const sale = order({ side: Side.Sell, qtyLots: 4 });
	const sold = await world.value(service.placeOrder(user(2), sale));
	const { orderId, evSeq } = sold.order;
	const find = () => world.value(service.findOrder(2, { symbolId: 1, orderId, clientOrderId: "" }));
	await world.time.advance(70_000);
	expect(await find()).toMatchObject({ found: true, fills: [{ qtyLots: 4, orderId }] });
	world.pubsub.publish(orderLogPositions, { partition: 0, evSeq: evSeq - 1 });
	await world.time.advance(2_000);
	expect((await find()).found).toBe(true);
	world.pubsub.publish(orderLogPositions, { partition: 0, evSeq });
	await world.time.advance(2_000);
	// From here on the order log must be asked, and stand at the order's event at least.
	expect(await find()).toEqual({ found: false, partition: 0, floorEvSeq: evSeq });
	const recent = await world.value(service.recentOrders(2, 1));
	expect(recent).toEqual({ orders: [], fills: [], partition: 0, floorEvSeq: evSeq });
	const young = await world.value(service.placeOrder(user(2), order({ side: Side.Sell })));
	await world.value(service.cancelAll(user(2), 1));
	world.pubsub.publish(orderLogPositions, { partition: 0, evSeq: evSeq + 1_000 });
	await world.time.advance(2_000);
	const { orders } = await world.value(service.recentOrders(2, 1));
	expect(orders.map((kept) => kept.orderId)).toEqual([young.order.orderId]);
});

test("after a start the floor is the ledger's position", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const placed = await world.value(service.placeOrder(user(1), order()));
	const { orderId } = placed.order;
	await world.value(service.cancelAll(user(1), 1));
	await world.time.advance(200);
	world.kill(process);
	const { worker } = await world.startWorker();
	const found = await world.value(
		worker.service.findOrder(1, { symbolId: 1, orderId, clientOrderId: "" }),
	);
	expect(found.found).toBe(false);
	expect(!found.found && found.floorEvSeq).toBeGreaterThan(placed.order.evSeq);
});

test("reports in the order of events, the fill that filled an order says so, balances last", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	await world.value(service.placeOrder(user(1), order({ qtyLots: 4 })));
	await world.time.advance(1);
	world.events.length = 0;
	await world.value(service.placeOrder(user(2), order({ side: Side.Sell, qtyLots: 6 })));
	await world.time.advance(1);
	const of = (userId: number) => world.events.filter((m) => m.userId === userId).map(says);
	expect(of(1)).toEqual(["TRADE 3 4", "outboundAccountPosition"]);
	expect(of(2)).toEqual(["NEW 1 0", "TRADE 2 4", "outboundAccountPosition"]);
});

test("each event names the one before it; after a gap the missing ones are had again", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const { last } = await service.userEventsSince(1, null);
	for (let i = 0; i < 3; i += 1) await world.value(service.placeOrder(user(1), order()));
	await world.time.advance(1);
	const mine = world.events.filter(({ userId }) => userId === 1);
	const kept = mine.slice(mine.findIndex(({ id }) => Bun.deepEquals(id, last)) + 1);
	expect(kept.length).toBe(6);
	mine.slice(1).forEach((message, i) => {
		expect(message.previous).toEqual(mine[i]?.id ?? null);
	});
	const since = async (message: UserEventMessage | undefined) =>
		(await service.userEventsSince(1, message?.id ?? null)).events;
	expect(await since(kept[3])).toEqual(kept.slice(4));
	expect(await since(mine.at(-1))).toEqual([]);
	expect(await since(undefined)).toEqual(kept);
	const never = { partition: 0, evSeq: 1, n: 9 };
	expect((await service.userEventsSince(1, never)).events).toBeNull();
	await world.time.advance(62_000);
	expect(await since(kept[3])).toBeNull();
	expect(await since(mine.at(-1))).toEqual([]);
	expect(await since(undefined)).toEqual([]);
	expect(await service.userEventsSince(1, null)).toMatchObject({
		...{ epoch: mine[0]?.epoch, last: mine.at(-1)?.id },
	});
	world.kill(process);
	await world.time.advance(2_100);
	await expect(service.userEventsSince(1, null)).rejects.toThrow("may not answer");
});

test("user events are published before the answer is told, and again after a start, with the same ids", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const seen: string[] = [];
	const publish = world.pubsub.publish.bind(world.pubsub);
	world.pubsub.publish = (channel, message) => {
		if (channel.name === userEvents.name) seen.push("published");
		publish(channel, message);
	};
	const answered = service.placeOrder(user(1), order()).then(() => seen.push("answered"));
	await world.finish(answered);
	expect(seen).toEqual(["published", "answered"]);
	await world.time.advance(0);
	const before = world.events.filter(({ userId }) => userId === 1);
	expect(before.map(says)).toContain("NEW 1 0");
	world.kill(process);
	world.events.length = 0;
	await world.startWorker();
	await world.time.advance(10);
	const again = world.events.filter(({ userId }) => userId === 1).map(({ id }) => id);
	const ids = before.map(({ id }) => id);
	for (const id of again) expect(ids).toContainEqual(id);
});
