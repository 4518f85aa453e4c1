import { expect, test } from "bun:test";
import type { LedgerFault } from "../../db/ledger/memory-ledger.ts";
import type { AppendFate } from "../../db/log/memory-log.ts";
import { CommandKind, type OrdersRecord } from "../../schemas/command.ts";
import { OrderStatus, OrderType, Side } from "../../schemas/order.ts";
import type { Caller, PlaceRequest } from "../../schemas/ports/account-service.ts";
import { NO_CHANGES } from "../../schemas/ports/ledger.ts";
import { AHEAD_MS } from "./caller-check.ts";
import { BTCUSDT } from "./testing/symbols.ts";
import { order, user, World } from "./testing/world.ts";

test("before it has started, a worker knows nothing: unknown, never not found", async () => {
	const { world } = await World.open();
	const { worker } = world.makeWorker();
	const find = worker.service.findOrder(1, { symbolId: 1, orderId: 1, clientOrderId: "" });
	expect(await world.refusal(find)).toBe("unknown");
	expect(await world.refusal(worker.service.placeOrder(user(1), order()))).toBe("unknown");
});

test("a zombie's orders are ignored, it answers unknown, and it stops", async () => {
	const { world, process: zombie } = await World.open({ exclusive: false });
	await world.deposit(zombie, 1, 2, 100_000n);
	const successor = await world.startWorker();
	const placed = zombie.worker.service.placeOrder(user(1), order());
	expect(await world.refusal(placed)).toBe("unknown");
	expect(zombie.fatal.map((error) => (error as Error).name)).toEqual(["Superseded"]);
	await world.time.advance(1_000);
	expect(await world.balance(successor, 1, 2)).toBe("100000/0");
	expect(await world.faults(successor)).toEqual([]);
});

test("a new owner answers only when the old one no longer can", async () => {
	const { world, process: old } = await World.open({ exclusive: false });
	await world.deposit(old, 1, 2, 100_000n);
	const successor = world.makeWorker();
	let oldAnsweredAt = 0;
	let ready = false;
	const started = successor.worker.start().then(() => {
		ready = true;
	});
	// As if it were cut off from everything but its clients.
	world.kill(old);
	while (!ready) {
		const outcome = await old.worker.service.account(1);
		if (outcome.ok) oldAnsweredAt = world.time.monotonicMs();
		await world.time.advance(10);
	}
	await started;
	expect(oldAnsweredAt).toBeGreaterThan(0);
	expect(world.time.monotonicMs()).toBeGreaterThan(oldAnsweredAt);
	expect(await world.refusal(old.worker.service.account(1))).toBe("unknown");
});

test("without a proof of its epoch a worker stops answering after two seconds, and begins again", async () => {
	let away = false;
	const { world, process } = await World.open({
		ledgerFault: (): LedgerFault => (away ? "not done" : "ok"),
		appendFate: (): AppendFate => (away ? "not written" : "ok"),
	});
	away = true;
	await world.time.advance(1_000);
	expect((await process.worker.service.account(1)).ok).toBe(true);
	await world.time.advance(1_500);
	expect(await world.refusal(process.worker.service.account(1))).toBe("unknown");
	away = false;
	await world.time.advance(1_000);
	expect((await process.worker.service.account(1)).ok).toBe(true);
	expect(process.fatal).toEqual([]);
});

test("trading goes on while the ledger is away, up to the bound; cancels go on beyond it", async () => {
	let away = false;
	const { world, process } = await World.open({
		settings: { maxLagMs: 3_000 },
		ledgerFault: (): LedgerFault => (away ? "not done" : "ok"),
	});
	const { service } = process.worker;
	await world.deposit(process, 1, 2, 100_000n);
	away = true;
	const placed = await world.value(service.placeOrder(user(1), order()));
	await world.time.advance(3_200);
	expect(await world.refusal(service.placeOrder(user(1), order()))).toBe("overloaded");
	const { orderId } = placed.order;
	const cancel = { symbolId: 1, orderId, origClientOrderId: "", clientOrderId: "x" };
	const canceled = await world.value(service.cancelOrder(user(1), { ...cancel, restriction: 0 }));
	expect(canceled.order.status).toBe(OrderStatus.Canceled);
	away = false;
	await world.time.advance(200);
	expect((await world.finish(service.placeOrder(user(1), order()))).ok).toBe(true);
});

