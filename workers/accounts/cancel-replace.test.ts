import { expect, test } from "bun:test";
import { CancelReplaceMode, CancelRestriction, OrderType, Side } from "../../schemas/order.ts";
import type { CancelReplaceAnswer, PlaceRequest } from "../../schemas/ports/account-service.ts";
import { replaceExtra } from "./holds.ts";
import { order, type Process, user, World } from "./testing/world.ts";

const { StopOnFailure, AllowFailure } = CancelReplaceMode;

/** User 1 has 20,000 USDT and 10,000 BTC units and an order that holds 10,000 USDT. */
async function open(): Promise<{ world: World; process: Process; oldId: number }> {
	const { world, process } = await World.open();
	await world.deposit(process, 1, 2, 20_000n);
	await world.deposit(process, 1, 1, 10_000n);
	await world.deposit(process, 2, 1, 1_000_000n);
	const old = await world.value(process.worker.service.placeOrder(user(1), order()));
	return { world, process, oldId: old.order.orderId };
}

function replace(
	process: Process,
	orderId: number,
	mode: CancelReplaceMode,
	place: Partial<PlaceRequest>,
	restriction: CancelRestriction = CancelRestriction.None,
) {
	return process.worker.service.cancelReplace(user(1), {
		mode,
		cancel: {
			symbolId: 1,
			orderId,
			origClientOrderId: "",
			clientOrderId: "own",
			restriction,
		},
		place: order(place),
	});
}

function results({ cancel, place }: CancelReplaceAnswer): string {
	return `${cancel.result}/${place.result}`;
}

test("same side, more: only the difference is taken, and the old hold pays the rest", async () => {
	const { world, process, oldId } = await open();
	const answer = replace(process, oldId, StopOnFailure, { priceTicks: 200, qtyLots: 10 });
	// Taken with the command: 20,000 - 10,000.
	expect(await world.balance(process, 1, 2)).toBe("0/20000");
	expect(results(await world.value(answer))).toBe("success/success");
	expect(await world.balance(process, 1, 2)).toBe("0/20000");
	expect(await world.faults(process)).toEqual([]);
});

test("same side, less: nothing is taken, what is not needed becomes available", async () => {
	const { world, process, oldId } = await open();
	const answer = replace(process, oldId, StopOnFailure, { priceTicks: 50, qtyLots: 10 });
	expect(results(await world.value(answer))).toBe("success/success");
	expect(await world.balance(process, 1, 2)).toBe("15000/5000");
	expect(await world.faults(process)).toEqual([]);
});

test("same side, one unit of price too much: refused, the old order stays", async () => {
	const { world, process, oldId } = await open();
	const answer = replace(process, oldId, StopOnFailure, { priceTicks: 2_001, qtyLots: 1 });
	expect(await world.refusal(answer)).toBe("insufficientBalance");
	const open1 = await world.value(process.worker.service.openOrders(1, 1));
	expect(open1.map(({ orderId }) => orderId)).toEqual([oldId]);
});

test("other side: the whole new hold is taken, the old one's comes back", async () => {
	const { world, process, oldId } = await open();
	const sell = { side: Side.Sell, priceTicks: 300, qtyLots: 10 };
	const answer = replace(process, oldId, StopOnFailure, sell);
	expect(await world.balance(process, 1, 1)).toBe("0/10000");
	expect(results(await world.value(answer))).toBe("success/success");
	expect(await world.balance(process, 1, 2)).toBe("20000/0");
	expect(await world.balance(process, 1, 1)).toBe("0/10000");
	expect(await world.faults(process)).toEqual([]);
});

test("an unknown old order: not attempted, or placed with its whole hold", async () => {
	const { world, process } = await open();
	const stopped = await world.value(replace(process, 999, StopOnFailure, {}));
	expect(results(stopped)).toBe("failure/notAttempted");
	const allowed = await world.value(replace(process, 999, AllowFailure, { priceTicks: 50 }));
	expect(results(allowed)).toBe("failure/success");
	expect(await world.balance(process, 1, 2)).toBe("5000/15000");
});

test("an old order by two ids that do not agree is told as such, in either mode", async () => {
	const { world, process, oldId } = await open();
	for (const mode of [StopOnFailure, AllowFailure]) {
		const asked = process.worker.service.cancelReplace(user(1), {
			mode,
			cancel: {
				...{ symbolId: 1, orderId: oldId, origClientOrderId: "another", clientOrderId: "own" },
				restriction: CancelRestriction.None,
			},
			place: order({ priceTicks: 50 }),
		});
		expect((await world.value(asked)).cancel).toMatchObject({
			...{ result: "failure", refusal: { reason: "clientOrderIdMismatch" } },
		});
	}
});

