import { describe, expect, test } from "bun:test";
import type { AppendFate } from "../../db/log/memory-log.ts";
import { OrderStatus, OrderType, Side, StpMode } from "../../schemas/order.ts";
import type { Caller } from "../../schemas/ports/account-service.ts";
import { EXTERNAL_ACCOUNT } from "../../schemas/ports/ledger.ts";
import type { AccountSettings } from "./settings.ts";
import { order, type Process, user, World } from "./testing/world.ts";

const USDT = 2;
/** Nothing is in the ledger but the first batch: a start reads everything from the logs. */
const neverCommits = { commitEveryMs: 10_000_000 };

async function open(settings: Partial<AccountSettings> = {}) {
	const { world, process } = await World.open({ settings });
	await world.deposit(process, 1, USDT, 10_000_000n);
	await world.deposit(process, 2, 1, 10_000_000n);
	return { world, process, service: process.worker.service };
}

async function restarted(world: World, process: Process): Promise<Process> {
	world.kill(process);
	return world.startWorker();
}

const amendOf = (orderId: number, clientOrderId: string, newQtyLots: number) => ({
	...{ symbolId: 1, orderId, origClientOrderId: "", clientOrderId, newQtyLots },
});

test("deposits and withdrawals are told as soon as they are in the balance, and after a start", async () => {
	const range = { assetId: 0, externalIds: [], startMs: 0, endMs: 2e12, offset: 0, limit: 9 };
	for (const settings of [{}, neverCommits]) {
		const { world, process, service } = await open(settings);
		const told = async ({ service: { fundsHistory } }: Process["worker"]) => [
			await world.value(fundsHistory(1, { ...range, kind: "deposit" })),
			await world.value(fundsHistory(1, { ...range, kind: "withdrawal" })),
		];
		const asked = { userId: 1, assetId: USDT, amount: 5n };
		const ids = ["b", "a"];
		for (const externalId of ids) await world.value(service.deposit({ ...asked, externalId }));
		const { transactMs } = await world.value(service.withdraw({ ...asked, externalId: "out" }));
		const before = await told(process.worker);
		expect(before[0]?.map(({ externalId }) => externalId).slice(0, 2)).toEqual(["a", "b"]);
		expect(before[0]).toHaveLength(3);
		const withdrawn = { assetId: USDT, amount: 5n, externalId: "out", doneAtMs: transactMs };
		expect(before[1]).toEqual([withdrawn]);
		await world.time.advance(200);
		expect(await told((await restarted(world, process)).worker)).toEqual(before);
	}
});

test("an account's last change goes on after a start, never back", async () => {
	for (const settings of [{}, neverCommits]) {
		const { world, process, service } = await open(settings);
		const { transactMs } = await world.value(service.placeOrder(user(1), order()));
		await world.time.advance(200);
		const { worker } = await restarted(world, process);
		const { updatedAtMs } = await world.value(worker.service.account(1));
		expect(updatedAtMs).toBeGreaterThanOrEqual(transactMs);
		expect(updatedAtMs).toBeLessThanOrEqual(world.time.nowMs());
	}
});

test("…whichever partition it was in: a start reads one after the other", async () => {
	for (const [first, last] of [
		[1, 2],
		[2, 1],
	] as const) {
		const { world, process, service } = await open(neverCommits);
		await world.deposit(process, 1, 1, 10_000_000n);
		await world.value(service.placeOrder(user(1), order({ symbolId: first })));
		await world.time.advance(100);
		const { transactMs } = await world.value(
			service.placeOrder(user(1), order({ symbolId: last })),
		);
		const { worker } = await restarted(world, process);
		const { updatedAtMs } = await world.value(worker.service.account(1));
		expect(updatedAtMs).toBe(transactMs);
	}
});

