import { describe, expect, test } from "bun:test";
import { call, errorOf, fakeServices, NOW_MS } from "../testing/ops-fakes.ts";
import { myAllocations } from "./my-allocations.ts";
import { allOrderLists, openOrderLists, queryOrderList } from "./order-lists.ts";

/** Without an account worker: nobody has to be asked. */
const services = fakeServices();
const SYMBOL = { symbol: "BTCUSDT" };
const LONG = { startTime: String(NOW_MS - 86_400_001), endTime: String(NOW_MS) };

describe("an account without order lists and allocations", () => {
	test.each([
		[openOrderLists, {}],
		[allOrderLists, {}],
		[allOrderLists, { fromId: "0", limit: "10" }],
		[allOrderLists, { startTime: String(NOW_MS - 86_400_000), endTime: String(NOW_MS) }],
		[myAllocations, SYMBOL],
		[myAllocations, { ...SYMBOL, orderId: "1", fromAllocationId: "0" }],
	] as const)("%#: has none", async (operation, params) => {
		expect((await call(services, operation, params)).body).toEqual([]);
	});

	test.each([
		[queryOrderList, { orderListId: "1" }, -2013, "Order does not exist."],
		[queryOrderList, { origClientOrderId: "a" }, -2013, "Order does not exist."],
		[
			...([queryOrderList, {}, -1102] as const),
			"Param 'origClientOrderId' or 'orderListId' must be sent, but both were empty/null!",
		],
		[allOrderLists, LONG, -1127, "More than 24 hours between startTime and endTime."],
		[
			...([allOrderLists, { fromId: "1", endTime: "1" }, -1128] as const),
			"Combination of optional parameters invalid.",
		],
		[myAllocations, { symbol: "NOPE" }, -1121, "Invalid symbol."],
		[
			...([myAllocations, { ...SYMBOL, orderId: "1", startTime: "1" }, -1128] as const),
			"Combination of optional parameters invalid.",
		],
		[
			...([myAllocations, { ...SYMBOL, ...LONG }, -1127] as const),
			"More than 24 hours between startTime and endTime.",
		],
	] as const)("%#: is told what is wrong", async (operation, params, code, msg) => {
		const told = await errorOf(call(services, operation, params));
		expect(told).toEqual({ code, msg, status: 400 });
	});
});
