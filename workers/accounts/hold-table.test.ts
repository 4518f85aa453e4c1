import { expect, test } from "bun:test";
import {
	CancelReplaceMode,
	CancelRestriction,
	OrderStatus,
	OrderType,
	Side,
	StpMode,
	TimeInForce,
} from "../../schemas/order.ts";
import type { OrderState } from "../../schemas/order-state.ts";
import type { PlaceAnswer, PlaceRequest } from "../../schemas/ports/account-service.ts";
import { order, type Process, user, World } from "./testing/world.ts";

/*
 * One test per row of the hold table: what is held when the order is placed, after a partial fill, at
 * the end. BTCUSDT: a tick-lot is 10 units of USDT (asset 2), a lot 1,000 units of BTC (asset 1); fees
 * 0.1 % as maker, 0.2 % as taker; band 5 %. User 1 is looked at, user 2 is the market.
 */

const BTC = 1;
const USDT = 2;

async function open(): Promise<{ world: World; process: Process }> {
	const opened = await World.open();
	const { world, process } = opened;
	await world.deposit(process, 1, USDT, 100_000n);
	await world.deposit(process, 1, BTC, 100_000n);
	await world.deposit(process, 2, USDT, 10_000_000n);
	await world.deposit(process, 2, BTC, 10_000_000n);
	return opened;
}

function place(world: World, process: Process, userId: number, changes: Partial<PlaceRequest>) {
	return world.value(process.worker.service.placeOrder(user(userId), order(changes)));
}

async function both(world: World, process: Process): Promise<string> {
	const usdt = await world.balance(process, 1, USDT);
	const btc = await world.balance(process, 1, BTC);
	expect(await world.faults(process)).toEqual([]);
	return `USDT ${usdt}, BTC ${btc}`;
}

function cancel(
	world: World,
	process: Process,
	placed: PlaceAnswer,
): Promise<{ order: OrderState }> {
	const { orderId, symbolId, userId } = placed.order;
	const request = {
		symbolId,
		orderId,
		origClientOrderId: "",
		clientOrderId: "own",
		restriction: 0,
	} as const;
	return world.value(process.worker.service.cancelOrder(user(userId), request));
}

const sells = { side: Side.Sell } as const;
const market = { type: OrderType.Market, priceTicks: 0 } as const;

test("limit buy: price × quantity; a better price's saving is available at once; the rest at the end", async () => {
	const { world, process } = await open();
	await place(world, process, 2, { ...sells, priceTicks: 90, qtyLots: 4 });
	const placed = await place(world, process, 1, { priceTicks: 100, qtyLots: 10 });
	// Held 10,000; 4 lots at 90 cost 3,600; 6 left hold 6,000; 400 came back. 4,000 less 0.2 % of BTC.
	expect(await both(world, process)).toBe("USDT 90400/6000, BTC 103992/0");
	expect(placed.order.heldAmount).toBe(6_000n);
	await cancel(world, process, placed);
	expect(await both(world, process)).toBe("USDT 96400/0, BTC 103992/0");
});

test("limit buy as maker pays its own price and the maker's fee", async () => {
	const { world, process } = await open();
	await place(world, process, 1, { priceTicks: 100, qtyLots: 10 });
	expect(await both(world, process)).toBe("USDT 90000/10000, BTC 100000/0");
	await place(world, process, 2, { ...sells, priceTicks: 80, qtyLots: 10 });
	expect(await both(world, process)).toBe("USDT 90000/0, BTC 109990/0");
});

test("sell: quantity, less what filled; the rest at the end", async () => {
	const { world, process } = await open();
	const placed = await place(world, process, 1, { ...sells, qtyLots: 10 });
	expect(await both(world, process)).toBe("USDT 100000/0, BTC 90000/10000");
	await place(world, process, 2, { qtyLots: 3 });
	// 3,000 of USDT less 0.1 %.
	expect(await both(world, process)).toBe("USDT 102997/0, BTC 90000/7000");
	await cancel(world, process, placed);
	expect(await both(world, process)).toBe("USDT 102997/0, BTC 97000/0");
});

