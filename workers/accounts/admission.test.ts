import { expect, test } from "bun:test";
import { CommandKind } from "../../schemas/command.ts";
import { OrderStatus, OrderType, Side, SymbolState } from "../../schemas/order.ts";
import type { Caller, PlaceRequest } from "../../schemas/ports/account-service.ts";
import type { AccountSettings } from "./settings.ts";
import { BTCUSDT } from "./testing/symbols.ts";
import { order, type Process, user, World } from "./testing/world.ts";

async function open(
	settings: Partial<AccountSettings> = {},
): Promise<{ world: World; process: Process }> {
	const opened = await World.open({ settings });
	await opened.world.deposit(opened.process, 1, 2, 10_000_000n);
	await opened.world.deposit(opened.process, 2, 1, 10_000_000n);
	return opened;
}

function signed(world: World, digest: string, ageMs = 0): Caller {
	const timestampMs = world.time.nowMs() - ageMs;
	return {
		...user(1),
		keyId: 7,
		keyGeneration: 1,
		signatureDigest: digest,
		timestampMs,
		recvWindowMs: 5_000,
	};
}

const faults: readonly [string, Partial<PlaceRequest>][] = [
	["quantity zero", { qtyLots: 0 }],
	["quantity negative", { qtyLots: -5 }],
	["quantity no number", { qtyLots: Number.NaN }],
	["price zero", { priceTicks: 0 }],
	["price negative", { priceTicks: -100 }],
	["stop price missing", { type: OrderType.StopLoss }],
	["amount zero", { type: OrderType.Market, byQuote: true }],
	["amount on a limit order", { byQuote: true, quoteTickLots: 10 }],
];
for (const [name, changes] of faults) {
	test(`nothing is held for ${name}`, async () => {
		const { world, process } = await open();
		const placed = await world.finish(process.worker.service.placeOrder(user(1), order(changes)));
		expect(placed).toMatchObject({ ok: false, refusal: { reason: "rejected", rejection: 3 } });
		expect(await world.balance(process, 1, 2)).toBe("10000000/0");
	});
}

test("insufficient by one smallest unit", async () => {
	const { world, process } = await open();
	await world.deposit(process, 3, 2, 9_999n);
	const { service } = process.worker;
	expect(await world.refusal(service.placeOrder(user(3), order()))).toBe("insufficientBalance");
	await world.deposit(process, 3, 2, 1n);
	expect((await world.finish(service.placeOrder(user(3), order()))).ok).toBe(true);
});

test("a signature counts once, an old timestamp not at all", async () => {
	const { world, process } = await open();
	await world.time.advance(10_000);
	const { service } = process.worker;
	const caller = signed(world, "s1");
	await world.value(service.placeOrder(caller, order()));
	expect(await world.refusal(service.placeOrder(caller, order()))).toBe("signatureReplayed");
	expect(await world.refusal(service.cancelAll(caller, 1))).toBe("signatureReplayed");
	const old = signed(world, "s2", 5_001);
	expect(await world.refusal(service.placeOrder(old, order()))).toBe("timestampOutsideWindow");
	await world.time.advance(5_001);
	const late = await world.refusal(service.placeOrder(caller, order()));
	expect(["signatureReplayed", "timestampOutsideWindow"]).toContain(late);
});

test("what was signed before a restart is refused, what is signed after it passes", async () => {
	const { world, process } = await open();
	await world.time.advance(3_000);
	const caller = signed(world, "s1");
	await world.value(process.worker.service.placeOrder(caller, order()));
	world.kill(process);
	const { worker } = await world.startWorker();
	const again = worker.service.placeOrder(caller, order());
	expect(await world.refusal(again)).toBe("timestampOutsideWindow");
	// Ready means that what is signed now passes.
	await world.value(worker.service.placeOrder(signed(world, "s3"), order()));
});

test("a revoked key's calls and a frozen user's are refused from the moment it is told", async () => {
	const { world, process } = await open();
	await world.time.advance(10_000);
	const { service } = process.worker;
	await service.raiseKeyGeneration(7, 2);
	const revoked = service.placeOrder(signed(world, "s1"), order());
	expect(await world.refusal(revoked)).toBe("keyRevoked");
	await service.setFrozen(1, true);
	expect(await world.refusal(service.placeOrder(user(1), order()))).toBe("accountFrozen");
	const withdraw = { userId: 1, assetId: 2, amount: 1n, externalId: "w" };
	expect(await world.refusal(service.withdraw(withdraw))).toBe("accountFrozen");
	await service.setFrozen(1, false);
	await world.value(service.placeOrder(user(1), order()));
});

