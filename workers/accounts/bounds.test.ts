import { describe, expect, test } from "bun:test";
import type { LedgerFault } from "../../db/ledger/memory-ledger.ts";
import type { AppendFate } from "../../db/log/memory-log.ts";
import { CommandKind, type CommandRecord } from "../../schemas/command.ts";
import { OrderStatus, OrderType, Side } from "../../schemas/order.ts";
import type { AccountSettings } from "./settings.ts";
import { order, type Process, user, World } from "./testing/world.ts";

const USDT = 2;
const overloaded = { ok: false, refusal: { reason: "overloaded", retryAfterMs: 700 } };

async function open(
	settings: Partial<AccountSettings> = {},
	faults: { ledger?: () => LedgerFault; append?: (topic: string) => AppendFate } = {},
) {
	const { world, process } = await World.open({
		settings: { retryAfterMs: 700, ...settings },
		ledgerFault: () => faults.ledger?.() ?? "ok",
		appendFate: (topic) => faults.append?.(topic) ?? "ok",
	});
	await world.deposit(process, 1, USDT, 10_000_000n);
	await world.time.advance(200);
	return { world, process, service: process.worker.service };
}

function cancelOf(orderId: number) {
	return {
		...{ symbolId: 1, orderId, origClientOrderId: "", clientOrderId: "x" },
		restriction: 0,
	} as const;
}

describe("beyond a bound it is said at once that there is no room", () => {
	test("orders, deposits and withdrawals that wait for their answer; cancels have a lane of their own", async () => {
		const { world, service } = await open({ maxWaitingOrders: 2 });
		const { order: resting } = await world.value(service.placeOrder(user(1), order()));
		const first = service.placeOrder(user(1), order());
		const funds = { userId: 1, assetId: USDT, amount: 5n };
		const second = service.withdraw({ ...funds, externalId: "w1" });
		expect(await service.placeOrder(user(1), order())).toEqual(overloaded as never);
		expect(await service.deposit({ ...funds, externalId: "d1" })).toEqual(overloaded as never);
		const canceled = service.cancelOrder(user(1), cancelOf(resting.orderId));
		expect((await world.value(canceled)).order.status).toBe(OrderStatus.Canceled);
		await world.value(first);
		await world.value(second);
		await world.value(service.placeOrder(user(1), order()));
	});

	test("a full disk takes no new orders and no funds; cancels go on, and orders when it has room", async () => {
		let room = true;
		const settings = { retryAfterMs: 700 };
		const { world, process } = await World.open({ settings, hasRoom: () => room });
		const { service } = process.worker;
		await world.deposit(process, 1, USDT, 10_000_000n);
		const { order: resting } = await world.value(service.placeOrder(user(1), order()));
		room = false;
		expect(await service.placeOrder(user(1), order())).toEqual(overloaded as never);
		const funds = { userId: 1, assetId: USDT, amount: 5n, externalId: "d1" };
		expect(await service.deposit(funds)).toEqual(overloaded as never);
		const canceled = service.cancelOrder(user(1), cancelOf(resting.orderId));
		expect((await world.value(canceled)).order.status).toBe(OrderStatus.Canceled);
		room = true;
		await world.value(service.placeOrder(user(1), order()));
	});

	test("cancels that wait for their answer", async () => {
		const { world, service } = await open({ maxWaitingCancels: 1 });
		const placed = [
			await world.value(service.placeOrder(user(1), order())),
			await world.value(service.placeOrder(user(1), order())),
		].map((answer) => answer.order.orderId);
		const first = service.cancelOrder(user(1), cancelOf(placed[0] as number));
		const second = service.cancelOrder(user(1), cancelOf(placed[1] as number));
		expect(await second).toEqual(overloaded as never);
		expect(await service.cancelAll(user(1), 1)).toEqual(overloaded as never);
		await world.value(service.placeOrder(user(1), order()));
		await world.value(first);
		await world.value(service.cancelOrder(user(1), cancelOf(placed[1] as number)));
	});

	test("of a call that came twice it is never said that it was shed and taken, or taken and shed", async () => {
		const { world, service } = await open({ maxWaitingOrders: 1 });
		await world.time.advance(5_000);
		const caller = (signatureDigest: string) => ({
			...user(1),
			...{ signatureDigest, timestampMs: world.time.nowMs(), recvWindowMs: 5_000 },
		});
		const first = service.placeOrder(caller("a"), order());
		const place = (digest: string) => world.refusal(service.placeOrder(caller(digest), order()));
		expect(await place("a")).toBe("signatureReplayed");
		expect(await place("b")).toBe("overloaded");
		await world.value(first);
		expect(await place("b")).toBe("signatureReplayed");
	});

	test("what waits for an order's own answer has a place, too", async () => {
		const { world, service } = await open({ maxWaitingCancels: 2, maxWaitingOrders: 2 });
		const placed = service.placeOrder(user(1), order({ clientOrderId: "a" }));
		const named = { ...cancelOf(0), origClientOrderId: "a" };
		const amend = { ...named, newQtyLots: 1 };
		const amended = service.amendOrder(user(1), amend);
		expect(await service.placeOrder(user(1), order())).toEqual(overloaded as never);
		const first = service.cancelOrder(user(1), named);
		const second = service.cancelOrder(user(1), named);
		expect(await service.cancelOrder(user(1), named)).toEqual(overloaded as never);
		await world.value(placed);
		await world.value(amended);
		await world.value(first);
		expect(await world.refusal(second)).toBe("unknownOrder");
		await world.value(service.placeOrder(user(1), order()));
	});

	test("transfers that no batch has taken", async () => {
		let away = false;
		const { world, process, service } = await open(
			{ maxUncommittedTransfers: 2 },
			{ ledger: () => (away ? "not done" : "ok") },
		);
		away = true;
		const deposit = (externalId: string) =>
			service.deposit({ userId: 1, assetId: USDT, amount: 5n, externalId });
		// The first goes with the batch that does not come back.
		await world.value(deposit("a"));
		await world.time.advance(100);
		await world.value(deposit("b"));
		await world.value(service.placeOrder(user(1), order()));
		await world.value(deposit("c"));
		expect(await service.placeOrder(user(1), order())).toEqual(overloaded as never);
		expect(await deposit("d")).toEqual(overloaded as never);
		const lines = process.worker.metrics().split("\n");
		expect(lines).toContain('castle_account_uncommitted_transfers{shard="1"} 2');
		expect(lines).toContain('castle_account_uncommitted_transfers_bound{shard="1"} 2');
		away = false;
		await world.time.advance(200);
		await world.value(service.placeOrder(user(1), order()));
	});
});

