import { describe, expect, test } from "bun:test";
import { InvariantViolation } from "../../schemas/invariant.ts";
import type { RefusalReason } from "../../schemas/ports/account-service.ts";
import { Rejection } from "../../schemas/rejection.ts";
import { call, errorOf, fakeServices, refused } from "../testing/ops-fakes.ts";
import { amendOrder } from "./amend-order.ts";
import { cancelOrder } from "./cancel-order.ts";
import { placeOrder } from "./place-order.ts";
import { queryOrder } from "./query-order.ts";
import { type Asked, refusalError } from "./refusals.ts";

const ASKED: readonly Asked[] = ["place", "cancel", "amend", "query"];

/** What each reason says of a new order, a cancel, an amend, a query. */
const REASONS: Record<
	Exclude<RefusalReason, "rejected">,
	readonly [number, number, number, number]
> = {
	insufficientBalance: [-2010, -2011, -2038, -2013],
	duplicateOrder: [-2010, -2011, -2038, -2013],
	noPrice: [-2010, -2011, -2038, -2013],
	unknownOrder: [-2011, -2011, -2038, -2013],
	clientOrderIdMismatch: [-2039, -2039, -2039, -2039],
	maxNumOrders: [-1013, -1013, -1013, -1013],
	maxNumStopOrders: [-1013, -1013, -1013, -1013],
	tooManyOrders: [-1015, -1015, -1015, -1015],
	tooManyClientOrderIds: [-1015, -1015, -1015, -1015],
	minNotional: [-1013, -1013, -1013, -1013],
	amendNoChange: [-2038, -2038, -2038, -2038],
	amendInFlight: [-2038, -2038, -2038, -2038],
	timestampOutsideWindow: [-1021, -1021, -1021, -1021],
	signatureReplayed: [-1022, -1022, -1022, -1022],
	keyRevoked: [-2015, -2015, -2015, -2015],
	accountFrozen: [-2010, -2011, -2038, -2013],
	withdrawalsStopped: [-4019, -4019, -4019, -4019],
	overloaded: [-1008, -1008, -1008, -1008],
	unknown: [-1007, -1007, -1007, -1007],
	amountOutOfRange: [-1130, -1130, -1130, -1130],
	externalIdClash: [-1130, -1130, -1130, -1130],
};

/** HTTP statuses other than 400. */
const STATUSES: Partial<Record<RefusalReason, number>> = {
	tooManyOrders: 429,
	tooManyClientOrderIds: 429,
	overloaded: 429,
	keyRevoked: 401,
	unknown: 503,
};

const REJECTIONS: Record<keyof typeof Rejection, readonly [number, string] | null> = {
	None: null,
	UnknownSymbol: [-1121, "Invalid symbol."],
	MarketClosed: [-2010, "Market is closed."],
	InvalidOrder: [-1013, "Invalid quantity or price."],
	OutOfRange: [-1013, "Price or quantity is outside of the symbol's range."],
	WouldTake: [-2010, "Order would immediately match and take."],
	WouldTriggerImmediately: [-2010, "Order would trigger immediately."],
	NoLiquidity: [-2010, "Order book liquidity is less than LOT_SIZE filter minimum quantity."],
	UnknownOrder: [-2011, "Unknown order sent."],
	CancelRestricted: [-2011, "Order was not canceled due to cancel restrictions."],
	AmendNotReducing: [-2038, "Order amend (quantity increase) is not supported."],
	HoldTooSmall: [-2010, "Account has insufficient balance for requested action."],
	NotAttempted: [-2010, "This order was not attempted."],
	EngineFault: [-2010, "Market is closed."],
	InvalidCommand: [-1013, "Invalid message."],
};

describe("every refusal has its code", () => {
	test("an amend that leaves nothing open is no increase", () => {
		const rejection = Rejection.AmendNotReducing;
		const detail = "quantity that leaves nothing open";
		expect(refusalError("amend", { reason: "rejected", rejection, detail })).toMatchObject({
			...{ code: -2038, message: `Order amend (${detail}) is not supported.` },
		});
	});

	test.each(Object.keys(REASONS) as (keyof typeof REASONS)[])("%s", (reason) => {
		const told = ASKED.map((asked) => refusalError(asked, { reason, retryAfterMs: 700 }));
		expect(told.map((error) => error.code)).toEqual([...REASONS[reason]]);
		for (const error of told) {
			expect(error.status).toBe(STATUSES[reason] ?? 400);
			expect(error.message.length).toBeGreaterThan(5);
			expect(error.retryAfterMs).toBe(error.status === 429 ? 700 : undefined);
		}
	});

	test.each(Object.keys(REJECTIONS) as (keyof typeof Rejection)[])("rejected: %s", (name) => {
		const expected = REJECTIONS[name];
		const told = () => refusalError("place", { reason: "rejected", rejection: Rejection[name] });
		if (expected === null) expect(told).toThrow(InvariantViolation);
		else expect(told()).toMatchObject({ code: expected[0], message: expected[1], status: 400 });
	});

	test("the ORDERS limit that was passed is named", () => {
		const refusal = { reason: "tooManyOrders", detail: "50 orders per 10 SECOND" } as const;
		expect(refusalError("place", refusal).message).toBe(
			"Too many new orders; current limit is 50 orders per 10 SECOND.",
		);
	});
});

test("a cancel of an unknown order is -2011, an amend -2038, a query -2013", () => {
	const rejection = { reason: "rejected", rejection: Rejection.UnknownOrder } as const;
	expect(ASKED.map((asked) => refusalError(asked, rejection).code)).toEqual([
		-2011, -2011, -2038, -2013,
	]);
});

describe("through the calls", () => {
	const LIMIT = {
		symbol: "BTCUSDT",
		side: "BUY",
		type: "LIMIT",
		timeInForce: "GTC",
		quantity: "0.5",
		price: "60000",
	};
	const NAMED = { symbol: "BTCUSDT", orderId: "5" };
	const frozen = () => refused({ reason: "accountFrozen" });
	const services = fakeServices({
		account: { placeOrder: frozen, cancelOrder: frozen, amendOrder: frozen, findOrder: frozen },
	});

	test("each asks as what it is", async () => {
		const codes = [];
		for (const [operation, params] of [
			[placeOrder, LIMIT],
			[cancelOrder, NAMED],
			[amendOrder, { ...NAMED, newQty: "0.1" }],
			[queryOrder, NAMED],
		] as const) {
			codes.push((await errorOf(call(services, operation, params))).code);
		}
		expect(codes).toEqual([-2010, -2011, -2038, -2013]);
	});

	test("no answer at all is -1007", async () => {
		const lost = fakeServices({
			account: { placeOrder: () => Promise.reject(new Error("link lost")) },
		});
		expect(await errorOf(call(lost, placeOrder, LIMIT))).toMatchObject({
			code: -1007,
			status: 503,
		});
	});

	test("a broken invariant is not hidden", async () => {
		const broken = fakeServices({
			account: { placeOrder: () => Promise.reject(new InvariantViolation("broken")) },
		});
		await expect(call(broken, placeOrder, LIMIT)).rejects.toThrow(InvariantViolation);
	});
});