test("a client id is taken while its order is open and ten minutes after, not for a generated one", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const named = () => order({ clientOrderId: "mine" });
	const first = service.placeOrder(user(1), named());
	expect(await world.refusal(service.placeOrder(user(1), named()))).toBe("duplicateOrder");
	await world.value(first);
	await world.value(service.cancelAll(user(1), 1));
	await world.time.advance(599_000);
	expect(await world.refusal(service.placeOrder(user(1), named()))).toBe("duplicateOrder");
	await world.time.advance(2_000);
	await world.value(service.placeOrder(user(1), named()));
	const generated = () => order({ clientOrderId: "made", clientIdGiven: false });
	await world.value(service.placeOrder(user(1), generated()));
	await world.value(service.placeOrder(user(1), generated()));
});

test("a finished order's client id stays taken over a restart", async () => {
	const { world, process } = await open();
	await world.value(process.worker.service.placeOrder(user(1), order({ clientOrderId: "mine" })));
	await world.value(process.worker.service.cancelAll(user(1), 1));
	await world.time.advance(1_000);
	world.kill(process);
	const { worker } = await world.startWorker();
	const again = worker.service.placeOrder(user(1), order({ clientOrderId: "mine" }));
	expect(await world.refusal(again)).toBe("duplicateOrder");
});

test("an open order keeps an id that ended before it, though a start reads both again", async () => {
	const settings = { clientOrderIdKeepMs: 1_000, commitEveryMs: 10_000_000 };
	const { world, process } = await open(settings);
	const { service } = process.worker;
	const mine = () => order({ clientOrderId: "mine" });
	await world.value(service.placeOrder(user(1), mine()));
	await world.value(service.cancelAll(user(1), 1));
	await world.time.advance(1_500);
	await world.value(service.placeOrder(user(1), mine()));
	world.kill(process);
	const { worker } = await world.startWorker();
	await world.time.advance(2_000);
	expect(await world.refusal(worker.service.placeOrder(user(1), mine()))).toBe("duplicateOrder");
});

test("at the bound of client ids new ones wait; none is forgotten", async () => {
	const { world, process } = await open({ maxClientOrderIdsPerUser: 2 });
	const { service } = process.worker;
	for (const clientOrderId of ["a", "b"]) {
		await world.value(service.placeOrder(user(1), order({ clientOrderId })));
	}
	const third = service.placeOrder(user(1), order({ clientOrderId: "c" }));
	expect(await world.refusal(third)).toBe("tooManyClientOrderIds");
	const again = service.placeOrder(user(1), order({ clientOrderId: "a" }));
	expect(await world.refusal(again)).toBe("duplicateOrder");
});

test("ORDERS: so many per window; fills give back, rejections too, a new window begins anew", async () => {
	const { world, process } = await open({
		orderLimits: [{ intervalMs: 10_000, limit: 3 }],
		makerFillCredit: 2,
	});
	const { service } = process.worker;
	await world.time.advance(10_000 - (world.time.nowMs() % 10_000));
	for (let i = 0; i < 3; i += 1) await world.value(service.placeOrder(user(1), order()));
	const refused = await world.finish(service.placeOrder(user(1), order()));
	expect(refused).toMatchObject({ refusal: { detail: "3 orders per 10 SECOND" } });
	await world.value(service.placeOrder(user(2), order({ side: Side.Sell, qtyLots: 1 })));
	const counts = await world.value(service.orderCounts(1));
	expect(counts).toEqual([{ intervalMs: 10_000, limit: 3, count: 1 }]);
	await world.time.advance(10_000);
	expect((await world.value(service.orderCounts(1)))[0]?.count).toBe(0);
});