describe("client ids over a start", () => {
	test("an open order's id stays taken, whether the ledger has the order or the log", async () => {
		for (const settings of [{}, neverCommits]) {
			const { world, process, service } = await open(settings);
			await world.value(service.placeOrder(user(1), order({ clientOrderId: "mine" })));
			await world.time.advance(200);
			const { worker } = await restarted(world, process);
			const again = worker.service.placeOrder(user(1), order({ clientOrderId: "mine" }));
			expect(await world.refusal(again)).toBe("duplicateOrder");
			await world.value(worker.service.placeOrder(user(1), order({ clientOrderId: "other" })));
		}
	});

	test("one that the client did not choose is nobody's, before, after, and in the ledger", async () => {
		const { world, process, service } = await open();
		const made = { clientOrderId: "made", clientIdGiven: false };
		const { order: first } = await world.value(service.placeOrder(user(1), order(made)));
		// Amended under its own name it is still nobody's.
		await world.value(service.amendOrder(user(1), amendOf(first.orderId, "made", 5)));
		await world.value(service.cancelAll(user(1), 1));
		await world.value(service.placeOrder(user(1), order(made)));
		await world.time.advance(200);
		expect(world.database.load(1).recentClientIds).toEqual([]);
		const { order: chosen } = await world.value(
			service.placeOrder(user(1), order({ clientOrderId: "made", priceTicks: 90 })),
		);
		expect(chosen.clientIdGiven).toBe(true);
		const { worker } = await restarted(world, process);
		// Now somebody has chosen it.
		const again = worker.service.placeOrder(user(1), order({ clientOrderId: "made" }));
		expect(await world.refusal(again)).toBe("duplicateOrder");
	});

	test("the id that an amend asks for is taken from then on, also when its order is not known yet", async () => {
		const { world, process, service } = await open(neverCommits);
		const { order: mine } = await world.value(service.placeOrder(user(1), order()));
		const amending = service.amendOrder(user(1), amendOf(mine.orderId, "new", 5));
		const placing = service.placeOrder(user(1), order({ clientOrderId: "new" }));
		expect(await world.refusal(placing)).toBe("duplicateOrder");
		await world.value(amending);
		// The start meets the amend before the events that gave the order its id.
		const { worker } = await restarted(world, process);
		const open1 = await world.value(worker.service.openOrders(1, 1));
		expect(open1).toMatchObject([{ orderId: mine.orderId, clientOrderId: "new", qtyLots: 5 }]);
		const again = worker.service.placeOrder(user(1), order({ clientOrderId: "new" }));
		expect(await world.refusal(again)).toBe("duplicateOrder");
	});
});

test.each([
	["before their orders have an id", neverCommits, 0],
	["whose orders are in the ledger", {}, 0],
	["after one that was answered", neverCommits, 1],
])("one amend in flight, over a start that reads amends %s", async (_, settings, before) => {
	let away = false;
	const appendFate = (topic: string) => (topic === "trades" && away ? "not written" : "ok");
	const { world, process } = await World.open({ settings, appendFate });
	await world.deposit(process, 1, USDT, 10_000_000n);
	const { service } = process.worker;
	const { order: mine } = await world.value(service.placeOrder(user(1), order()));
	const amend = (worker: Process["worker"], name: string, lots: number) =>
		worker.service.amendOrder(user(1), amendOf(mine.orderId, name, lots));
	if (before > 0) await world.value(amend(process.worker, "a", 9));
	await world.time.advance(200);
	away = true;
	void amend(process.worker, "b", 8);
	await world.time.advance(1_000);
	const { worker } = await restarted(world, process);
	expect(await world.refusal(amend(worker, "c", 7))).toBe("amendInFlight");
	away = false;
	await world.time.advance(200);
	const { order: amended } = await world.value(amend(worker, "d", 6));
	expect(amended).toMatchObject({ clientOrderId: "d", qtyLots: 6 });
});

describe("signed calls after a start", () => {
	function signedAt(timestampMs: number, digest: string): Caller {
		return {
			...user(1),
			...{ signatureDigest: digest, timestampMs, recvWindowMs: 60_000 },
		};
	}

	async function lastTsOf(world: World): Promise<number> {
		const lines = await Promise.all(
			[0, 1].map((partition) => world.finish(world.orders.read(partition, 0, 10_000))),
		);
		const own = lines.flat().filter(({ record }) => record.shard === 1);
		return Math.max(...own.map(({ record }) => record.ts));
	}

	test("what may have been taken before is refused: up to a lease, a beat and a second after the log's last word", async () => {
		const { world, process } = await open();
		await world.time.advance(1_000);
		const lastTs = await lastTsOf(world);
		world.kill(process);
		await world.time.advance(20_000);
		const { worker } = await world.startWorker();
		const early = worker.service.placeOrder(signedAt(lastTs + 3_499, "a"), order());
		expect(await world.refusal(early)).toBe("timestampOutsideWindow");
		await world.value(worker.service.placeOrder(signedAt(lastTs + 3_500, "b"), order()));
	});

	test("what was refused is refused again, also by the next owner, though the log has heard nothing of it", async () => {
		let away = false;
		const appendFate = (topic: string) => (topic === "orders" && away ? "not written" : "ok");
		const { world, process } = await World.open({ appendFate });
		await world.deposit(process, 1, USDT, 10_000_000n);
		away = true;
		// Its batches in the ledger prove that it is the owner.
		await world.time.advance(10_000);
		const signed = signedAt(world.time.nowMs(), "a");
		const dear = order({ qtyLots: 1_000_000 });
		const refused = process.worker.service.placeOrder(signed, dear);
		expect(await world.refusal(refused)).toBe("insufficientBalance");
		world.kill(process);
		away = false;
		await world.time.advance(20_000);
		const next = await world.startWorker();
		await world.deposit(next, 1, USDT, 10_000_000_000n);
		const again = next.worker.service.placeOrder(signed, dear);
		expect(await world.refusal(again)).toBe("timestampOutsideWindow");
	});

	test("a first start has nobody before it", async () => {
		const world = new World();
		await world.openVenue();
		const { worker } = await world.startWorker();
		const long = worker.service.cancelAll(signedAt(world.time.nowMs() - 50_000, "a"), 1);
		expect(await world.refusal(long)).toBe("unknownOrder");
	});
});

