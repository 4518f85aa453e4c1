import { describe, expect, test } from "bun:test";
import { is } from "valibot";
import type {
	AccountService,
	CancelReplaceAnswer,
	CancelReplaceRequest,
} from "../../schemas/ports/account-service.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { call, errorOf, fakeServices, NOW_MS, ok, refused } from "../testing/ops-fakes.ts";
import { LIMIT_ORDER } from "../testing/ops-orders.ts";
import { cancelReplace } from "./cancel-replace.ts";

const PARAMS = {
	symbol: "BTCUSDT",
	side: "BUY",
	type: "LIMIT",
	timeInForce: "GTC",
	quantity: "0.5",
	price: "60000",
	cancelReplaceMode: "ALLOW_FAILURE",
	cancelOrderId: "27",
};

const canceled = {
	result: "success",
	answer: {
		order: { ...LIMIT_ORDER, status: 4 },
		origClientOrderId: "mine",
		clientOrderId: "cancel-1",
		transactMs: NOW_MS,
	},
} as const;
const placed = {
	result: "success",
	answer: { order: LIMIT_ORDER, fills: [], transactMs: NOW_MS, orderCounts: [] },
} as const;
const unknown = { result: "failure", refusal: { reason: "unknownOrder" } } as const;
const poor = {
	result: "failure",
	refusal: { reason: "rejected", rejection: Rejection.HoldTooSmall },
} as const;

function answering(parts: Omit<CancelReplaceAnswer, "orderCounts">) {
	return fakeServices({
		account: { cancelReplace: () => ok({ ...parts, orderCounts: [] }) },
	});
}

const UNKNOWN = { code: -2011, msg: "Unknown order sent." };
const POOR = { code: -2010, msg: "Account has insufficient balance for requested action." };

describe("what cancel-replace answers", () => {
	test.each([
		[
			"canceled, not placed",
			{ cancel: canceled, place: poor },
			{ code: -2021, msg: "Order cancel-replace partially failed.", status: 409 },
			{ cancelResult: "SUCCESS", newOrderResult: "FAILURE", newOrderResponse: POOR },
		],
		[
			"not canceled, placed",
			{ cancel: unknown, place: placed },
			{ code: -2021, msg: "Order cancel-replace partially failed.", status: 409 },
			{ cancelResult: "FAILURE", newOrderResult: "SUCCESS", cancelResponse: UNKNOWN },
		],
		[
			"neither",
			{ cancel: unknown, place: poor },
			{ code: -2022, msg: "Order cancel-replace failed.", status: 400 },
			{ cancelResult: "FAILURE", newOrderResult: "FAILURE", newOrderResponse: POOR },
		],
		[
			"not canceled, so not attempted",
			{ cancel: unknown, place: { result: "notAttempted" } },
			{ code: -2022, msg: "Order cancel-replace failed.", status: 400 },
			{ newOrderResult: "NOT_ATTEMPTED", cancelResponse: UNKNOWN, newOrderResponse: null },
		],
	] as const)("%s", async (_name, parts, error, data) => {
		const told = await errorOf(call(answering(parts), cancelReplace, PARAMS));
		expect(told).toMatchObject({ ...error, data });
		expect(is(cancelReplace.result, told.data)).toBe(true);
	});

	test("a refusal of the whole that only says that nothing is there to cancel", async () => {
		const services = fakeServices({
			account: { cancelReplace: () => refused({ reason: "unknownOrder" }) },
		});
		expect(await errorOf(call(services, cancelReplace, PARAMS))).toEqual({
			code: -2022,
			msg: "Order cancel-replace failed.",
			status: 400,
			data: {
				cancelResult: "FAILURE",
				newOrderResult: "NOT_ATTEMPTED",
				cancelResponse: UNKNOWN,
				newOrderResponse: null,
			},
		});
	});

	test.each([
		[{ reason: "insufficientBalance" }, POOR],
		[{ reason: "duplicateOrder" }, { code: -2010, msg: "Duplicate order sent." }],
		[{ reason: "noPrice" }, { code: -2010, msg: "No orders on book for symbol." }],
	] as const)(
		"a new order that cannot be leaves the old one: %o",
		async (refusal, newOrderResponse) => {
			const services = fakeServices({ account: { cancelReplace: () => refused(refusal) } });
			const told = await errorOf(call(services, cancelReplace, PARAMS));
			expect(told).toEqual({
				code: -2022,
				msg: "Order cancel-replace failed.",
				status: 400,
				data: {
					cancelResult: "NOT_ATTEMPTED",
					newOrderResult: "FAILURE",
					cancelResponse: null,
					newOrderResponse,
				},
			});
			expect(is(cancelReplace.result, told.data)).toBe(true);
		},
	);

	test.each([
		[{ reason: "maxNumOrders" }, -1013, 400],
		[{ reason: "rejected", rejection: Rejection.MarketClosed }, -2010, 400],
		[{ reason: "keyRevoked" }, -2015, 401],
		[{ reason: "overloaded" }, -1008, 429],
		[{ reason: "unknown" }, -1007, 503],
	] as const)("a refusal that is about neither part: %o", async (refusal, code, status) => {
		const services = fakeServices({ account: { cancelReplace: () => refused(refusal) } });
		const told = await errorOf(call(services, cancelReplace, PARAMS));
		expect(told).toMatchObject({ code, status });
		expect(told.data).toBeUndefined();
	});
});