test("a batch whose answer is lost is sent again and counts once", async () => {
	let lost = 3;
	const { world, process } = await World.open({
		ledgerFault: (): LedgerFault => (lost-- > 0 ? "lost answer" : "ok"),
	});
	await world.deposit(process, 1, 2, 100_000n);
	lost = 2;
	await world.value(process.worker.service.placeOrder(user(1), order()));
	await world.time.advance(1_000);
	expect(process.fatal).toEqual([]);
	expect(world.database.transfers(1)).toHaveLength(1);
	const held = world.database.load(1).balances.find((b) => b.accountId === 1);
	expect(held).toMatchObject({ available: 90_000n, held: 10_000n });
});

test("a hold that the log does not have never reaches the ledger, and dies with its worker", async () => {
	let away = false;
	const { world, process } = await World.open({
		appendFate: (topic): AppendFate => (away && topic === "orders" ? "not written" : "ok"),
	});
	await world.deposit(process, 1, 2, 100_000n);
	away = true;
	void process.worker.service.placeOrder(user(1), order());
	await world.time.advance(500);
	expect(await world.balance(process, 1, 2)).toBe("90000/10000");
	const loaded = world.database.load(1);
	expect(loaded.balances.find((b) => b.accountId === 1)).toMatchObject({ held: 0n });
	expect(loaded.openOrders).toEqual([]);
	world.kill(process);
	away = false;
	const successor = await world.startWorker();
	expect(await world.balance(successor, 1, 2)).toBe("100000/0");
});

test("a hold in the ledger by its event, though its append was never acknowledged, is taken once", async () => {
	let lossy = false;
	const { world, process } = await World.open({
		appendFate: (topic): AppendFate => (lossy && topic === "orders" ? "lost ack" : "ok"),
	});
	await world.deposit(process, 1, 2, 100_000n);
	lossy = true;
	const placed = await world.value(process.worker.service.placeOrder(user(1), order()));
	await world.time.advance(300);
	world.kill(process);
	lossy = false;
	const successor = await world.startWorker();
	expect(await world.balance(successor, 1, 2)).toBe("90000/10000");
	const open = await world.value(successor.worker.service.openOrders(1, 0));
	expect(open.map(({ orderId }) => orderId)).toEqual([placed.order.orderId]);
});

test("killed between log and ledger: the order is there after the start, filled and all", async () => {
	let away = false;
	const { world, process } = await World.open({
		ledgerFault: (): LedgerFault => (away ? "not done" : "ok"),
	});
	await world.deposit(process, 1, 2, 100_000n);
	await world.deposit(process, 2, 1, 100_000n);
	await world.time.advance(100);
	away = true;
	await world.value(process.worker.service.placeOrder(user(1), order()));
	const sale = order({ side: Side.Sell, qtyLots: 4 });
	await world.value(process.worker.service.placeOrder(user(2), sale));
	world.kill(process);
	away = false;
	const successor = await world.startWorker();
	expect(await world.balance(successor, 1, 2)).toBe("90000/6000");
	expect(await world.balance(successor, 1, 1)).toBe("3996/0");
	const found = await world.value(
		successor.worker.service.findOrder(2, {
			symbolId: 1,
			orderId: 0,
			clientOrderId: sale.clientOrderId,
		}),
	);
	expect(found).toMatchObject({ found: true, order: { status: OrderStatus.Filled } });
	expect(found.found && found.fills).toHaveLength(1);
});

test("a log that has lost an acknowledged command is not gone on with", async () => {
	const { world, process } = await World.open();
	await world.deposit(process, 1, 2, 100_000n);
	await world.time.advance(200);
	world.kill(process);
	const other = new World();
	await other.openVenue();
	const { worker } = other.makeWorker();
	// The same ledger, another log.
	for (const row of world.database.load(1).positions) {
		other.database.commit(1, {
			...NO_CHANGES,
			epoch: other.database.raiseEpoch(1, 0),
			batch: row.partition + 1,
			logId: "test",
			positions: [{ ...row, ordersOffset: 0, tradesOffset: 0, ordersSeq: 0 }],
		});
	}
	const started = other.finish(worker.start());
	await expect(started).rejects.toThrow("has lost data");
});

