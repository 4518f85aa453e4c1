/** What can be done to an order once it is placed, and what its client id protects, through HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ApiParameters } from "./testing/api-client.ts";
import { RunningExchange } from "./testing/running-exchange.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import { type Trader, taken } from "./testing/trader.ts";

const exchange = new RunningExchange();
const markets = new TestMarkets(exchange);

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

const UNKNOWN = { code: -2011, msg: "Unknown order sent." };
const DUPLICATE = { code: -2010, msg: "Duplicate order sent." };
const INSUFFICIENT = {
	code: -2010,
	msg: "Account has insufficient balance for requested action.",
};
const WOULD_TAKE = { code: -2010, msg: "Order would immediately match and take." };

describe("cancel", () => {
	test("by order id and by client id; the answer names both", async () => {
		const { user, symbol } = await markets.scene();
		const first = await user.limit("BUY", "1", "100", { newClientOrderId: "first" });
		const canceled = await user.cancel(first.orderId, { newClientOrderId: "the-cancel" });
		expect(canceled).toMatchObject({
			...{ symbol, orderId: first.orderId, orderListId: -1, status: "CANCELED" },
			...{ origClientOrderId: "first", clientOrderId: "the-cancel", origQty: "1.00000000" },
			...{ executedQty: "0.00000000", cummulativeQuoteQty: "0.00000000", type: "LIMIT" },
		});
		await user.limit("BUY", "1", "100", { newClientOrderId: "second" });
		const byClientId = { symbol, origClientOrderId: "second" };
		const reply = await user.call("DELETE", "/api/v3/order", byClientId);
		expect(reply.body).toMatchObject({ status: "CANCELED", origClientOrderId: "second" });
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
	});

	test("what is gone, what never was, and two ids that disagree", async () => {
		const { user, symbol } = await markets.scene();
		const { orderId } = await user.limit("BUY", "1", "100", { newClientOrderId: "a" });
		const other = await user.limit("BUY", "1", "100", { newClientOrderId: "b" });
		const cancel = async (parameters: ApiParameters) => {
			const reply = await user.call("DELETE", "/api/v3/order", { symbol, ...parameters });
			return [reply.status, reply.body];
		};
		expect(await cancel({ orderId, origClientOrderId: "b" })).toEqual([
			400,
			{ code: -2039, msg: "Client order ID is not correct for this order ID." },
		]);
		expect(await cancel({ orderId: 999_999 })).toEqual([400, UNKNOWN]);
		expect(await cancel({ origClientOrderId: "never" })).toEqual([400, UNKNOWN]);
		await user.cancel(orderId);
		expect(await cancel({ orderId })).toEqual([400, UNKNOWN]);
		expect((await cancel({}))[1]).toMatchObject({ code: -1102 });
		expect(await user.open()).toEqual([other.orderId]);
	});

	test("with restrictions", async () => {
		const { user, taker, symbol } = await markets.scene();
		const { orderId } = await user.limit("BUY", "4", "100");
		const cancel = async (cancelRestrictions: string) => {
			const parameters = { symbol, orderId, cancelRestrictions };
			const reply = await user.call("DELETE", "/api/v3/order", parameters);
			return [reply.status, reply.body.code ?? reply.body.status, reply.body.msg];
		};
		const restricted = [400, -2011, "Order was not canceled due to cancel restrictions."];
		expect(await cancel("ONLY_PARTIALLY_FILLED")).toEqual(restricted);
		await taker.limit("SELL", "1", "100");
		expect(await cancel("ONLY_NEW")).toEqual(restricted);
		expect(await cancel("SOMETIMES")).toEqual([
			...[400, -1145],
			"cancelRestrictions has to be either ONLY_NEW or ONLY_PARTIALLY_FILLED.",
		]);
		expect(await cancel("ONLY_PARTIALLY_FILLED")).toEqual([200, "CANCELED", undefined]);
	});

	test("all of a symbol, of this user only", async () => {
		const { user, maker, symbol } = await markets.scene();
		const all = () => user.call("DELETE", "/api/v3/openOrders", { symbol });
		expect([(await all()).status, (await all()).body]).toEqual([400, UNKNOWN]);
		const mine = [await user.limit("BUY", "1", "100"), await user.limit("SELL", "1", "110")];
		const theirs = await maker.limit("BUY", "1", "100");
		const canceled = taken(await all());
		expect(canceled.map((o: { orderId: number }) => o.orderId)).toEqual(mine.map((o) => o.orderId));
		for (const order of canceled) expect(order).toMatchObject({ symbol, status: "CANCELED" });
		expect(await user.open()).toEqual([]);
		expect(await maker.open()).toEqual([theirs.orderId]);
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
	});
});

describe("amend", () => {
	const amend = (user: Trader, orderId: number, newQty: string, more: ApiParameters = {}) =>
		user.call("PUT", "/api/v3/order/amend/keepPriority", {
			...{ symbol: user.symbol, orderId, newQty, ...more },
		});

	test("keeps its place in the queue: it fills before who came later", async () => {
		const { user, maker, taker, symbol } = await markets.scene();
		const { orderId, clientOrderId } = await user.limit("BUY", "5", "100");
		const behind = await maker.limit("BUY", "5", "100");
		const amended = taken(await amend(user, orderId, "3", { newClientOrderId: "renamed" }));
		expect(amended).toMatchObject({
			executionId: expect.any(Number),
			transactTime: expect.any(Number),
			amendedOrder: {
				...{ symbol, orderId, orderListId: -1, origClientOrderId: clientOrderId },
				...{ clientOrderId: "renamed", price: "100.00000000", qty: "3.00000000" },
				...{ executedQty: "0.00000000", preventedQty: "0.00000000", side: "BUY" },
				...{ cumulativeQuoteQty: "0.00000000", status: "NEW", timeInForce: "GTC", type: "LIMIT" },
			},
		});
		await taker.limit("SELL", "4", "100");
		expect(await user.find(orderId)).toMatchObject({ status: "FILLED", executedQty: "3.00000000" });
		expect(await maker.find(behind.orderId)).toMatchObject({ executedQty: "1.00000000" });
	});

	test("only downwards, and never to what is filled or less", async () => {
		const { user, taker } = await markets.scene();
		const { orderId } = await user.limit("BUY", "5", "100");
		await taker.limit("SELL", "2", "100");
		const increase = { code: -2038, msg: "Order amend (quantity increase) is not supported." };
		for (const newQty of ["6", "5", "2", "1"]) {
			const reply = await amend(user, orderId, newQty);
			expect([newQty, reply.status, reply.body.code]).toEqual([newQty, 400, -2038]);
		}
		expect((await amend(user, orderId, "6")).body).toEqual(increase);
		const nothingOpen = "Order amend (quantity that leaves nothing open) is not supported.";
		for (const newQty of ["2", "1"]) {
			expect((await amend(user, orderId, newQty)).body).toEqual({ code: -2038, msg: nothingOpen });
		}
		expect((await amend(user, orderId, "5")).body).toEqual({
			...{ code: -2038, msg: "The requested action would change no state; rejecting" },
		});
		expect((await amend(user, orderId, "0")).body).toEqual({
			...{ code: -1013, msg: "Filter failure: LOT_SIZE" },
		});
		const unknown = { code: -2038, msg: "Unknown order sent." };
		expect((await amend(user, 999_999, "1")).body).toEqual(unknown);
		expect(await user.find(orderId)).toMatchObject({ origQty: "5.00000000" });
		expect(await user.money()).toBe("USDT 9500/300, BASE 101.998/0");
	});
});

describe("cancel-replace", () => {
	/** The answer's status, with what it says of the two parts. */
	async function replace(user: Trader, parameters: ApiParameters) {
		const reply = await user.call("POST", "/api/v3/order/cancelReplace", {
			...{ symbol: user.symbol, cancelReplaceMode: "STOP_ON_FAILURE", side: "BUY" },
			...{ type: "LIMIT", timeInForce: "GTC", quantity: "1", price: "100", ...parameters },
		});
		const { cancelResult, newOrderResult, cancelResponse, newOrderResponse } =
			reply.body.data ?? reply.body;
		return {
			says: [reply.status, reply.body.code ?? 0, cancelResult, newOrderResult],
			canceled: cancelResponse,
			placed: newOrderResponse,
		};
	}
	const ALLOW = { cancelReplaceMode: "ALLOW_FAILURE" };
	const POST_ONLY_SELL = { side: "SELL", type: "LIMIT_MAKER", timeInForce: "", price: "90" };

	test.each([
		["BUY", "STOP_ON_FAILURE", "USDT 9801/199, BASE 100/0"],
		["BUY", "ALLOW_FAILURE", "USDT 9801/199, BASE 100/0"],
		["SELL", "STOP_ON_FAILURE", "USDT 10000/0, BASE 98/2"],
		["SELL", "ALLOW_FAILURE", "USDT 10000/0, BASE 98/2"],
	] as const)("both done: to a %s, %s", async (side, cancelReplaceMode, money) => {
		const { user } = await markets.scene();
		const { orderId } = await user.limit("BUY", "1", "100");
		const wanted = { cancelReplaceMode, side, quantity: "2", price: "99.5" };
		const { says, canceled, placed } = await replace(user, { ...wanted, cancelOrderId: orderId });
		expect(says).toEqual([200, 0, "SUCCESS", "SUCCESS"]);
		expect(canceled).toMatchObject({ orderId, status: "CANCELED" });
		expect(placed).toMatchObject({ side, status: "NEW", origQty: "2.00000000" });
		expect(await user.open()).toEqual([placed.orderId]);
		expect(await user.money()).toBe(money);
	});

	test("no such order, STOP_ON_FAILURE: the new one is not tried", async () => {
		const { user } = await markets.scene();
		const { says, canceled, placed } = await replace(user, { cancelOrderId: 999_999 });
		expect(says).toEqual([400, -2022, "FAILURE", "NOT_ATTEMPTED"]);
		expect([canceled, placed]).toEqual([UNKNOWN, null]);
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
	});

	test("no such order, ALLOW_FAILURE: the new one is placed", async () => {
		const { user } = await markets.scene();
		const { says, canceled, placed } = await replace(user, { ...ALLOW, cancelOrderId: 999_999 });
		expect(says).toEqual([409, -2021, "FAILURE", "SUCCESS"]);
		expect(canceled).toEqual(UNKNOWN);
		expect(await user.open()).toEqual([placed.orderId]);
		expect(await user.money()).toBe("USDT 9900/100, BASE 100/0");
	});

	test.each(["STOP_ON_FAILURE", "ALLOW_FAILURE"])(
		"canceled, but the new one would take: %s",
		async (cancelReplaceMode) => {
			const { user, maker } = await markets.scene();
			await maker.limit("BUY", "1", "95");
			const { orderId } = await user.limit("BUY", "1", "100");
			const wanted = { cancelReplaceMode, cancelOrderId: orderId, ...POST_ONLY_SELL };
			const { says, canceled, placed } = await replace(user, wanted);
			expect(says).toEqual([409, -2021, "SUCCESS", "FAILURE"]);
			expect(canceled).toMatchObject({ orderId, status: "CANCELED" });
			expect(placed).toEqual(WOULD_TAKE);
			expect(await user.open()).toEqual([]);
			expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
		},
	);

	test("neither, ALLOW_FAILURE", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("BUY", "1", "95");
		const wanted = { ...ALLOW, cancelOrderId: 999_999, ...POST_ONLY_SELL };
		const { says, canceled, placed } = await replace(user, wanted);
		expect(says).toEqual([400, -2022, "FAILURE", "FAILURE"]);
		expect([canceled, placed]).toEqual([UNKNOWN, WOULD_TAKE]);
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
	});

	test.each([
		["STOP_ON_FAILURE", [400, -2022, "FAILURE", "NOT_ATTEMPTED"]],
		["ALLOW_FAILURE", [409, -2021, "FAILURE", "SUCCESS"]],
	] as const)("a cancel that its restriction forbids, %s", async (cancelReplaceMode, says) => {
		const { user } = await markets.scene();
		const { orderId } = await user.limit("BUY", "1", "100");
		const answer = await replace(user, {
			...{ cancelReplaceMode, cancelOrderId: orderId, cancelRestrictions: "ONLY_PARTIALLY_FILLED" },
			price: "90",
		});
		expect(answer.says).toEqual([...says]);
		expect(answer.canceled).toEqual({
			...{ code: -2011, msg: "Order was not canceled due to cancel restrictions." },
		});
		expect((await user.open())[0]).toBe(orderId);
		const placed = cancelReplaceMode === "ALLOW_FAILURE";
		expect(await user.money()).toBe(
			placed ? "USDT 9810/190, BASE 100/0" : "USDT 9900/100, BASE 100/0",
		);
	});

	test("what is refused before anything is done leaves the old order", async () => {
		const { user, symbol } = await markets.scene();
		const { orderId } = await user.limit("BUY", "1", "100", { newClientOrderId: "old" });
		const refused = async (parameters: ApiParameters) => {
			const reply = await user.call("POST", "/api/v3/order/cancelReplace", {
				...{ symbol, cancelReplaceMode: "STOP_ON_FAILURE", side: "BUY", cancelOrderId: orderId },
				...{ type: "LIMIT", timeInForce: "GTC", quantity: "1", price: "100", ...parameters },
			});
			return [reply.status, reply.body];
		};
		const untouched = (newOrderResponse: object) => [
			400,
			{
				...{ code: -2022, msg: "Order cancel-replace failed." },
				data: {
					...{ cancelResult: "NOT_ATTEMPTED", newOrderResult: "FAILURE" },
					...{ cancelResponse: null, newOrderResponse },
				},
			},
		];
		expect(await refused({ quantity: "100.00001" })).toEqual(untouched(INSUFFICIENT));
		expect(await refused({ newClientOrderId: "old" })).toEqual(untouched(DUPLICATE));
		expect(await refused({ price: "0.001" })).toEqual([
			400,
			{ code: -1013, msg: "Filter failure: PRICE_FILTER" },
		]);
		expect(await refused({ cancelReplaceMode: "MAYBE" })).toMatchObject([400, { code: -1130 }]);
		expect(await user.open()).toEqual([orderId]);
		expect(await user.money()).toBe("USDT 9900/100, BASE 100/0");
	});

	test("by client ids, each with a new one", async () => {
		const { user } = await markets.scene();
		await user.limit("BUY", "1", "100", { newClientOrderId: "old" });
		const { canceled, placed } = await replace(user, {
			...{ cancelOrigClientOrderId: "old", cancelNewClientOrderId: "the-cancel" },
			newClientOrderId: "new",
		});
		expect(canceled).toMatchObject({ origClientOrderId: "old", clientOrderId: "the-cancel" });
		expect(placed).toMatchObject({ clientOrderId: "new" });
	});
});

