import { describe, expect, test } from "bun:test";
import { CommandKind } from "../../schemas/command.ts";
import {
	CancelReplaceMode,
	OrderStatus,
	OrderType,
	Side,
	SymbolState,
} from "../../schemas/order.ts";
import type { PlaceRequest } from "../../schemas/ports/account-service.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { executionIdOf } from "../../schemas/user-event.ts";
import type { AccountSettings } from "./settings.ts";
import { BTCUSDT, ETHBTC } from "./testing/symbols.ts";
import { order, type Process, user, World, type WorldOptions } from "./testing/world.ts";

const { StopOnFailure, AllowFailure } = CancelReplaceMode;
const stop = { type: OrderType.StopLossLimit, stopPriceTicks: 150 };

async function open(options: WorldOptions = {}) {
	const { world, process } = await World.open(options);
	await world.deposit(process, 1, 2, 10_000_000n);
	await world.deposit(process, 2, 1, 10_000_000n);
	return { world, process, service: process.worker.service };
}

async function placed(world: World, process: Process, changes: Partial<PlaceRequest> = {}) {
	const answer = await world.value(process.worker.service.placeOrder(user(1), order(changes)));
	return answer.order;
}

function naming(orderId: number, changes: { origClientOrderId?: string; symbolId?: number } = {}) {
	return { symbolId: 1, orderId, origClientOrderId: "", clientOrderId: "own", ...changes };
}

function withFilters(changes: Partial<typeof BTCUSDT.filters>): WorldOptions {
	return { symbols: [{ ...BTCUSDT, filters: { ...BTCUSDT.filters, ...changes } }, ETHBTC] };
}

test("every trading call passes the check of its caller", async () => {
	const { world, process, service } = await open();
	const { orderId } = await placed(world, process);
	await service.setFrozen(1, true);
	const cancel = { ...naming(orderId), restriction: 0 } as const;
	const calls = [
		service.placeOrder(user(1), order()),
		service.cancelOrder(user(1), cancel),
		service.cancelReplace(user(1), { mode: StopOnFailure, cancel, place: order() }),
		service.amendOrder(user(1), { ...naming(orderId), newQtyLots: 5 }),
		service.cancelAll(user(1), 1),
	];
	for (const call of calls) expect(await world.refusal<unknown>(call)).toBe("accountFrozen");
	expect(await world.value(service.openOrders(1, 1))).toMatchObject([{ orderId, qtyLots: 10 }]);
});

describe("limits of open orders", () => {
	test("hold for what can rest: a market order always goes", async () => {
		const { world, process, service } = await open(withFilters({ maxNumOrders: 1 }));
		await placed(world, process);
		await world.value(service.placeOrder(user(2), order({ side: Side.Sell, priceTicks: 200 })));
		const market = { type: OrderType.Market, priceTicks: 0, qtyLots: 1 };
		expect((await placed(world, process, market)).status).toBe(OrderStatus.Filled);
		expect(await world.refusal(service.placeOrder(user(1), order()))).toBe("maxNumOrders");
		// Another symbol, another user: their own limits.
		await world.deposit(process, 1, 1, 10_000_000n);
		await placed(world, process, { symbolId: 2, qtyLots: 1 });
	});

	test("0 asks for none", async () => {
		const { world, process } = await open(withFilters({ maxNumOrders: 0, maxNumStopOrders: 0 }));
		for (let i = 0; i < 7; i += 1) await placed(world, process, stop);
	});

	test("of stops: other orders are free, and a triggered stop is a stop no more", async () => {
		const { world, process, service } = await open(withFilters({ maxNumStopOrders: 1 }));
		await placed(world, process, stop);
		await placed(world, process);
		expect(await world.refusal(service.placeOrder(user(1), order(stop)))).toBe("maxNumStopOrders");
		const sell = { side: Side.Sell, priceTicks: 150, qtyLots: 1 };
		await world.deposit(process, 2, 2, 10_000_000n);
		await world.value(service.placeOrder(user(2), order(sell)));
		await world.value(service.placeOrder(user(2), order({ priceTicks: 150, qtyLots: 1 })));
		await placed(world, process, { ...stop, stopPriceTicks: 160 });
	});
});