test("with nothing new in trades there is nothing to wait for: a worker starts while matching is away", async () => {
	let stalled = false;
	const { world, process } = await World.open({
		appendFate: (topic) => (stalled && topic === "trades" ? "not written" : "ok"),
	});
	await world.deposit(process, 1, USDT, 1_000n);
	await world.time.advance(200);
	stalled = true;
	const successor = await restarted(world, process);
	expect(await world.balance(successor, 1, USDT)).toBe("1000/0");
});

test("the ledger's position is where the log has acknowledged the shard: a start reads on from there", async () => {
	const { world, process, service } = await open();
	await world.value(service.placeOrder(user(1), order()));
	const { order: last } = await world.value(service.placeOrder(user(1), order()));
	await world.time.advance(100);
	const [position] = world.database.load(1).positions;
	const end = await world.finish(world.orders.end(0));
	expect(position).toMatchObject({ ordersOffset: end, ordersSeq: last.seq, heldSeq: last.seq });
	expect(position?.evSeq).toBe(last.evSeq);
	expect(process.fatal).toEqual([]);
});

test("asked before it has started, a worker has nothing to audit, and no events", async () => {
	const { world, process } = await open();
	const { worker } = world.makeWorker();
	expect(await worker.service.audit()).toEqual({
		...{ checks: [], evSeqs: [], clearing: [], clearingMarks: [] },
		sampled: { rounds: 0, withdrawalsStopped: false, faults: [] },
	});
	expect((await process.worker.service.audit()).evSeqs).toHaveLength(2);
});

test("keys and users that the ledger knows as revoked or frozen are refused by a new worker", async () => {
	const { world, process } = await open();
	const users = world.database;
	users.users.push({
		...{ userId: 1, email: "a@b.c", passwordHash: "", frozen: true, createdAtMs: 0 },
	});
	users.apiKeys.push({
		...{ keyId: 5, userId: 2, apiKey: "k", type: "hmac", material: "", label: "", scopes: [] },
		...{ ips: [], generation: 3, revoked: true, createdAtMs: 0 },
	});
	const { worker } = await restarted(world, process);
	expect(await world.refusal(worker.service.placeOrder(user(1), order()))).toBe("accountFrozen");
	const withKey = { ...user(2), keyId: 5, keyGeneration: 2 };
	const sale = order({ side: Side.Sell });
	expect(await world.refusal(worker.service.placeOrder(withKey, sale))).toBe("keyRevoked");
	await world.value(worker.service.placeOrder({ ...withKey, keyGeneration: 3 }, sale));
});

test("one lot that prevention takes is given up by both, as many are", async () => {
	const { world, process, service } = await open();
	await world.deposit(process, 1, 1, 10_000n);
	const stpMode = StpMode.Decrement;
	const rests = order({ side: Side.Sell, qtyLots: 1, stpMode });
	await world.value(service.placeOrder(user(1), rests));
	const taken = await world.value(service.placeOrder(user(1), order({ qtyLots: 3, stpMode })));
	expect(taken.order).toMatchObject({ preventedLots: 1, heldAmount: 2_000n });
	expect(await world.balance(process, 1, USDT)).toBe("9998000/2000");
	expect(await world.faults(process)).toEqual([]);
});