describe("with nothing to say", () => {
	async function beats(world: World): Promise<CommandRecord[]> {
		const lines = await Promise.all(
			[0, 1].map((partition) => world.finish(world.orders.read(partition, 0, 10_000))),
		);
		return lines
			.flat()
			.map(({ record }) => record as CommandRecord)
			.filter(({ command }) => command?.kind === CommandKind.Beat);
	}

	test("a beat each half second proves that the shard lives, on its own partition", async () => {
		const { world, service } = await open();
		const before = (await beats(world)).length;
		await world.time.advance(2_100);
		const after = await beats(world);
		expect(after.length - before).toBeGreaterThanOrEqual(3);
		expect(after.length - before).toBeLessThanOrEqual(5);
		expect(new Set(after.map(({ shard }) => shard))).toEqual(new Set([1]));
		const own = await world.finish(world.orders.read(1, 0, 10_000));
		const onOwn = own.filter(({ record }) => record.command?.kind === CommandKind.Beat);
		expect(onOwn).toHaveLength(after.length);
		expect((await service.account(1)).ok).toBe(true);
	});

	test("there is none while there are commands", async () => {
		const { world, service } = await open();
		await world.value(service.placeOrder(user(1), order()));
		const before = (await beats(world)).length;
		for (let i = 0; i < 10; i += 1) {
			await world.value(service.placeOrder(user(1), order()));
			await world.time.advance(240);
		}
		expect(await beats(world)).toHaveLength(before);
	});

	test("there is none while a command waits for its acknowledgement", async () => {
		let stalled = false;
		const { world, service } = await open(
			{},
			{ append: (topic) => (stalled && topic === "orders" ? "not written" : "ok") },
		);
		stalled = true;
		const placed = service.placeOrder(user(1), order());
		await world.time.advance(1_600);
		stalled = false;
		await world.value(placed);
		const seqs = (await beats(world)).filter(({ ts }) => ts > world.time.nowMs() - 1_600);
		expect(seqs).toEqual([]);
	});
});

describe("metrics", () => {
	test("there are none before the worker is ready; then they say what it does", async () => {
		const { world, process, service } = await open();
		expect(world.makeWorker().worker.metrics()).toBe("");
		void service.placeOrder(user(1), order());
		void service.placeOrder(user(1), order());
		void service.cancelAll(user(1), 1);
		const lines = process.worker.metrics().split("\n");
		expect(lines).toContain('castle_account_waiting_orders{shard="1"} 2');
		expect(lines).toContain('castle_account_waiting_cancels{shard="1"} 1');
		expect(lines).toContain('castle_account_unacknowledged_commands{shard="1"} 3');
		expect(lines).toContain('castle_account_may_answer{shard="1"} 1');
		const settled = () =>
			Number(/settled_answers_total\{shard="1"\} (\d+)/.exec(process.worker.metrics())?.[1]);
		const before = settled();
		await world.time.advance(10);
		expect(settled()).toBe(before + 3);
	});
});