test("stop answers what is under way, commits it, and takes nothing new", async () => {
	const { world, process } = await World.open();
	await world.deposit(process, 1, 2, 100_000n);
	const { service } = process.worker;
	const placed = service.placeOrder(user(1), order());
	const stopped = process.worker.stop();
	expect(await world.refusal(service.placeOrder(user(1), order()))).toBe("unknown");
	expect((await world.value(placed)).order.status).toBe(OrderStatus.New);
	await world.finish(stopped);
	expect(world.database.load(1).openOrders).toHaveLength(1);
});

test("a higher epoch of its shard in the log stops a worker, also without the ledger", async () => {
	const { world, process } = await World.open();
	const raised = { shard: 1, epoch: 99, ts: world.time.nowMs(), command: null };
	await world.finish(world.orders.append(0, [raised]));
	await world.time.advance(10);
	expect(process.fatal.map((error) => (error as Error).name)).toEqual(["Superseded"]);
});

test("an answer that comes after the lease has run out is unknown", async () => {
	let away = false;
	let stalled = false;
	const { world, process } = await World.open({
		ledgerFault: (): LedgerFault => (away ? "not done" : "ok"),
		appendFate: (topic): AppendFate => (stalled && topic === "trades" ? "not written" : "ok"),
	});
	await world.deposit(process, 1, 2, 100_000n);
	away = true;
	stalled = true;
	const placed = process.worker.service.placeOrder(user(1), order());
	await world.time.advance(2_500);
	stalled = false;
	expect(await world.refusal(placed)).toBe("unknown");
});

test("a proof counts from when it was sent, not from when it was answered", async () => {
	let slow = false;
	const { world, process } = await World.open({
		latencyMs: () => (slow ? 1_500 : 0),
		appendFate: (): AppendFate => (slow ? "not written" : "ok"),
	});
	slow = true;
	const outcomes: boolean[] = [];
	for (let i = 0; i < 60; i += 1) {
		await world.time.advance(100);
		outcomes.push((await process.worker.service.account(1)).ok);
	}
	expect(outcomes.slice(20)).toContain(true);
	expect(outcomes.slice(20)).toContain(false);
});

test("after a start the shard's own resting orders give the reference price", async () => {
	const { world, process } = await World.open();
	await world.deposit(process, 1, 2, 100_000n);
	await world.deposit(process, 2, 1, 100_000n);
	const ask = order({ side: Side.Sell, priceTicks: 100, qtyLots: 5 });
	await world.value(process.worker.service.placeOrder(user(2), ask));
	await world.time.advance(200);
	world.kill(process);
	const { worker } = await world.startWorker();
	const buy = order({ type: OrderType.Market, priceTicks: 0, qtyLots: 5 });
	const bought = await world.value(worker.service.placeOrder(user(1), buy));
	expect(bought.order).toMatchObject({ capTickLots: 525, status: OrderStatus.Filled });
});

test("a ledger whose sums are wrong is not started from", async () => {
	const { world, process } = await World.open();
	await world.deposit(process, 1, 2, 100_000n);
	await world.time.advance(200);
	world.kill(process);
	const { batch, positions } = world.database.load(1);
	world.database.commit(1, {
		...NO_CHANGES,
		epoch: world.database.raiseEpoch(1, 0),
		batch: batch + 1,
		balances: [{ accountId: 1, assetId: 2, available: 100_001n, held: 0n }],
		positions,
		logId: "test",
	});
	await expect(world.finish(world.makeWorker().worker.start())).rejects.toThrow("invariant 1");
});

test("an order of before the start that another shard fills leaves the ledger with its money", async () => {
	const { world, process: shard1 } = await World.open({ settings: { accountShards: 2 } });
	const shard2 = await world.startWorker(2);
	await world.deposit(shard2, 1, 2, 100_000n);
	await world.deposit(shard1, 2, 1, 100_000n);
	await world.value(shard2.worker.service.placeOrder(user(1), order()));
	await world.time.advance(200);
	expect(world.database.load(2).openOrders).toHaveLength(1);
	world.kill(shard2);
	await world.time.advance(5_000);
	await world.startWorker(2);
	await world.value(shard1.worker.service.placeOrder(user(2), order({ side: Side.Sell })));
	await world.time.advance(120);
	const loaded = world.database.load(2);
	expect(loaded.balances.find((b) => b.accountId === 1 && b.assetId === 2)?.held).toBe(0n);
	expect(loaded.openOrders).toEqual([]);
});