test.each([
	[86_400_000, "1 DAY"],
	[7_200_000, "2 HOUR"],
	[60_000, "1 MINUTE"],
	[90_000, "90 SECOND"],
	[1_500, "1500 MILLISECOND"],
])("an order limit of %p ms is named %p", async (intervalMs, name) => {
	const settings = { orderLimits: [{ intervalMs, limit: 1 }] };
	const { world, process, service } = await open({ settings });
	await placed(world, process);
	const refused = await world.finish(service.placeOrder(user(1), order()));
	expect(refused).toMatchObject({
		refusal: { reason: "tooManyOrders", detail: `1 orders per ${name}` },
	});
	const retryAfterMs = intervalMs - (world.time.nowMs() % intervalMs);
	expect(refused).toMatchObject({ refusal: { retryAfterMs } });
});

describe("order counts", () => {
	const settings: Partial<AccountSettings> = {
		...{ orderLimits: [{ intervalMs: 86_400_000, limit: 100 }], takerFillCredit: 1 },
		makerFillCredit: 5,
	};

	test("one for each order, also in a replacement; a rejection and a first fill give back", async () => {
		const { world, process, service } = await open({ settings });
		const count = async (userId: number) =>
			(await world.value(service.orderCounts(userId)))[0]?.count;
		const { orderId } = await placed(world, process);
		await placed(world, process);
		expect(await count(1)).toBe(2);
		const replace = () => {
			const cancel = { ...naming(orderId), restriction: 0 } as const;
			const request = { mode: StopOnFailure, cancel, place: order() };
			return world.value(service.cancelReplace(user(1), request));
		};
		const replaced = await replace();
		expect(replaced.orderCounts[0]?.count).toBe(3);
		// One that is not attempted counts, too.
		const again = await replace();
		expect([again.place.result, again.orderCounts[0]?.count]).toEqual(["notAttempted", 4]);
		await world.value(service.placeOrder(user(2), order({ side: Side.Sell, priceTicks: 150 })));
		const postOnly = order({ type: OrderType.LimitMaker, priceTicks: 150 });
		expect(await world.refusal(service.placeOrder(user(1), postOnly))).toBe("rejected");
		expect(await count(1)).toBe(4);
		// As taker one is given back, once per order, however many fills it has.
		const taken = await world.value(service.placeOrder(user(1), order({ priceTicks: 150 })));
		expect(taken.orderCounts[0]?.count).toBe(4);
		const sale = { side: Side.Sell, priceTicks: 100, qtyLots: 4 };
		for (let i = 0; i < 5; i += 1) await placed(world, process);
		expect(await count(1)).toBe(9);
		await world.value(service.placeOrder(user(2), order(sale)));
		expect(await count(1)).toBe(4);
		await world.value(service.placeOrder(user(2), order(sale)));
		expect(await count(1)).toBe(4);
	});
});