describe("prices after a start", () => {
	const BTC = 1;
	const buys = { type: OrderType.Market, priceTicks: 0, qtyLots: 5 };
	const sells = { side: Side.Sell, qtyLots: 20 };

	/** Users 2, of shard 1, and 1, of shard 2, have money; nothing rests. */
	async function twoShards() {
		const { world, process: shard1 } = await World.open({ settings: { accountShards: 2 } });
		const shard2 = await world.startWorker(2);
		await world.deposit(shard1, 2, USDT, 10_000_000n);
		await world.deposit(shard2, 1, BTC, 10_000_000n);
		return { world, shard1, other: shard2.worker.service };
	}

	test("another shard's order rests: a market order finds its price, also after a second start", async () => {
		const { world, shard1, other } = await twoShards();
		await world.value(other.placeOrder(user(1), order({ ...sells, priceTicks: 101 })));
		await world.time.advance(1_000);
		const nothing = { bidTicks: 0, lastTicks: 0, lastTradeId: 0 };
		const { prices } = world.database.load(1);
		expect(prices).toEqual([{ ...nothing, symbolId: 1, askTicks: 101 }]);
		const { worker } = await restarted(world, await restarted(world, shard1));
		const bought = await world.value(worker.service.placeOrder(user(2), order(buys)));
		// 5 × 101 × 1.05.
		expect(bought.order).toMatchObject({ status: OrderStatus.Filled, capTickLots: 530 });
	});

	test("when the level that was known is gone, the last trade's price stands for the next", async () => {
		const { world, shard1, other } = await twoShards();
		await world.value(other.placeOrder(user(1), order({ ...sells, priceTicks: 101 })));
		await world.value(other.placeOrder(user(1), order({ ...sells, priceTicks: 102 })));
		await world.time.advance(1_000);
		const { worker } = await restarted(world, shard1);
		const all = { ...buys, qtyLots: 20 };
		await world.value(worker.service.placeOrder(user(2), order(all)));
		const next = await world.value(worker.service.placeOrder(user(2), order(buys)));
		// 5 × 101 × 1.05: it buys at 102 all the same.
		expect(next.order).toMatchObject({ capTickLots: 530, cumTickLots: 510 });
	});
});

test("an amend that is settled is over, also where its append was not acknowledged", async () => {
	let fate: AppendFate = "ok";
	const { world, process } = await World.open({ appendFate: () => fate });
	await world.deposit(process, 1, USDT, 10_000_000n);
	const { service } = process.worker;
	const { order: mine } = await world.value(service.placeOrder(user(1), order({ qtyLots: 10 })));
	await world.time.advance(200);
	// Its answer is read, and its place in the ledger stays before it.
	fate = "lost ack";
	await world.value(service.amendOrder(user(1), amendOf(mine.orderId, "a", 9)));
	await world.time.advance(200);
	fate = "ok";
	const { worker } = await restarted(world, process);
	const again = await world.value(
		worker.service.amendOrder(user(1), amendOf(mine.orderId, "b", 8)),
	);
	expect(again.order).toMatchObject({ clientOrderId: "b", qtyLots: 8 });
});

test("two shards stand at the same seq: each answers its own orders only", async () => {
	const { world, process: shard1 } = await World.open({ settings: { accountShards: 2 } });
	const shard2 = await world.startWorker(2);
	await world.deposit(shard2, 1, USDT, 10_000_000n);
	await world.deposit(shard1, 2, USDT, 10_000_000n);
	const place = (process: Process, userId: number) =>
		process.worker.service.placeOrder(user(userId), order({ qtyLots: 1 }));
	const seqOf = async (process: Process, userId: number) =>
		(await world.value(place(process, userId))).order.seq;
	let ahead = await seqOf(shard1, 2);
	let behind = await seqOf(shard2, 1);
	while (ahead < behind) ahead = await seqOf(shard1, 2);
	while (behind < ahead) behind = await seqOf(shard2, 1);
	const both = [place(shard2, 1), place(shard1, 2)];
	for (const outcome of both) {
		const { order: answered } = await world.value(outcome);
		expect(answered).toMatchObject({ seq: ahead + 1, status: OrderStatus.New });
	}
	expect(shard1.fatal).toEqual([]);
	expect(shard2.fatal).toEqual([]);
});

test("more is withdrawn than was deposited in the shard: what came from another shard's users", async () => {
	const { world, process: shard1 } = await World.open({ settings: { accountShards: 2 } });
	const shard2 = await world.startWorker(2);
	const BTC = 1;
	await world.deposit(shard2, 1, BTC, 10_000_000n);
	await world.deposit(shard1, 2, USDT, 10_000_000n);
	const sells = order({ side: Side.Sell });
	await world.value(shard2.worker.service.placeOrder(user(1), sells));
	await world.value(shard1.worker.service.placeOrder(user(2), order()));
	const { balances } = await world.value(shard1.worker.service.account(2));
	const got = balances.find(({ assetId }) => assetId === BTC)?.available ?? 0n;
	expect(got).toBeGreaterThan(0n);
	const all = { userId: 2, assetId: BTC, amount: got, externalId: "all" };
	expect(await world.value(shard1.worker.service.withdraw(all))).toMatchObject({ available: 0n });
	await world.time.advance(200);
	expect(await world.faults(await restarted(world, shard1))).toEqual([]);
	const outside = world.database.load(1).balances.find(({ accountId, assetId }) => {
		return accountId === EXTERNAL_ACCOUNT && assetId === BTC;
	});
	expect(outside?.available).toBe(-got);
	expect(shard1.fatal).toEqual([]);
});
