/** /ws-api/v3 and keys of every kind: the same answers as REST, and the events before the answer. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { early } from "./testing/early.ts";
import { RunningExchange, type TestUser } from "./testing/running-exchange.ts";
import type { StreamClient } from "./testing/stream-client.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import type { Trader } from "./testing/trader.ts";
import { openWsApi, signatureOf, signedParams } from "./testing/ws-api-client.ts";

const exchange = new RunningExchange();
const markets = new TestMarkets(exchange);

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

const LIMIT = { side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "1", price: "100" };

/** A key of the operator's command line, private half included. */
function keyOf(user: Trader, type: "hmac" | "ed25519" | "rsa", scopes = "read,trade") {
	const id = String(user.userId);
	return exchange.operator<TestUser>(
		...["key", "create", "--user", id, "--type", type, "--scopes", scopes],
	);
}

/** A signed REST call by a key of any kind. */
async function rest(key: TestUser, method: string, path: string, query: string) {
	const full = `${query}${query === "" ? "" : "&"}timestamp=${Date.now()}`;
	const signature = encodeURIComponent(signatureOf(key, full));
	const response = await fetch(`${exchange.url}${path}?${full}&signature=${signature}`, {
		method,
		headers: { "X-MBX-APIKEY": key.apiKey },
	});
	// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
	return { status: response.status, body: (await response.json()) as any };
}

async function loggedOn(): Promise<{ user: Trader; ws: StreamClient; symbol: string }> {
	const { user, symbol } = await markets.scene();
	const key = await keyOf(user, "ed25519");
	const ws = await openWsApi(exchange.url);
	const logon = await ws.ask("session.logon", signedParams(key));
	expect([logon.status, logon.result.apiKey]).toEqual([200, key.apiKey]);
	return { user, ws, symbol };
}

const now = () => ({ timestamp: Date.now() });

describe("keys", () => {
	test.each(["hmac", "ed25519", "rsa"] as const)("%s signs REST and WebSocket", async (type) => {
		const { user, symbol } = await markets.scene();
		const key = await keyOf(user, type);
		const query = `symbol=${symbol}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100`;
		const placed = await rest(key, "POST", "/api/v3/order", query);
		expect([placed.status, placed.body.status]).toEqual([200, "NEW"]);
		const ws = await openWsApi(exchange.url);
		const order = { symbol, orderId: placed.body.orderId };
		const found = await ws.ask("order.status", signedParams(key, order));
		expect(found.result).toMatchObject({ ...order, status: "NEW" });
		const forged = { ...signedParams(key, order), orderId: 999_999 };
		const refused = await ws.ask("order.status", forged);
		expect([refused.status, refused.error.code]).toEqual([400, -1022]);
		const wrong = await rest(
			{ ...key, secret: "x", ...(await broken(type, user)) },
			"GET",
			"/api/v3/account",
			"",
		);
		expect([wrong.status, wrong.body]).toEqual([
			400,
			{ code: -1022, msg: "Signature for this request is not valid." },
		]);
		await ws.close();
	});

	/** The private half of another key of this kind. */
	async function broken(type: "hmac" | "ed25519" | "rsa", user: Trader) {
		const { privateKey } = await keyOf(user, type);
		return privateKey === undefined ? {} : { privateKey };
	}

	test("only Ed25519 logs on", async () => {
		const { user } = await markets.scene();
		const ws = await openWsApi(exchange.url);
		for (const type of ["hmac", "rsa"] as const) {
			const refused = await ws.ask("session.logon", signedParams(await keyOf(user, type)));
			expect([refused.status, refused.error.code]).toEqual([400, -4056]);
		}
		expect((await ws.ask("session.status")).result).toMatchObject({
			...{ apiKey: null, authorizedSince: null, userDataStream: false },
		});
		await ws.close();
	});

	test("a key without the right to trade reads, and that is all", async () => {
		const { user, symbol } = await markets.scene();
		const key = await keyOf(user, "ed25519", "read");
		const ws = await openWsApi(exchange.url);
		await ws.ask("session.logon", signedParams(key));
		const refused = await ws.ask("order.place", { symbol, ...LIMIT, ...now() });
		expect([refused.status, refused.error.code]).toEqual([401, -2015]);
		expect((await ws.ask("account.status", now())).status).toBe(200);
		await ws.close();
	});
});