describe("an amend", () => {
	test("is answered with the execution id of its report", async () => {
		const { world, process, service } = await open();
		const { orderId } = await placed(world, process);
		const less = { ...naming(orderId), clientOrderId: "less", newQtyLots: 5 };
		const { executionId } = await world.value(service.amendOrder(user(1), less));
		await world.time.advance(1);
		const report = world.events.find(
			({ event }) => event.kind === "executionReport" && event.execution === "REPLACED",
		);
		expect(executionId).toBe(executionIdOf(report!.id));
	});

	test("keeps the order's id, or gives it one that is free", async () => {
		const { world, process, service } = await open({ settings: { clientOrderIdKeepMs: 5_000 } });
		const mine = await placed(world, process, { clientOrderId: "mine" });
		await placed(world, process, { clientOrderId: "other" });
		const amend = (clientOrderId: string, newQtyLots: number) =>
			service.amendOrder(user(1), { ...naming(mine.orderId), clientOrderId, newQtyLots });
		expect(await world.refusal(amend("other", 9))).toBe("duplicateOrder");
		const same = await world.value(amend("mine", 9));
		expect(same).toMatchObject({ origClientOrderId: "mine", order: { clientOrderId: "mine" } });
		const renamed = await world.value(amend("new", 8));
		expect(renamed).toMatchObject({ origClientOrderId: "mine", order: { clientOrderId: "new" } });
		// The id before stays taken as that of an order that has ended, the one now while it is open.
		for (const clientOrderId of ["mine", "new"]) {
			const placing = service.placeOrder(user(1), order({ clientOrderId }));
			expect(await world.refusal(placing)).toBe("duplicateOrder");
		}
		await world.time.advance(5_500);
		await placed(world, process, { clientOrderId: "mine" });
		const later = service.placeOrder(user(1), order({ clientOrderId: "new" }));
		expect(await world.refusal(later)).toBe("duplicateOrder");
	});

	test("to less than the least notional, at the limit or else the stop price, is refused", async () => {
		const { world, process, service } = await open(withFilters({ minNotionalTickLots: 900 }));
		const resting = await placed(world, process);
		const stopMarket = { type: OrderType.StopLoss, priceTicks: 0, stopPriceTicks: 150 };
		const waiting = await placed(world, process, stopMarket);
		const amend = (orderId: number, newQtyLots: number) => {
			const request = { ...naming(orderId), clientOrderId: `amend-${orderId}`, newQtyLots };
			return service.amendOrder(user(1), request);
		};
		expect(await world.refusal(amend(resting.orderId, 8))).toBe("minNotional");
		expect((await world.value(amend(resting.orderId, 9))).order.qtyLots).toBe(9);
		expect(await world.refusal(amend(waiting.orderId, 5))).toBe("minNotional");
		expect((await world.value(amend(waiting.orderId, 6))).order.qtyLots).toBe(6);
	});

	test("that is refused leaves the order its own id, and frees the one it would have got", async () => {
		const { world, process, service } = await open();
		const mine = await placed(world, process, { clientOrderId: "mine" });
		for (const clientOrderId of ["mine", "new"]) {
			const up = { ...naming(mine.orderId), clientOrderId, newQtyLots: 11 };
			expect(await world.refusal(service.amendOrder(user(1), up))).toBe("rejected");
		}
		await placed(world, process, { clientOrderId: "new" });
		const again = service.placeOrder(user(1), order({ clientOrderId: "mine" }));
		expect(await world.refusal(again)).toBe("duplicateOrder");
		const down = { ...naming(mine.orderId), clientOrderId: "mine", newQtyLots: 5 };
		expect((await world.value(service.amendOrder(user(1), down))).order.qtyLots).toBe(5);
	});

	test("to more is told apart from one to what is filled already", async () => {
		const { world, process, service } = await open();
		const { orderId } = await placed(world, process);
		await world.value(service.placeOrder(user(2), order({ side: Side.Sell, qtyLots: 4 })));
		const amended = (newQtyLots: number) =>
			world.finish(service.amendOrder(user(1), { ...naming(orderId), newQtyLots }));
		const refusal = { reason: "rejected", rejection: Rejection.AmendNotReducing } as const;
		expect(await amended(11)).toHaveProperty("refusal", refusal);
		const detail = "quantity that leaves nothing open";
		expect(await amended(4)).toHaveProperty("refusal", { ...refusal, detail });
		expect(await amended(3)).toHaveProperty("refusal", { ...refusal, detail });
		expect(
			(await world.value(service.amendOrder(user(1), { ...naming(orderId), newQtyLots: 5 }))).order
				.qtyLots,
		).toBe(5);
	});

	test("of an order on its way waits for it; of one that nobody knows is refused", async () => {
		const { world, service } = await open();
		const placing = service.placeOrder(user(1), order({ clientOrderId: "mine" }));
		const named = naming(0, { origClientOrderId: "mine" });
		const amending = service.amendOrder(user(1), { ...named, newQtyLots: 4 });
		await world.value(placing);
		expect((await world.value(amending)).order).toMatchObject({ qtyLots: 4, heldAmount: 4_000n });
		const none = service.amendOrder(user(1), { ...naming(999), newQtyLots: 4 });
		expect(await world.refusal(none)).toBe("unknownOrder");
	});
});