describe("an account with too many orders", () => {
	const tooMany = { reason: "tooManyOrders", detail: "1 orders per 10 SECOND" } as const;
	const TOO_MANY = {
		code: -1015,
		msg: "Too many new orders; current limit is 1 orders per 10 SECOND.",
	};
	const restricted = { reason: "rejected", rejection: Rejection.CancelRestricted } as const;

	function limited(cancelOrder: AccountService["cancelOrder"]) {
		return fakeServices({ account: { cancelReplace: () => refused(tooMany), cancelOrder } });
	}

	test.each([{}, { orderRateLimitExceededMode: "DO_NOTHING" }])(
		"%o cancels nothing",
		async (mode) => {
			const services = limited(() => {
				throw new Error("canceled");
			});
			const told = await errorOf(call(services, cancelReplace, { ...PARAMS, ...mode }));
			expect(told).toMatchObject({ ...TOO_MANY, status: 429 });
			expect(told.data).toBeUndefined();
		},
	);

	test.each([
		["ALLOW_FAILURE", ok(canceled.answer), -2021, 409, "SUCCESS", "FAILURE"],
		["STOP_ON_FAILURE", ok(canceled.answer), -2021, 409, "SUCCESS", "FAILURE"],
		["ALLOW_FAILURE", refused({ reason: "unknownOrder" }), -2022, 400, "FAILURE", "FAILURE"],
		["STOP_ON_FAILURE", refused(restricted), -2022, 400, "FAILURE", "NOT_ATTEMPTED"],
	] as const)(
		"CANCEL_ONLY cancels: %s %#",
		async (mode, outcome, code, status, cancelResult, newOrderResult) => {
			const seen: unknown[] = [];
			const services = limited((_caller, request) => {
				seen.push(request);
				return outcome;
			});
			const params = {
				...PARAMS,
				cancelReplaceMode: mode,
				cancelRestrictions: "ONLY_NEW",
				orderRateLimitExceededMode: "CANCEL_ONLY",
			};
			const told = await errorOf(call(services, cancelReplace, params));
			expect(told).toMatchObject({ code, status, data: { cancelResult, newOrderResult } });
			expect(told.data).toMatchObject({
				newOrderResponse: newOrderResult === "FAILURE" ? TOO_MANY : null,
			});
			expect(is(cancelReplace.result, told.data)).toBe(true);
			expect(seen).toMatchObject([{ symbolId: 1, orderId: 27, restriction: 1 }]);
		},
	);

	test("CANCEL_ONLY whose cancel nobody can speak for", async () => {
		const services = limited(() => refused({ reason: "unknown" }));
		const params = { ...PARAMS, orderRateLimitExceededMode: "CANCEL_ONLY" };
		const told = await errorOf(call(services, cancelReplace, params));
		expect(told).toMatchObject({ code: -1007, status: 503 });
	});
});

test("filters are checked before anything is canceled", async () => {
	const params = { ...PARAMS, price: "0.001" };
	expect(await errorOf(call(fakeServices(), cancelReplace, params))).toMatchObject({ code: -1013 });
});

test.each([
	["no order named", { cancelOrderId: undefined }, -1102],
	["no mode", { cancelReplaceMode: undefined }, -1102],
	["an unknown mode", { cancelReplaceMode: "MAYBE" }, -1130],
	["an unknown mode for too many orders", { orderRateLimitExceededMode: "MAYBE" }, -1130],
])("%s", async (_name, change, code) => {
	const params = Object.fromEntries(
		Object.entries({ ...PARAMS, ...change }).filter(([, value]) => value !== undefined),
	);
	expect(await errorOf(call(fakeServices(), cancelReplace, params))).toMatchObject({ code });
});

test("both halves reach the account worker", async () => {
	const seen: CancelReplaceRequest[] = [];
	const services = fakeServices({
		account: {
			cancelReplace(_caller, request) {
				seen.push(request);
				return ok({ cancel: canceled, place: placed, orderCounts: [] });
			},
		},
	});
	await call(services, cancelReplace, {
		...PARAMS,
		cancelNewClientOrderId: "c-1",
		cancelRestrictions: "ONLY_NEW",
		newClientOrderId: "n-1",
	});
	expect(seen).toMatchObject([
		{
			mode: 1,
			cancel: {
				symbolId: 1,
				orderId: 27,
				origClientOrderId: "",
				clientOrderId: "c-1",
				restriction: 1,
			},
			place: { symbolId: 1, priceTicks: 6_000_000, qtyLots: 50_000, clientOrderId: "n-1" },
		},
	]);
});