describe("a session", () => {
	test("logon, status, calls without signature, logout", async () => {
		const { user, ws, symbol } = await loggedOn();
		const status = await ws.ask("session.status");
		expect(Object.keys(status.result)).toEqual(
			"apiKey authorizedSince connectedSince returnRateLimits serverTime userDataStream".split(" "),
		);
		// Its order is told as counted in the window of the answer.
		await early(10_000, 2_000);
		const placed = await ws.ask("order.place", { symbol, ...LIMIT, ...now() });
		expect(placed).toMatchObject({
			...{ status: 200, result: { symbol, status: "NEW", fills: [] } },
			rateLimits: [
				{ rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, count: 1 },
				{ rateLimitType: "ORDERS", interval: "DAY", intervalNum: 1, count: 1 },
				{ rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1 },
			],
		});
		expect(await user.open()).toEqual([placed.result.orderId]);
		expect((await ws.ask("session.logout")).result.apiKey).toBeNull();
		const refused = await ws.ask("account.status", now());
		expect(refused.status).toBeGreaterThanOrEqual(400);
		await ws.close();
	});

	test("results are REST's own", async () => {
		const { user, ws, symbol } = await loggedOn();
		const placed = (await ws.ask("order.place", { symbol, ...LIMIT, ...now() })).result;
		const byRest = (await user.order(LIMIT as never)).body;
		expect(Object.keys(placed)).toEqual(Object.keys(byRest));
		const { orderId } = placed;
		const pairs = [
			["order.status", "GET", "/api/v3/order", { symbol, orderId }],
			["account.status", "GET", "/api/v3/account", {}],
			["openOrders.status", "GET", "/api/v3/openOrders", { symbol }],
			["allOrders", "GET", "/api/v3/allOrders", { symbol }],
			["myTrades", "GET", "/api/v3/myTrades", { symbol }],
			["account.commission", "GET", "/api/v3/account/commission", { symbol }],
		] as const;
		for (const [method, verb, path, params] of pairs) {
			const answer = await ws.ask(method, { ...params, ...now() });
			const reply = await user.call(verb, path, params);
			expect([method, answer.status, answer.result]).toEqual([method, 200, reply.body]);
		}
		for (const [method, query] of [
			["depth", { symbol }],
			["exchangeInfo", { symbol }],
			["ticker.price", { symbol }],
			["ticker.book", { symbol }],
			["trades.recent", { symbol }],
			["ping", {}],
		] as const) {
			const answer = await ws.ask(method, query);
			expect([method, answer.status]).toEqual([method, 200]);
		}
		const canceled = await ws.ask("order.cancel", { symbol, orderId, ...now() });
		expect(canceled.result).toMatchObject({ orderId, status: "CANCELED" });
		const restCanceled = await user.cancel(byRest.orderId);
		expect(Object.keys(canceled.result)).toEqual(Object.keys(restCanceled));
		const gone = await ws.ask("order.cancel", { symbol, orderId, ...now() });
		expect(gone).toMatchObject({ status: 400, error: { code: -2011, msg: "Unknown order sent." } });
		await ws.close();
	});

	test("order.cancelReplace, order.amend.keepPriority, openOrders.cancelAll, order.test", async () => {
		const { user, ws, symbol } = await loggedOn();
		expect((await ws.ask("order.test", { symbol, ...LIMIT, ...now() })).result).toEqual({});
		const { orderId } = (await ws.ask("order.place", { symbol, ...LIMIT, ...now() })).result;
		const replaced = await ws.ask("order.cancelReplace", {
			...{ symbol, ...LIMIT, ...now(), cancelOrderId: orderId, price: "90" },
			cancelReplaceMode: "STOP_ON_FAILURE",
		});
		expect(replaced).toMatchObject({ status: 200, result: { newOrderResult: "SUCCESS" } });
		const next = replaced.result.newOrderResponse.orderId;
		const again = await ws.ask("order.cancelReplace", {
			...{ symbol, ...LIMIT, ...now(), cancelOrderId: orderId, price: "90" },
			cancelReplaceMode: "STOP_ON_FAILURE",
		});
		expect(again).toMatchObject({
			...{ status: 400, error: { code: -2022, data: { newOrderResult: "NOT_ATTEMPTED" } } },
		});
		const amend = { symbol, orderId: next, newQty: "0.5", ...now() };
		const amended = await ws.ask("order.amend.keepPriority", amend);
		expect(amended.result.amendedOrder).toMatchObject({ orderId: next, qty: "0.50000000" });
		const all = await ws.ask("openOrders.cancelAll", { symbol, ...now() });
		expect(all.result).toMatchObject([{ orderId: next, status: "CANCELED" }]);
		expect(await user.money()).toBe("USDT 10000/0, BASE 100/0");
		await ws.close();
	});

	test("a revoked key ends it: id null, 401, and the session is nobody's", async () => {
		const { user } = await markets.scene();
		const key = await keyOf(user, "ed25519");
		const ws = await openWsApi(exchange.url);
		await ws.ask("session.logon", signedParams(key));
		const words = ["--user", String(user.userId), "--key", String(key.keyId)];
		await exchange.operator("key", "revoke", ...words);
		// Reads go on until its edge has heard of it.
		const isEnd = (frame: { id?: unknown }) => frame.id === null;
		for (let id = 0; !ws.frames.some(isEnd); id += 1) {
			ws.send({ id, method: "account.status", params: now() });
			await ws.until((frame) => frame.id === id || isEnd(frame));
		}
		expect(ws.frames.find(isEnd)).toMatchObject({ status: 401, error: { code: -2015 } });
		expect((await ws.ask("session.status")).result.apiKey).toBeNull();
		await ws.close();
	});
});