test("MAX_NUM_ORDERS and stop orders", async () => {
	const filters = { ...BTCUSDT.filters, maxNumOrders: 3, maxNumStopOrders: 1 };
	const { world, process } = await World.open({ symbols: [{ ...BTCUSDT, filters }] });
	const { service } = process.worker;
	await world.deposit(process, 1, 2, 10_000_000n);
	const stop = { type: OrderType.StopLossLimit, stopPriceTicks: 150 };
	await world.value(service.placeOrder(user(1), order(stop)));
	expect(await world.refusal(service.placeOrder(user(1), order(stop)))).toBe("maxNumStopOrders");
	await world.value(service.placeOrder(user(1), order()));
	await world.value(service.placeOrder(user(1), order()));
	expect(await world.refusal(service.placeOrder(user(1), order()))).toBe("maxNumOrders");
	await world.value(service.cancelAll(user(1), 1));
	await world.value(service.placeOrder(user(1), order(stop)));
});

test("a symbol that does not trade takes no order, and one nobody knows neither", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const state = SymbolState.Halt;
	await world.venue(0, { kind: CommandKind.SetSymbolState, symbolId: 1, state });
	await world.time.advance(100);
	const placed = await world.finish(service.placeOrder(user(1), order()));
	expect(placed).toMatchObject({ refusal: { rejection: 2 } });
	const unknown = await world.finish(service.placeOrder(user(1), order({ symbolId: 99 })));
	expect(unknown).toMatchObject({ refusal: { rejection: 1 } });
});

test("a cancel, an amend and a query by client id wait for the placing that is under way", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const request = order({ clientOrderId: "mine" });
	const placed = service.placeOrder(user(1), request);
	const named = { symbolId: 1, orderId: 0, origClientOrderId: "mine", clientOrderId: "x" };
	const found = service.findOrder(1, { symbolId: 1, orderId: 0, clientOrderId: "mine" });
	const canceled = service.cancelOrder(user(1), { ...named, restriction: 0 });
	expect((await world.value(placed)).order.status).toBe(OrderStatus.New);
	expect(await world.value(found)).toMatchObject({ found: true, order: { status: 1 } });
	expect((await world.value(canceled)).order.status).toBe(OrderStatus.Canceled);
	const again = service.cancelOrder(user(1), { ...named, restriction: 0 });
	expect(await world.refusal(again)).toBe("unknownOrder");
});

test("someone else's order is unknown; two ids must name the same order", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const { order: placed } = await world.value(service.placeOrder(user(1), order()));
	const { orderId } = placed;
	const cancel = { symbolId: 1, orderId, clientOrderId: "x", restriction: 0 } as const;
	const other = service.cancelOrder(user(2), { ...cancel, origClientOrderId: "" });
	expect(await world.refusal(other)).toBe("unknownOrder");
	// Nor is anything of it told, or the log asked.
	const { qtyLots: newQtyLots } = placed;
	const amend = { symbolId: 1, orderId, origClientOrderId: "", newQtyLots, clientOrderId: "x" };
	expect(await world.refusal(service.amendOrder(user(2), amend))).toBe("unknownOrder");
	const commands = world.orders.all(BTCUSDT.partition).map(({ command }) => command?.kind);
	expect(commands).not.toContain(CommandKind.CancelOrder);
	const found = await world.value(
		service.findOrder(2, { symbolId: 1, orderId, clientOrderId: "" }),
	);
	expect(found.found).toBe(false);
	const mismatch = service.cancelOrder(user(1), { ...cancel, origClientOrderId: "other" });
	expect(await world.refusal(mismatch)).toBe("clientOrderIdMismatch");
	expect(await world.refusal(service.cancelAll(user(2), 1))).toBe("unknownOrder");
});

test("one amend in flight per order", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const { order: placed } = await world.value(service.placeOrder(user(1), order()));
	const { orderId } = placed;
	const amend = (newQtyLots: number) =>
		service.amendOrder(user(1), {
			symbolId: 1,
			orderId,
			origClientOrderId: "",
			clientOrderId: `a${newQtyLots}`,
			newQtyLots,
		});
	const first = amend(5);
	expect(await world.refusal(amend(4))).toBe("amendInFlight");
	await world.value(first);
	await world.value(amend(4));
	expect(await world.refusal(amend(4))).toBe("amendNoChange");
});

test("a user of another shard is nobody's here", async () => {
	const { world, process } = await World.open({ settings: { accountShards: 2 } });
	const { service } = process.worker;
	expect(await world.refusal(service.placeOrder(user(1), order()))).toBe("unknown");
	const request = { userId: 1, assetId: 2, amount: 1n, externalId: "d" };
	expect(await world.refusal(service.deposit(request))).toBe("unknown");
});