describe("a replacement", () => {
	const replacing = (
		orderId: number,
		place: Partial<PlaceRequest>,
		mode: CancelReplaceMode = StopOnFailure,
	) => ({
		...{ mode, cancel: { ...naming(orderId), restriction: 0 as const }, place: order(place) },
	});

	test("of an order on its way waits for it", async () => {
		const { world, service } = await open();
		const placing = service.placeOrder(user(1), order({ clientOrderId: "mine" }));
		const { cancel, ...rest } = replacing(0, { priceTicks: 90 });
		const named = { ...cancel, origClientOrderId: "mine" };
		const replaced = service.cancelReplace(user(1), { ...rest, cancel: named });
		const { order: old } = await world.value(placing);
		expect(await world.value(replaced)).toMatchObject({
			cancel: { result: "success", answer: { order: { orderId: old.orderId } } },
			place: { result: "success" },
		});
	});

	test("tells the ids: the cancel's own, the old order's, the new one's", async () => {
		const { world, process, service } = await open();
		const old = await placed(world, process, { clientOrderId: "old" });
		const value = await world.value(
			service.cancelReplace(user(1), replacing(old.orderId, { clientOrderId: "new" })),
		);
		expect(value).toMatchObject({
			cancel: { answer: { origClientOrderId: "old", clientOrderId: "own" } },
			place: { answer: { order: { clientOrderId: "new", status: OrderStatus.New } } },
		});
	});

	test("is refused whole where its new order is: by form, state, limit, id or hold", async () => {
		const { world, process, service } = await open(withFilters({ maxNumOrders: 3 }));
		const old = await placed(world, process, { clientOrderId: "old" });
		const refused = (place: Partial<PlaceRequest>) =>
			world.refusal(service.cancelReplace(user(1), replacing(old.orderId, place, AllowFailure)));
		expect(await refused({ qtyLots: 0 })).toBe("rejected");
		expect(await refused({ symbolId: 99 })).toBe("rejected");
		expect(await refused({ clientOrderId: "old" })).toBe("duplicateOrder");
		expect(await refused({ type: OrderType.Market, priceTicks: 0 })).toBe("noPrice");
		expect(await refused({ qtyLots: 10_001 })).toBe("insufficientBalance");
		await placed(world, process);
		await placed(world, process);
		expect(await refused({})).toBe("maxNumOrders");
		const state = SymbolState.Halt;
		await world.venue(0, { kind: CommandKind.SetSymbolState, symbolId: 1, state });
		await world.time.advance(100);
		expect(await refused({})).toBe("rejected");
		const still = await world.value(service.openOrders(1, 1));
		expect(still[0]?.orderId).toBe(old.orderId);
	});

	test("whose old order fills on the way is not attempted, and what it took comes back", async () => {
		const { world, process, service } = await open();
		const old = await placed(world, process);
		const sale = service.placeOrder(user(2), order({ side: Side.Sell }));
		const replaced = service.cancelReplace(user(1), replacing(old.orderId, { qtyLots: 20 }));
		// 20,000 less the 10,000 that the old order held.
		expect(await world.balance(process, 1, 2)).toBe("9980000/20000");
		await world.value(sale);
		expect(await world.value(replaced)).toMatchObject({
			cancel: { result: "failure", refusal: { reason: "unknownOrder" } },
			place: { result: "notAttempted" },
		});
		expect(await world.balance(process, 1, 2)).toBe("9990000/0");
		expect(await world.faults(process)).toEqual([]);
	});

	test("of someone else's order is of none", async () => {
		const { world, process, service } = await open();
		const theirs = await placed(world, process);
		await world.deposit(process, 3, 2, 10_000n);
		const value = await world.value(
			service.cancelReplace(user(3), replacing(theirs.orderId, { qtyLots: 1 }, AllowFailure)),
		);
		expect(value).toMatchObject({
			cancel: { result: "failure", refusal: { reason: "unknownOrder" } },
			place: { result: "success" },
		});
		expect(await world.balance(process, 1, 2)).toBe("9990000/10000");
	});
});

describe("a cancel", () => {
	test("says what it ended, by which id, and under what id of its own", async () => {
		const { world, process, service } = await open();
		const mine = await placed(world, process, { clientOrderId: "mine" });
		const request = naming(mine.orderId, { origClientOrderId: "mine" });
		const value = await world.value(service.cancelOrder(user(1), { ...request, restriction: 0 }));
		expect(value).toMatchObject({
			...{ origClientOrderId: "mine", clientOrderId: "own" },
			order: { status: OrderStatus.Canceled, heldAmount: 0n },
		});
	});

	test("that the engine refuses is told with the engine's reason", async () => {
		const { world, process, service } = await open();
		const { orderId } = await placed(world, process);
		const restricted = service.cancelOrder(user(1), { ...naming(orderId), restriction: 2 });
		expect(await world.finish(restricted)).toMatchObject({
			refusal: { reason: "rejected", rejection: 9 },
		});
	});

	test("of all: each order under its own id; of none is refused", async () => {
		const { world, process, service } = await open();
		await world.deposit(process, 1, 1, 10_000_000n);
		for (const clientOrderId of ["a", "b"]) await placed(world, process, { clientOrderId });
		await placed(world, process, { symbolId: 2, qtyLots: 1 });
		const { canceled } = await world.value(service.cancelAll(user(1), 1));
		expect(canceled.map((one) => [one.origClientOrderId, one.clientOrderId])).toEqual([
			["a", "a"],
			["b", "b"],
		]);
		expect(await world.refusal(service.cancelAll(user(1), 1))).toBe("unknownOrder");
		expect(await world.value(service.openOrders(1, 0))).toHaveLength(1);
	});
});