test("market buy by quote amount: the amount, less what it spent, the rest at once", async () => {
	const { world, process } = await open();
	await place(world, process, 2, { ...sells, priceTicks: 100, qtyLots: 50 });
	const spent = await place(world, process, 1, { ...market, byQuote: true, quoteTickLots: 750 });
	expect(spent.order).toMatchObject({ status: OrderStatus.Filled, cumQtyLots: 7, qtyLots: 0 });
	expect(await both(world, process)).toBe("USDT 93000/0, BTC 106986/0");
	// One unit more than there is refuses: 9,301 tick-lots are 93,010 units.
	const tooMuch = order({ ...market, byQuote: true, quoteTickLots: 9_301 });
	const refused = process.worker.service.placeOrder(user(1), tooMuch);
	expect(await world.refusal(refused)).toBe("insufficientBalance");
});

test("market buy by quantity: quantity × best ask × band, at most what is available", async () => {
	const { world, process } = await open();
	await place(world, process, 2, { ...sells, priceTicks: 100, qtyLots: 50 });
	await place(world, process, 2, { ...sells, priceTicks: 104, qtyLots: 50 });
	const placed = await place(world, process, 1, { ...market, qtyLots: 60 });
	expect(placed.order.capTickLots).toBe(6_300);
	// 50 at 100 and 10 at 104: 60,400.
	expect(placed.order.status).toBe(OrderStatus.Filled);
	expect(await both(world, process)).toBe("USDT 39600/0, BTC 159880/0");
	// 36 × 104 × 1.05 is 39,312; 38 would need 41,496 of 39,600, but 39,520 at the best ask will do.
	const most = await place(world, process, 1, { ...market, qtyLots: 38 });
	expect(most.order).toMatchObject({ capTickLots: 3_960, status: OrderStatus.Filled });
	expect(await both(world, process)).toBe("USDT 80/0, BTC 197804/0");
});

test("market buy by quantity is refused below quantity × best ask, by one unit", async () => {
	const { world, process } = await open();
	await place(world, process, 2, { ...sells, priceTicks: 100, qtyLots: 500 });
	const withdraw = { userId: 1, assetId: USDT, amount: 1n, externalId: "w" };
	await world.value(process.worker.service.withdraw(withdraw));
	const request = order({ ...market, qtyLots: 100 });
	const refused = process.worker.service.placeOrder(user(1), request);
	expect(await world.refusal(refused)).toBe("insufficientBalance");
	await world.deposit(process, 1, USDT, 1n);
	const placed = await place(world, process, 1, { ...market, qtyLots: 100 });
	expect(placed.order.status).toBe(OrderStatus.Filled);
});

test("market orders without best price take the last, and are refused without that", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const buy = order({ ...market, qtyLots: 5 });
	expect(await world.refusal(service.placeOrder(user(1), buy))).toBe("noPrice");
	const byQuote = order({ ...market, ...sells, byQuote: true, qtyLots: 0, quoteTickLots: 5 });
	expect(await world.refusal(service.placeOrder(user(1), byQuote))).toBe("noPrice");
	await place(world, process, 2, { ...sells, priceTicks: 100, qtyLots: 1 });
	await place(world, process, 1, { priceTicks: 100, qtyLots: 1 });
	const empty = await place(world, process, 1, { ...market, qtyLots: 5 });
	expect(empty.order).toMatchObject({ capTickLots: 525, status: OrderStatus.Expired });
	expect(await both(world, process)).toBe("USDT 99000/0, BTC 100998/0");
});