test.each([
	[500, true],
	[700, false],
] as const)("a clock %d ms behind another shard's time starts: %p", async (behindMs, starts) => {
	const { world, process } = await World.open();
	await world.finish(process.worker.stop());
	await world.venue(1, { kind: CommandKind.Tick }, behindMs);
	const started = world.finish(world.makeWorker().worker.start());
	if (starts) await started;
	else await expect(started).rejects.toThrow(/the log's last is .* ms behind/);
});

test.each([
	[600, "600 ms ahead"],
	[-600, "600 ms behind"],
] as const)("a clock %d ms off from the ledger's takes nothing over", async (offMs, words) => {
	const { world, process } = await World.open();
	await world.finish(process.worker.stop());
	const { epoch } = world.database.load(1);
	await expect(world.finish(world.makeWorker(1, offMs).worker.start())).rejects.toThrow(words);
	expect(world.database.load(1).epoch).toBe(epoch);
});

test("what the old owner took while it was being succeeded is not taken again", async () => {
	const TRIES = 40;
	let tries = 0;
	const isEpoch = (record: unknown) => (record as OrdersRecord).command === null;
	const { world, process: old } = await World.open({
		exclusive: false,
		// The next owner's epoch record is long in coming, and the old one, who does not hear from the
		// ledger, goes on.
		ledgerFault: (): LedgerFault => (tries > 0 && tries < TRIES ? "not done" : "ok"),
		appendFate: (topic, records): AppendFate =>
			topic === "orders" && records.some(isEpoch) && tries-- > 0 ? "not written" : "ok",
	});
	await world.deposit(old, 1, 2, 100_000n);
	const { worker } = world.makeWorker();
	tries = TRIES;
	let ready = false;
	const started = worker.start().then(() => {
		ready = true;
	});
	const calls: (readonly [Caller, PlaceRequest])[] = [];
	while (!ready) {
		const strategyId = calls.length + 1;
		const timestampMs = world.time.nowMs() + AHEAD_MS - 1;
		const caller = { ...user(1), signatureDigest: `s${strategyId}`, timestampMs };
		calls.push([
			{ ...caller, recvWindowMs: 60_000 },
			order({ qtyLots: 1, strategyId, clientIdGiven: false }),
		]);
		for (const call of calls.slice(-1)) void old.worker.service.placeOrder(...call);
		await world.time.advance(50);
	}
	await started;
	for (const call of calls) await world.finish(worker.service.placeOrder(...call));
	const stored = await world.finish(world.trades.read(BTCUSDT.partition, 0, 1_000));
	const taken = stored.flatMap(({ record }) =>
		record.command?.kind === CommandKind.PlaceOrder ? [record.command.strategyId] : [],
	);
	expect(taken.length).toBeGreaterThan(0);
	expect(taken.length).toBe(new Set(taken).size);
});

test("a wall clock that is set back makes no signature young again, and lets none run ahead", async () => {
	const { world, process } = await World.open();
	await world.deposit(process, 1, 2, 100_000n);
	const { service } = process.worker;
	const signed = (signatureDigest: string, timestampMs: number): Caller => {
		return { ...user(1), signatureDigest, timestampMs, recvWindowMs: 1_000 };
	};
	const first = signed("s1", world.time.nowMs());
	expect((await world.finish(service.placeOrder(first, order({ qtyLots: 1 })))).ok).toBe(true);
	// By now it has run out, and is forgotten.
	await world.time.advance(20_000);
	const beforeMs = world.time.nowMs();
	world.time.setWallBack(20_000);
	expect(await world.refusal(service.placeOrder(first, order()))).toBe("timestampOutsideWindow");
	const ahead = signed("s2", beforeMs + AHEAD_MS);
	expect(await world.refusal(service.placeOrder(ahead, order()))).toBe("timestampOutsideWindow");
	const inTime = signed("s3", beforeMs);
	expect((await world.finish(service.placeOrder(inTime, order({ qtyLots: 1 })))).ok).toBe(true);
});

test("a ledger that lags behind its writer is asked again: nothing of an older state is gone on with", async () => {
	const { world, process: old } = await World.open();
	await world.deposit(old, 1, 2, 100_000n);
	await world.time.advance(200);
	const { database } = world;
	const lagging = database.load(1);
	await world.deposit(old, 1, 2, 5_000n);
	await world.time.advance(200);
	world.kill(old);
	const load = database.load.bind(database);
	let asked = 0;
	database.load = (shard) => {
		asked += 1;
		return asked === 1 ? lagging : load(shard);
	};
	const successor = await world.startWorker();
	await world.deposit(successor, 1, 2, 700n);
	await world.time.advance(200);
	expect(successor.fatal).toEqual([]);
	expect(asked).toBe(2);
	world.kill(successor);
	const third = await world.startWorker();
	expect(await world.balance(third, 1, 2)).toBe("105700/0");
	expect(world.database.transfers(1)).toHaveLength(3);
	expect(await world.faults(third)).toEqual([]);
});

test("a hold that a start has read in the log is in the ledger with its position, and taken once", async () => {
	let [stalled, away] = [false, false];
	const { world, process } = await World.open({
		appendFate: (topic): AppendFate => (stalled && topic === "trades" ? "not written" : "ok"),
		ledgerFault: (): LedgerFault => (away ? "not done" : "ok"),
	});
	await world.deposit(process, 1, 2, 100_000n);
	await world.time.advance(200);
	[stalled, away] = [true, true];
	void process.worker.service.placeOrder(user(1), order());
	await world.time.advance(100);
	world.kill(process);
	away = false;
	const second = await world.startWorker();
	await world.time.advance(200);
	world.kill(second);
	const third = await world.startWorker();
	stalled = false;
	await world.time.advance(1_000);
	expect(third.fatal).toEqual([]);
	expect(await world.balance(third, 1, 2)).toBe("90000/10000");
	expect(await world.faults(third)).toEqual([]);
});

test("trades that end before what the ledger has seen of them are not gone on with", async () => {
	const { world, process } = await World.open();
	await world.deposit(process, 1, 2, 100_000n);
	await world.time.advance(200);
	world.kill(process);
	world.trades.lose(1, 0);
	await expect(world.startWorker()).rejects.toThrow("trades 1 ends at 0");
});

test("no start stamps a time before the shard's last, though the clock was set back", async () => {
	const { world, process } = await World.open();
	await world.deposit(process, 1, 2, 100_000n);
	await world.time.advance(200);
	world.kill(process);
	world.time.setWallBack(400);
	await world.deposit(await world.startWorker(), 1, 2, 100_000n);
	const times = [0, 1].map((partition) =>
		world.orders
			.all(partition)
			.filter(({ shard, command }) => shard === 1 && command !== null)
			.map(({ ts }) => ts),
	);
	for (const stamped of times) expect(stamped).toEqual([...stamped].sort((a, b) => a - b));
	expect(times.flat().length).toBeGreaterThan(1);
});

test("a wall clock that jumps ahead for a moment makes no signature be forgotten too early", async () => {
	const { world, process } = await World.open();
	await world.deposit(process, 1, 2, 100_000n);
	const { service } = process.worker;
	const timestampMs = world.time.nowMs();
	const caller = { ...user(1), signatureDigest: "s1", timestampMs, recvWindowMs: 5_000 };
	await world.value(service.placeOrder(caller, order({ qtyLots: 1 })));
	world.time.setWallBack(-30_000);
	// Signatures are looked through; nothing is stamped.
	await world.time.advance(150);
	world.time.setWallBack(30_000);
	expect(await world.refusal(service.placeOrder(caller, order()))).toBe("signatureReplayed");
});

test("on a ledger of an earlier moment no epoch is raised, however often a worker is started", async () => {
	const { world } = await World.open();
	const restore = world.database.backup();
	await world.startWorker();
	restore();
	const { epoch } = world.database.load(1);
	for (let attempt = 0; attempt < 5; attempt += 1) {
		const start = world.finish(world.makeWorker().worker.start());
		await expect(start).rejects.toThrow("docs/runbooks/ledger-restored.md");
	}
	expect(world.database.load(1).epoch).toBe(epoch);
});