describe("client order ids", () => {
	test("taken while open, and for ten minutes after the end however it ended", async () => {
		const { user, maker } = await markets.scene();
		const again = async (newClientOrderId: string) => {
			const order = { side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "1" } as const;
			const reply = await user.order({ ...order, price: "50", newClientOrderId });
			return [reply.status, reply.body];
		};
		const open = await user.limit("BUY", "1", "90", { newClientOrderId: "open" });
		expect(await again("open")).toEqual([400, DUPLICATE]);
		await user.cancel(open.orderId);
		expect(await again("open")).toEqual([400, DUPLICATE]);
		await maker.limit("SELL", "1", "100");
		await user.limit("BUY", "1", "100", { newClientOrderId: "filled" });
		expect(await again("filled")).toEqual([400, DUPLICATE]);
		await user.limit("BUY", "1", "90", { newClientOrderId: "ioc", timeInForce: "IOC" });
		expect(await again("ioc")).toEqual([400, DUPLICATE]);
		expect(await user.open()).toEqual([]);
	});

	test("an id whose order was rejected is free at once; others' ids are their own", async () => {
		const { user, maker } = await markets.scene();
		await maker.limit("SELL", "1", "100", { newClientOrderId: "shared" });
		const takes = { side: "BUY", type: "LIMIT_MAKER", quantity: "1", price: "100" } as const;
		const rejected = await user.order({ ...takes, newClientOrderId: "shared" });
		expect(rejected.body).toEqual(WOULD_TAKE);
		const placed = await user.limit("BUY", "1", "90", { newClientOrderId: "shared" });
		expect(placed).toMatchObject({ clientOrderId: "shared", status: "NEW" });
	});

	test("found by it after the end, too", async () => {
		const { user, symbol } = await markets.scene();
		const { orderId } = await user.limit("BUY", "1", "90", { newClientOrderId: "mine" });
		await user.cancel(orderId);
		const found = await user.call("GET", "/api/v3/order", { symbol, origClientOrderId: "mine" });
		expect(found.body).toMatchObject({ orderId, status: "CANCELED" });
	});
});

test("after all of it, the invariants hold", async () => {
	expect((await markets.operator("audit", {}))["sound"]).toBe(true);
});