describe("the end", () => {
	test("stopped while it starts, a worker says that it ended", async () => {
		const { world, process } = await open();
		world.kill(process);
		const successor = world.makeWorker().worker;
		const started = successor.start().then(() => "ready", String);
		await world.finish(successor.stop());
		expect(await started).toContain("ended while it started");
	});

	test("what is never answered is waited for as long as the settings say, and is unknown", async () => {
		let stalled = false;
		const { world, process, service } = await open(
			{ drainMs: 1_000 },
			{ append: (topic) => (stalled && topic === "trades" ? "not written" : "ok") },
		);
		stalled = true;
		const placed = service.placeOrder(user(1), order());
		let isStopped = false;
		const stopped = process.worker.stop().then(() => {
			isStopped = true;
		});
		await world.time.advance(900);
		expect(isStopped).toBe(false);
		await world.time.advance(300);
		expect(isStopped).toBe(true);
		await stopped;
		expect(await world.refusal(placed)).toBe("unknown");
		expect(process.fatal).toEqual([]);
		// Asked again there is nothing left to stop.
		await world.finish(process.worker.stop());
	});

	test("an order and a cancel under way are both answered before it ends", async () => {
		let stalled = false;
		const { world, process, service } = await open(
			{},
			{ append: (topic) => (stalled && topic === "trades" ? "not written" : "ok") },
		);
		const resting = await world.value(service.placeOrder(user(1), order()));
		stalled = true;
		const placed = service.placeOrder(user(1), order());
		const canceled = service.cancelOrder(user(1), cancelOf(resting.order.orderId));
		const stopped = process.worker.stop();
		await world.time.advance(300);
		stalled = false;
		await world.finish(stopped);
		expect((await world.value(placed)).order.status).toBe(OrderStatus.New);
		expect((await world.value(canceled)).order.status).toBe(OrderStatus.Canceled);
	});

	test("a ledger that is away holds it up no longer than the settings say either", async () => {
		let away = false;
		const { world, process, service } = await open(
			{ drainMs: 1_000 },
			{ ledger: () => (away ? "not done" : "ok") },
		);
		away = true;
		await world.value(service.placeOrder(user(1), order()));
		const beganMs = world.time.monotonicMs();
		await world.finish(process.worker.stop());
		const tookMs = world.time.monotonicMs() - beganMs;
		expect(tookMs).toBeGreaterThan(900);
		expect(tookMs).toBeLessThan(2_100);
	});

	test("idle, it stops as soon as everything is in the ledger", async () => {
		const { world, process, service } = await open();
		await world.value(service.placeOrder(user(1), order()));
		const beganMs = world.time.monotonicMs();
		await world.finish(process.worker.stop());
		expect(world.time.monotonicMs() - beganMs).toBeLessThan(50);
		expect(world.database.load(1).openOrders).toHaveLength(1);
		// Nothing beats any more.
		const end = await world.finish(world.orders.end(1));
		await world.time.advance(2_000);
		expect(await world.finish(world.orders.end(1))).toBe(end);
	});
});

test("what has had its time goes: signatures, client ids, user events", async () => {
	const settings = { maxSignatures: 1, clientOrderIdKeepMs: 1_000, maxClientOrderIdsPerUser: 1 };
	const { world, service } = await open({ ...settings, keepUserEventsMs: 1_000 });
	const caller = (digest: string) => ({
		...user(1),
		...{ signatureDigest: digest, timestampMs: world.time.nowMs(), recvWindowMs: 1_000 },
	});
	await world.time.advance(5_000);
	await world.value(service.placeOrder(caller("a"), order({ clientOrderId: "a" })));
	expect(await world.refusal(service.placeOrder(caller("b"), order()))).toBe("overloaded");
	const market = order({ type: OrderType.Market, side: Side.Buy, clientOrderId: "b" });
	expect(await world.refusal(service.placeOrder(user(1), market))).toBe("tooManyClientOrderIds");
	await world.value(service.cancelAll(user(1), 1));
	await world.time.advance(20_000);
	await world.value(service.placeOrder(caller("b"), order({ clientOrderId: "b" })));
});

test("two processes of one shard: only the one that proves its epoch answers", async () => {
	const { world, process } = await open();
	const successor: Process = await world.startWorker();
	await world.time.advance(100);
	expect(process.fatal.map((error) => (error as Error).name)).toEqual(["Superseded"]);
	expect(await world.balance(successor, 1, USDT)).toBe("10000000/0");
	expect(await world.refusal(process.worker.service.account(1))).toBe("unknown");
});