test("market sell by quote amount: the lots it needs at the best bid less the band, at most what there is", async () => {
	const { world, process } = await open();
	await place(world, process, 2, { priceTicks: 100, qtyLots: 4 });
	await place(world, process, 2, { priceTicks: 50, qtyLots: 100 });
	const sell = { ...market, ...sells, byQuote: true, qtyLots: 0 };
	const placed = await place(world, process, 1, { ...sell, quoteTickLots: 500 });
	// 500 × 1.05 ÷ 100, rounded up: 6 lots. 4 at 100 and 2 at 50 make 500 exactly.
	expect(placed.order).toMatchObject({ qtyLots: 6, cumQtyLots: 6, cumTickLots: 500 });
	expect(await both(world, process)).toBe("USDT 104990/0, BTC 94000/0");
	const all = await place(world, process, 1, { ...sell, quoteTickLots: 100_000 });
	expect(all.order).toMatchObject({ qtyLots: 94, cumQtyLots: 94 });
	expect(await both(world, process)).toBe("USDT 151896/0, BTC 0/0");
});

for (const type of [OrderType.StopLossLimit, OrderType.TakeProfitLimit] as const) {
	test(`stop buy with limit (type ${type}): limit × quantity, also once triggered`, async () => {
		const { world, process } = await open();
		await place(world, process, 2, { ...sells, priceTicks: 100, qtyLots: 1 });
		await place(world, process, 2, { priceTicks: 100, qtyLots: 1 });
		const rises = type === OrderType.StopLossLimit;
		const stopPriceTicks = rises ? 110 : 90;
		const placed = await place(world, process, 1, {
			type,
			stopPriceTicks,
			priceTicks: 120,
			qtyLots: 5,
		});
		expect(await both(world, process)).toBe("USDT 94000/6000, BTC 100000/0");
		await place(world, process, 2, { ...sells, priceTicks: stopPriceTicks, qtyLots: 3 });
		await place(world, process, 2, { priceTicks: stopPriceTicks, qtyLots: 1 });
		// Two lots at the stop price, three left at the limit.
		const paid = BigInt(stopPriceTicks) * 20n;
		expect(await both(world, process)).toBe(`USDT ${100_000n - paid - 3_600n}/3600, BTC 101996/0`);
		await cancel(world, process, placed);
		expect(await both(world, process)).toBe(`USDT ${100_000n - paid}/0, BTC 101996/0`);
	});
}

test("stop-market buy: quantity × stop price × band, a budget; the rest at the end", async () => {
	const { world, process } = await open();
	await place(world, process, 2, { ...sells, priceTicks: 100, qtyLots: 1 });
	await place(world, process, 2, { priceTicks: 100, qtyLots: 1 });
	const stop = { type: OrderType.StopLoss, priceTicks: 0, stopPriceTicks: 110, qtyLots: 10 };
	const placed = await place(world, process, 1, stop);
	expect(placed.order).toMatchObject({ capTickLots: 1_155, workingAtMs: 0 });
	expect(await both(world, process)).toBe("USDT 88450/11550, BTC 100000/0");
	await place(world, process, 2, { ...sells, priceTicks: 110, qtyLots: 5 });
	await place(world, process, 2, { ...sells, priceTicks: 150, qtyLots: 50 });
	await place(world, process, 2, { priceTicks: 110, qtyLots: 1 });
	// Triggered: 4 lots at 110 are 440 of 1,155; 4 at 150 are 600; the fifth is beyond the budget.
	expect(await both(world, process)).toBe("USDT 89600/0, BTC 107984/0");
});

test("stop-market sell: quantity", async () => {
	const { world, process } = await open();
	const stop = { ...sells, type: OrderType.StopLoss, priceTicks: 0, stopPriceTicks: 90 };
	const placed = await place(world, process, 1, { ...stop, qtyLots: 10 });
	expect(await both(world, process)).toBe("USDT 100000/0, BTC 90000/10000");
	await cancel(world, process, placed);
	expect(await both(world, process)).toBe("USDT 100000/0, BTC 100000/0");
});