test.each([
	["cannot be paid", { priceTicks: 2_001 }, "insufficientBalance"],
	[
		"has a client id that is taken",
		{ clientOrderId: "taken", clientIdGiven: true },
		"duplicateOrder",
	],
	["finds no price", { type: OrderType.Market, priceTicks: 0 }, "noPrice"],
])("an unknown old order, and a new one that %s: neither", async (_name, place, reason) => {
	const { world, process } = await open();
	const named = order({ priceTicks: 1, clientOrderId: "taken", clientIdGiven: true });
	await world.value(process.worker.service.placeOrder(user(1), named));
	const allowed = await world.value(replace(process, 999, AllowFailure, place));
	expect(allowed).toMatchObject({
		cancel: { result: "failure", refusal: { reason: "unknownOrder" } },
		place: { result: "failure", refusal: { reason } },
	});
	const stopped = await world.value(replace(process, 999, StopOnFailure, place));
	expect(results(stopped)).toBe("failure/notAttempted");
});

test("an unknown old order, and no room for another client id: refused as a whole, to be asked again later", async () => {
	const { world, process } = await World.open({ settings: { maxClientOrderIdsPerUser: 1 } });
	await world.deposit(process, 1, 2, 20_000n);
	const named = order({ priceTicks: 1, clientOrderId: "one", clientIdGiven: true });
	await world.value(process.worker.service.placeOrder(user(1), named));
	const another = { clientOrderId: "two", clientIdGiven: true };
	const refused = await world.refusal(replace(process, 999, AllowFailure, another));
	expect(refused).toBe("tooManyClientOrderIds");
});

test("a new order that was not attempted counts, one that was rejected does not", async () => {
	const { world, process, oldId } = await open();
	const { service } = process.worker;
	const count = async () => (await world.value(service.orderCounts(1)))[0]?.count;
	expect(await count()).toBe(1);
	await world.value(replace(process, 999, StopOnFailure, {}));
	expect(await count()).toBe(2);
	const restriction = CancelRestriction.OnlyPartiallyFilled;
	const kept = await world.value(replace(process, oldId, StopOnFailure, {}, restriction));
	expect(results(kept)).toBe("failure/notAttempted");
	expect(kept.orderCounts[0]?.count).toBe(3);
	await world.value(service.placeOrder(user(2), order({ side: Side.Sell, priceTicks: 150 })));
	const maker = { type: OrderType.LimitMaker, priceTicks: 150 };
	expect(results(await world.value(replace(process, oldId, StopOnFailure, maker)))).toBe(
		"success/failure",
	);
	expect(await count()).toBe(3);
});

test("the old order fills before the command: the hold is compared, nothing is overspent", async () => {
	const { world, process, oldId } = await open();
	const { service } = process.worker;
	const sale = service.placeOrder(user(2), order({ side: Side.Sell, qtyLots: 4 }));
	// Needs 20,000 and counts on the old order's 10,000, of which 4,000 are spent before it comes.
	const answer = replace(process, oldId, StopOnFailure, { priceTicks: 200, qtyLots: 10 });
	await world.value(sale);
	const value = await world.value(answer);
	expect(results(value)).toBe("success/failure");
	expect(value.place).toMatchObject({ refusal: { reason: "rejected", rejection: 11 } });
	expect(await world.balance(process, 1, 2)).toBe("16000/0");
	expect(await world.faults(process)).toEqual([]);
});

test("the new order is rejected after the cancel: extra comes back once, the old stays canceled", async () => {
	const { world, process, oldId } = await open();
	const ask = order({ side: Side.Sell, priceTicks: 150, qtyLots: 5 });
	await world.value(process.worker.service.placeOrder(user(2), ask));
	const maker = { type: OrderType.LimitMaker, priceTicks: 150, qtyLots: 10 };
	const value = await world.value(replace(process, oldId, StopOnFailure, maker));
	expect(results(value)).toBe("success/failure");
	expect(await world.balance(process, 1, 2)).toBe("20000/0");
	expect(await world.value(process.worker.service.openOrders(1, 1))).toEqual([]);
	expect(await world.faults(process)).toEqual([]);
});

test("going on without the cancel takes all it can, so the new order stands when the old is gone", async () => {
	const { world, process, oldId } = await open();
	const { service } = process.worker;
	const sale = service.placeOrder(user(2), order({ side: Side.Sell, qtyLots: 10 }));
	const answer = replace(process, oldId, AllowFailure, { priceTicks: 90, qtyLots: 10 });
	expect(await world.balance(process, 1, 2)).toBe("1000/19000");
	await world.value(sale);
	expect(results(await world.value(answer))).toBe("failure/success");
	expect(await world.balance(process, 1, 2)).toBe("1000/9000");
	expect(await world.faults(process)).toEqual([]);
});

test("the extra of a replacement", () => {
	expect(replaceExtra(100n, 60n, false, 40n)).toBe(40n);
	expect(replaceExtra(100n, 60n, false, 39n)).toBe("insufficientBalance");
	expect(replaceExtra(100n, 160n, false, 0n)).toBe(0n);
	expect(replaceExtra(100n, 60n, true, 70n)).toBe(70n);
	expect(replaceExtra(100n, 60n, true, 170n)).toBe(100n);
	expect(replaceExtra(100n, 60n, true, 39n)).toBe("insufficientBalance");
});
