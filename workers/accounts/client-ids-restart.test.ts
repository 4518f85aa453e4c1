/** Who has a client id after a start, which reads one partition after the other: not as things happened. */
import { expect, test } from "bun:test";
import { type Command, CommandKind } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { CancelRestriction, OrderStatus, OrderType, Side } from "../../schemas/order.ts";
import { takeCommand } from "./taking.ts";
import { loadedState, openOrder } from "./testing/state.ts";
import { order, type Process, user, World } from "./testing/world.ts";
import type { Tracked } from "./tracked.ts";

const BTC = 1;
const USDT = 2;
const ETH = 3;
/** By symbol, which are of two partitions. */
const BTCUSDT = 1;
const ETHBTC = 2;

test("what the ledger has goes when its time is over", () => {
	const settings = { clientOrderIdKeepMs: 1_000, maxClientOrderIdsPerUser: 1 };
	const row = (userId: number, finishedAtMs: number) => ({
		userId,
		clientOrderId: "a",
		finishedAtMs,
	});
	const { clientIds } = loadedState({ recentClientIds: [row(8, 5_000), row(7, 9_000)] }, settings);
	clientIds.forget(6_000);
	expect([clientIds.isFull(7), clientIds.isFull(8)]).toEqual([true, false]);
});

/** An id that a rejected order had in one partition, free again; of the other partition no event is stored while `stalled`. */
async function rejected(rejectedIn: number) {
	const other = rejectedIn === BTCUSDT ? ETHBTC : BTCUSDT;
	const stall = { on: false };
	const partition = other - 1;
	const { world, process } = await World.open({
		// Nothing is in the ledger but the first batch: a start reads everything from the logs.
		settings: { commitEveryMs: 10_000_000 },
		appendFate: (topic, records) =>
			stall.on && topic === "trades" && (records[0] as EventRecord).partition === partition
				? "not written"
				: "ok",
	});
	for (const [userId, assetId] of [
		[1, BTC],
		[1, USDT],
		[2, BTC],
		[2, ETH],
	] as const) {
		await world.deposit(process, userId, assetId, 10_000_000_000n);
	}
	const { service } = process.worker;
	await world.value(service.placeOrder(user(2), order({ symbolId: rejectedIn, side: Side.Sell })));
	const place = ({ worker }: Process, clientOrderId = "mine") =>
		worker.service.placeOrder(user(1), order({ symbolId: other, priceTicks: 50, clientOrderId }));
	const restarted = async () => {
		await world.time.advance(200);
		world.kill(process);
		return world.startWorker();
	};
	const reject = async () => {
		const type = OrderType.LimitMaker;
		const taking = order({ symbolId: rejectedIn, type, clientOrderId: "mine" });
		expect(await world.refusal(service.placeOrder(user(1), taking))).toBe("rejected");
	};
	return { world, process, other, stall, place, restarted, reject };
}

/** A start reads one partition after the other. */
const READ = [
	["first", BTCUSDT],
	["last", ETHBTC],
] as const;

test.each(READ)(
	"an id whose first order was rejected in the partition read %s is its second order's",
	async (_, rejectedIn) => {
		const { world, process, other, place, restarted, reject } = await rejected(rejectedIn);
		await reject();
		const { order: open } = await world.value(place(process));
		const again = await restarted();
		expect(await world.refusal(place(again))).toBe("duplicateOrder");
		const name = { symbolId: other, orderId: 0, origClientOrderId: "mine", clientOrderId: "x" };
		const canceled = await world.value(
			again.worker.service.cancelOrder(user(1), { ...name, restriction: CancelRestriction.None }),
		);
		expect(canceled.order.orderId).toBe(open.orderId);
	},
);

test.each(READ)(
	"…or of an order that is not answered yet, rejected in the partition read %s",
	async (_, rejectedIn) => {
		const { world, process, stall, place, restarted, reject } = await rejected(rejectedIn);
		await reject();
		stall.on = true;
		void place(process);
		const again = await restarted();
		expect(await world.refusal(place(again))).toBe("duplicateOrder");
	},
);

test.each(READ)(
	"…or of an amend that is not answered yet, rejected in the partition read %s",
	async (_, rejectedIn) => {
		const { world, process, other, stall, place, restarted, reject } = await rejected(rejectedIn);
		const { orderId } = (await world.value(place(process, "before"))).order;
		await reject();
		stall.on = true;
		const name = { symbolId: other, orderId, origClientOrderId: "", clientOrderId: "mine" };
		void process.worker.service.amendOrder(user(1), { ...name, newQtyLots: 5 });
		const again = await restarted();
		expect(await world.refusal(place(again))).toBe("duplicateOrder");
	},
);

test.each(READ)(
	"…and an order that has ended is found by its id, though one was rejected in the partition read %s",
	async (_, rejectedIn) => {
		const { world, process, other, place, restarted, reject } = await rejected(rejectedIn);
		await reject();
		const { order: placed } = await world.value(place(process));
		const { symbolId, orderId } = placed;
		const byOrder = { symbolId, orderId, origClientOrderId: "", clientOrderId: "x" };
		await world.value(
			process.worker.service.cancelOrder(user(1), {
				...byOrder,
				restriction: CancelRestriction.None,
			}),
		);
		const again = await restarted();
		const byName = { symbolId: other, orderId: 0, clientOrderId: "mine" };
		expect(await world.value(again.worker.service.findOrder(1, byName))).toMatchObject({
			found: true,
			order: { orderId },
		});
	},
);

test("…or of an amend on its way whose order has ended, known or not, until it is rejected", () => {
	const ended = openOrder(1, { orderId: 5 });
	const state = loadedState({ openOrders: [ended] });
	const ids = ["known", "unknown"];
	for (const [at, clientOrderId] of ids.entries()) {
		const command: Command = {
			...{ kind: CommandKind.AmendOrder, userId: ended.userId, symbolId: ended.symbolId },
			...{ orderId: [5, 4][at] as number, newQtyLots: 1, clientOrderId },
		};
		takeCommand(state, 0, { shard: 1, epoch: 1, seq: 2 + at, ts: 3_000, command });
	}
	const tracked = state.orders.find(ended.symbolId, 5) as Tracked;
	state.orders.finish(tracked, { ...ended, status: OrderStatus.Filled }, 3_000);
	// Read behind them in the other partition: earlier orders of these ids were rejected.
	for (const id of ids) state.clientIds.free(ended.userId, id);
	state.takeNamesAnew();
	const { clientIds } = state;
	expect(ids.map((id) => clientIds.clashes(ended.userId, id, 3_000))).toEqual([true, true]);
});
