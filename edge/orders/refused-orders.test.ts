import { expect, test } from "bun:test";
import { operations } from "../operations.ts";
import { call, errorOf, fakeServices } from "../testing/ops-fakes.ts";

const services = fakeServices();

function at(path: string, method = "POST") {
	const found = operations.find(({ http }) =>
		http.some((route) => route.path === `/api/v3/${path}` && route.method === method),
	);
	if (found === undefined) throw new Error(`nothing at ${path}`);
	return found;
}

test.each([
	["orderList/oco", -2010, "OCO orders are not supported for this symbol"],
	["order/oco", -2010, "OCO orders are not supported for this symbol"],
	["orderList/oto", -2010, "OTO orders are not supported for this symbol."],
	["orderList/otoco", -2010, "OTO orders are not supported for this symbol."],
	["orderList/opo", -2010, "OPO orders are not supported for this symbol."],
	["orderList/opoco", -2010, "OPO orders are not supported for this symbol."],
	["sor/order", -1020, "This operation is not supported."],
	["sor/order/test", -1020, "This operation is not supported."],
])("POST %s", async (path, code, msg) => {
	const params = { symbol: "BTCUSDT", side: "BUY", quantity: "1" };
	expect(await errorOf(call(services, at(path), params))).toEqual({ code, msg, status: 400 });
	expect(await errorOf(call(services, at(path), {}))).toMatchObject({ code: -1102 });
	const unknown = call(services, at(path), { symbol: "NOPE" });
	expect(await errorOf(unknown)).toMatchObject({ code: -1121 });
});

test("DELETE orderList", async () => {
	const cancel = (params: object) =>
		errorOf(call(services, at("orderList", "DELETE"), { ...params }));
	const symbol = "BTCUSDT";
	const none = { code: -2011, msg: "Unknown order sent.", status: 400 };
	expect(await cancel({ symbol, orderListId: "1" })).toEqual(none);
	expect(await cancel({ symbol, listClientOrderId: "mine" })).toEqual(none);
	expect(await cancel({ symbol })).toMatchObject({ code: -1102 });
	expect(await cancel({ symbol: "NOPE", orderListId: "1" })).toMatchObject({ code: -1121 });
});