test("amend: the cut is released by its event; a budget stays whole", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const placed = await place(world, process, 1, { qtyLots: 10 });
	const request = { symbolId: 1, orderId: placed.order.orderId, origClientOrderId: "" };
	const amended = await world.value(
		service.amendOrder(user(1), { ...request, clientOrderId: "renamed", newQtyLots: 3 }),
	);
	expect(amended).toMatchObject({ origClientOrderId: placed.order.clientOrderId });
	expect(amended.order).toMatchObject({ qtyLots: 3, clientOrderId: "renamed", heldAmount: 3_000n });
	expect(await both(world, process)).toBe("USDT 97000/3000, BTC 100000/0");
	const up = service.amendOrder(user(1), { ...request, clientOrderId: "up", newQtyLots: 4 });
	expect(await world.refusal(up)).toBe("rejected");
	// The id it would have got is free.
	const { order: other } = await place(world, process, 1, { qtyLots: 1, clientOrderId: "up" });
	await world.value(
		service.cancelOrder(user(1), {
			...request,
			orderId: other.orderId,
			clientOrderId: "x",
			restriction: 0,
		}),
	);
	const stop = { type: OrderType.StopLoss, priceTicks: 0, stopPriceTicks: 110, qtyLots: 10 };
	const budget = await place(world, process, 1, stop);
	const { orderId } = budget.order;
	const less = { ...request, orderId, clientOrderId: "less", newQtyLots: 5 };
	await world.value(service.amendOrder(user(1), less));
	expect(await both(world, process)).toBe("USDT 85450/14550, BTC 100000/0");
});

test("withdrawal: held until its event, once per id", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const request = { userId: 1, assetId: USDT, amount: 40_000n, externalId: "w1" };
	const first = service.withdraw(request);
	const second = service.withdraw(request);
	expect(await both(world, process)).toBe("USDT 60000/40000, BTC 100000/0");
	expect(await world.value(first)).toMatchObject({ available: 60_000n, held: 0n, repeated: false });
	expect(await world.value(second)).toMatchObject({ available: 60_000n, held: 0n, repeated: true });
	const clash = service.withdraw({ ...request, amount: 1n });
	expect(await world.refusal(clash)).toBe("externalIdClash");
	const tooMuch = service.withdraw({ ...request, amount: 60_001n, externalId: "w2" });
	expect(await world.refusal(tooMuch)).toBe("insufficientBalance");
});

test("each fill has one transfer row per side, and the rows of a trade sum to zero", async () => {
	const { world, process } = await open();
	await place(world, process, 2, { ...sells, priceTicks: 90, qtyLots: 4 });
	await place(world, process, 1, { priceTicks: 100, qtyLots: 4 });
	await world.time.advance(200);
	const rows = world.database.transfers(1).filter((row) => row.kind === "fill");
	const legs = rows.map((r) => [
		r.accountId,
		`-${r.debitAmount} of ${r.debitAssetId}`,
		`+${r.creditAmount} of ${r.creditAssetId}`,
		`fee ${r.feeAmount}`,
		r.counterAccountId,
	]);
	expect(legs).toEqual([
		[2, "-4000 of 1", "+3600 of 2", "fee 4", -100],
		[1, "-3600 of 2", "+4000 of 1", "fee 8", -100],
	]);
});

const preventions = [
	{
		mode: StpMode.ExpireMaker,
		preventedLots: 5,
		maker: "ExpiredInMatch",
		leaves: "USDT 93000/7000, BTC 100000/0",
	},
	{
		mode: StpMode.ExpireTaker,
		preventedLots: 0,
		maker: "New",
		leaves: "USDT 100000/0, BTC 95000/5000",
	},
	{
		mode: StpMode.ExpireBoth,
		preventedLots: 5,
		maker: "ExpiredInMatch",
		leaves: "USDT 100000/0, BTC 100000/0",
	},
	{
		mode: StpMode.Decrement,
		preventedLots: 5,
		maker: "ExpiredInMatch",
		leaves: "USDT 98000/2000, BTC 100000/0",
	},
	{
		mode: StpMode.Transfer,
		preventedLots: 5,
		maker: "ExpiredInMatch",
		leaves: "USDT 98000/2000, BTC 100000/0",
	},
] as const;