describe("user events", () => {
	test("subscribe by the session, events before the answer, each time; unsubscribe", async () => {
		const { ws, symbol } = await loggedOn();
		const { result } = await ws.ask("userDataStream.subscribe");
		expect(result).toEqual({ subscriptionId: 0 });
		expect((await ws.ask("session.subscriptions")).result).toEqual([{ subscriptionId: 0 }]);
		expect((await ws.ask("userDataStream.subscribe")).error.code).toBe(-2035);
		for (let i = 0; i < 50; i += 1) {
			const answer = await ws.ask("order.place", { symbol, ...LIMIT, quantity: "0.1", ...now() });
			const { orderId } = answer.result;
			const at: typeof ws.frames.findLastIndex = (meant) => ws.frames.findLastIndex(meant);
			const report = at((f) => f.event?.i === orderId);
			const position = at((f) => f.event?.e === "outboundAccountPosition");
			expect([ws.frames[report].subscriptionId, report + 1]).toEqual([0, position]);
			expect(position).toBeLessThan(at((f) => f.id === answer.id));
		}
		expect((await ws.ask("userDataStream.unsubscribe", { subscriptionId: 0 })).result).toEqual({});
		expect((await ws.ask("userDataStream.unsubscribe")).error.code).toBe(-2036);
		const before = ws.frames.length;
		const answer = await ws.ask("order.place", { symbol, ...LIMIT, quantity: "0.1", ...now() });
		expect(ws.frames.slice(before)).toEqual([answer]);
		await ws.close();
	});

	test.each(["hmac", "rsa", "ed25519"] as const)("subscribe.signature by %s", async (type) => {
		const { user } = await markets.scene();
		const ws = await openWsApi(exchange.url);
		const key = await keyOf(user, type);
		const subscribed = await ws.ask("userDataStream.subscribe.signature", signedParams(key));
		expect([subscribed.status, subscribed.result]).toEqual([200, { subscriptionId: 0 }]);
		const { orderId } = await user.limit("BUY", "1", "100");
		const frame = await ws.until((f) => f.event?.i === orderId);
		expect(frame).toMatchObject({ subscriptionId: 0, event: { x: "NEW", X: "NEW" } });
		await ws.until((f) => f.event?.e === "outboundAccountPosition");
		await ws.close();
	});

	test("subscribe without logon is refused", async () => {
		const ws = await openWsApi(exchange.url);
		expect((await ws.ask("userDataStream.subscribe")).status).toBe(401);
		await ws.close();
	});
});