for (const { mode, preventedLots, maker, leaves } of preventions) {
	test(`self-trade prevention, mode ${mode}: both orders give up what it took`, async () => {
		const { world, process } = await open();
		const rests = { ...sells, priceTicks: 90, qtyLots: 5, stpMode: mode };
		const resting = await place(world, process, 1, rests);
		await place(world, process, 1, { priceTicks: 100, qtyLots: 7, stpMode: mode });
		expect(await both(world, process)).toBe(leaves);
		const found = await world.value(
			process.worker.service.findOrder(1, {
				symbolId: 1,
				orderId: resting.order.orderId,
				clientOrderId: "",
			}),
		);
		expect(found).toMatchObject({ order: { status: OrderStatus[maker], preventedLots } });
	});
}

test("a budget order gives up the maker's price × what prevention took", async () => {
	const { world, process } = await open();
	const stpMode = StpMode.Decrement;
	const resting = { ...sells, priceTicks: 90, qtyLots: 5, stpMode };
	await place(world, process, 1, resting);
	await place(world, process, 2, { ...sells, priceTicks: 90, qtyLots: 5 });
	const placed = await place(world, process, 1, {
		...market,
		byQuote: true,
		quoteTickLots: 720,
		stpMode,
	});
	// 450 of 720 given up; 270 buys 3 lots of the other's.
	expect(placed.order).toMatchObject({ preventedTickLots: 450, cumQtyLots: 3, cumTickLots: 270 });
	expect(await both(world, process)).toBe("USDT 97300/0, BTC 102994/0");
});

test("FOK and IOC release what did not fill", async () => {
	const { world, process } = await open();
	await place(world, process, 2, { ...sells, priceTicks: 100, qtyLots: 4 });
	const fok = await place(world, process, 1, { timeInForce: TimeInForce.Fok });
	expect(fok.order.status).toBe(OrderStatus.Expired);
	expect(await both(world, process)).toBe("USDT 100000/0, BTC 100000/0");
	const ioc = await place(world, process, 1, { timeInForce: TimeInForce.Ioc });
	expect(ioc.order).toMatchObject({ status: OrderStatus.Expired, cumQtyLots: 4 });
	expect(await both(world, process)).toBe("USDT 96000/0, BTC 103992/0");
});

test("a rejected order's hold is released and its client id is free at once", async () => {
	const { world, process } = await open();
	await place(world, process, 2, { ...sells, priceTicks: 100, qtyLots: 4 });
	const postOnly = order({ type: OrderType.LimitMaker, clientOrderId: "again" });
	const { service } = process.worker;
	expect(await world.refusal(service.placeOrder(user(1), postOnly))).toBe("rejected");
	expect(await both(world, process)).toBe("USDT 100000/0, BTC 100000/0");
	await place(world, process, 1, { priceTicks: 50, clientOrderId: "again" });
	expect(await both(world, process)).toBe("USDT 95000/5000, BTC 100000/0");
});

test("a market order that comes before another shard's order has been read waits for it", async () => {
	const { world, process: shard1 } = await World.open({ settings: { accountShards: 2 } });
	const { service } = shard1.worker;
	const shard2 = await world.startWorker(2);
	await world.deposit(shard1, 2, USDT, 100_000n);
	await world.deposit(shard2, 1, BTC, 100_000n);
	const old = await place(world, shard1, 2, { priceTicks: 1 });
	const rests = shard2.worker.service.placeOrder(user(1), order({ ...sells, qtyLots: 20 }));
	const buys = { ...market, qtyLots: 5 };
	const taken = service.placeOrder(user(2), order(buys));
	const replaced = service.cancelReplace(user(2), {
		mode: CancelReplaceMode.StopOnFailure,
		cancel: {
			...{ symbolId: 1, orderId: old.order.orderId, origClientOrderId: "", clientOrderId: "own" },
			restriction: CancelRestriction.None,
		},
		place: order(buys),
	});
	await world.value(rests);
	expect((await world.value(taken)).order.status).toBe(OrderStatus.Filled);
	expect((await world.value(replaced)).place.result).toBe("success");
});

test("who is frozen while a market order waits for a price does not trade", async () => {
	const { world, process } = await open();
	const { service } = process.worker;
	const refused = service.placeOrder(user(1), order({ ...market, qtyLots: 5 }));
	await service.setFrozen(1, true);
	expect(await world.refusal(refused)).toBe("accountFrozen");
});
