/** Order counts and request weights with small limits: 429, Retry-After, and the headers that warn. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { early } from "./testing/early.ts";
import { RunningExchange } from "./testing/running-exchange.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import type { Trader } from "./testing/trader.ts";

const WEIGHT = 200;
const exchange = new RunningExchange({
	WEIGHT_PER_MINUTE: String(WEIGHT),
	RAW_REQUESTS_PER_5_MINUTES: "400",
	CONNECTIONS_PER_5_MINUTES: "3",
	ORDERS_PER_10_SECONDS: "5",
	ORDERS_PER_DAY: "7",
	MAX_CLIENT_ORDER_IDS: "1000",
	// So that each test is an address of its own.
	TRUST_FORWARDED_FOR: "1",
});
const markets = new TestMarkets(exchange);

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

const LIMIT = { side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "1", price: "100" };

/** A request from an address; signed by `user` when given. */
async function from(ip: string, method: string, path: string, query: string, user?: Trader) {
	const response = await fetch(`${exchange.url}${path}?${query}`, {
		method,
		headers: { "x-forwarded-for": ip, ...user?.headers },
	});
	const { status, headers } = response;
	// biome-ignore lint/suspicious/noExplicitAny: a test asserts on whatever came
	return { status, headers, body: (await response.json()) as any };
}

let ids = 0;
function order(ip: string, user: Trader, more: Record<string, string> = {}) {
	const newClientOrderId = `o${ids++}`;
	const query = user.signed({ symbol: user.symbol, newClientOrderId, ...LIMIT, ...more });
	return from(ip, "POST", "/api/v3/order", query, user);
}

const counts = (headers: Headers) => [
	headers.get("X-MBX-ORDER-COUNT-10S"),
	headers.get("X-MBX-ORDER-COUNT-1D"),
];

describe("ORDERS", () => {
	test("counted per account in both windows; 429 -1015 with Retry-After at the limit", async () => {
		const { user, maker } = await markets.scene();
		// Not over the end of a day, with which the second limit begins anew.
		await early(86_400_000, 30_000);
		await early(10_000, 5_000);
		for (let i = 1; i <= 5; i += 1) {
			const placed = await order("10.0.0.1", user);
			expect([placed.status, ...counts(placed.headers)]).toEqual([200, String(i), String(i)]);
		}
		const limited = await order("10.0.0.1", user);
		expect([limited.status, limited.body]).toEqual([
			429,
			{ code: -1015, msg: "Too many new orders; current limit is 5 orders per 10 SECOND." },
		]);
		const wait = Number(limited.headers.get("retry-after"));
		expect(wait).toBeGreaterThanOrEqual(1);
		expect(wait).toBeLessThanOrEqual(10);
		// Of another account nothing is counted, whatever the address; cancels are not counted.
		expect((await order("10.0.0.1", maker)).status).toBe(200);
		const symbol = { symbol: user.symbol };
		const canceled = await from(
			...(["10.0.0.1", "DELETE", "/api/v3/openOrders", user.signed(symbol), user] as const),
		);
		expect([canceled.status, canceled.body.length]).toEqual([200, 5]);
		expect((await order("10.0.0.1", user)).status).toBe(429);
		// Then the day's.
		await early(10_000, 10_000);
		await early(10_000, 5_000);
		expect((await order("10.0.0.1", user)).status).toBe(200);
		expect((await order("10.0.0.1", user)).status).toBe(200);
		const day = await order("10.0.0.1", user);
		expect(day.body).toEqual({
			...{ code: -1015, msg: "Too many new orders; current limit is 7 orders per 1 DAY." },
		});
		expect(Number(day.headers.get("retry-after"))).toBeGreaterThan(10);
	});

	test("a first fill gives back: those who trade are not stopped", async () => {
		const { user, maker } = await markets.scene();
		await early(10_000, 5_000);
		await order("10.0.0.2", maker, { side: "SELL", quantity: "100" });
		for (let i = 0; i < 9; i += 1) {
			const bought = await order("10.0.0.2", user);
			expect([bought.status, bought.body.status, ...counts(bought.headers)]).toEqual([
				...[200, "FILLED", "0", "0"],
			]);
		}
	});

	test("GET rateLimit/order says the same", async () => {
		const { user } = await markets.scene();
		await early(10_000, 3_000);
		await order("10.0.0.3", user);
		const query = user.signed({});
		const { body } = await from("10.0.0.3", "GET", "/api/v3/rateLimit/order", query, user);
		expect(body).toEqual([
			{ rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 5, count: 1 },
			{ rateLimitType: "ORDERS", interval: "DAY", intervalNum: 1, limit: 7, count: 1 },
		]);
	});

	test("a thousand client ids of the last minutes, then 429", async () => {
		const { user, maker } = await markets.scene();
		// Filled at once, so that the limits of unfilled orders stand aside.
		await order("10.0.0.4", maker, { side: "SELL", quantity: "900" });
		for (let round = 0; round < 334; round += 1) {
			const wanted = { quantity: "0.05" };
			const three = [1, 2, 3].map(() => order(`10.1.${round}.1`, user, wanted));
			for (const reply of await Promise.all(three)) {
				if (reply.status === 200) continue;
				expect(round).toBe(333);
				expect([reply.status, reply.body]).toEqual([
					429,
					{
						code: -1015,
						msg: "Too many new orders; too many client order ids in the last minutes.",
					},
				]);
				expect(Number(reply.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
			}
		}
		const last = await order("10.0.0.4", user, { quantity: "0.05" });
		expect(last.status).toBe(429);
	});
});

describe("REQUEST_WEIGHT", () => {
	test("each reply says what the address has used; over it 429 with Retry-After", async () => {
		await early(60_000, 5_000);
		const get = (path: string, query = "") => from("10.0.1.1", "GET", `/api/v3/${path}`, query);
		const used = (reply: { headers: Headers }) => reply.headers.get("X-MBX-USED-WEIGHT-1M");
		expect(used(await get("ping"))).toBe("1");
		expect(used(await get("time"))).toBe("2");
		expect(used(await get("depth", "symbol=BTCUSDT&limit=100"))).toBe("7");
		expect(used(await get("depth", "symbol=BTCUSDT&limit=500"))).toBe("32");
		expect(used(await get("exchangeInfo"))).toBe("52");
		expect(used(await get("klines", "symbol=BTCUSDT&interval=1m"))).toBe("54");
		expect(used(await get("trades", "symbol=BTCUSDT"))).toBe("79");
		expect(used(await get("ticker/24hr"))).toBe("159");
		expect(used(await get("ticker/price", "symbol=BTCUSDT"))).toBe("161");
		// 39 are left: what costs 80 is refused and takes nothing, what costs 25 goes.
		const refused = await get("ticker/24hr");
		expect([refused.status, refused.body.code, used(refused)]).toEqual([429, -1003, "161"]);
		expect(refused.body.msg).toStartWith(
			`Too much request weight used; current limit is ${WEIGHT} request weight per 1 MINUTE.`,
		);
		const wait = Number(refused.headers.get("retry-after"));
		expect(wait).toBeGreaterThanOrEqual(1);
		expect(wait).toBeLessThanOrEqual(60);
		expect(used(await get("trades", "symbol=BTCUSDT"))).toBe("186");
		// Another address has its own.
		const other = await from("10.0.1.2", "GET", "/api/v3/ping", "");
		expect([other.status, used(other)]).toEqual([200, "1"]);
	});

	test("orders that are taken cost nothing, those refused what is listed", async () => {
		const { user, symbol } = await markets.scene();
		await early(60_000, 5_000);
		const used = (reply: { headers: Headers }) => reply.headers.get("X-MBX-USED-WEIGHT-1M");
		const ip = "10.0.1.3";
		const placed = await order(ip, user);
		expect([placed.status, used(placed)]).toEqual([200, "0"]);
		const refused = await order(ip, user, { price: "100.001" });
		expect([refused.status, used(refused)]).toEqual([400, "1"]);
		const { orderId } = placed.body;
		const signed = () => user.signed({ symbol, orderId });
		const canceled = await from(ip, "DELETE", "/api/v3/order", signed(), user);
		expect([canceled.status, used(canceled)]).toEqual([200, "1"]);
		const gone = await from(ip, "DELETE", "/api/v3/order", signed(), user);
		expect([gone.status, used(gone)]).toEqual([400, "2"]);
		const found = await from(ip, "GET", "/api/v3/order", signed(), user);
		expect([found.status, used(found)]).toEqual([200, "6"]);
		const account = await from(ip, "GET", "/api/v3/account", user.signed({}), user);
		expect([account.status, used(account)]).toEqual([200, "26"]);
	});

	test("exchangeInfo states the limits", async () => {
		const { body } = await from("10.0.1.4", "GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT");
		const limit = (
			rateLimitType: string,
			interval: string,
			intervalNum: number,
			limit: number,
		) => ({
			...{ rateLimitType, interval, intervalNum, limit },
		});
		expect(body.rateLimits).toEqual([
			limit("REQUEST_WEIGHT", "MINUTE", 1, WEIGHT),
			limit("ORDERS", "SECOND", 10, 5),
			limit("ORDERS", "DAY", 1, 7),
			limit("RAW_REQUESTS", "MINUTE", 5, 400),
		]);
	});

	test("who goes on after 429 is banned: 418 with Retry-After", async () => {
		await early(60_000, 10_000);
		const get = () => from("10.0.1.5", "GET", "/api/v3/exchangeInfo", "");
		for (let i = 0; i < 10; i += 1) expect((await get()).status).toBe(200);
		const refused = await Promise.all(Array.from({ length: 200 }, get));
		expect(new Set(refused.map((reply) => reply.status))).toEqual(new Set([429]));
		const banned = await get();
		expect([banned.status, banned.body.code]).toEqual([418, -1003]);
		expect(banned.body.msg).toMatch(/^Way too much request weight used; IP banned until \d{13}\./);
		expect(banned.headers.get("retry-after")).toBe("120");
		expect((await from("10.0.1.6", "GET", "/api/v3/ping", "")).status).toBe(200);
	});
});

describe("CONNECTIONS: the fourth WebSocket is refused", () => {
	const connect = async (path: string, ip: string) => {
		const headers = {
			...{ "x-forwarded-for": ip, connection: "Upgrade", upgrade: "websocket" },
			...{ "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" },
		};
		const response = await fetch(`${exchange.url}${path}`, { headers });
		await response.body?.cancel();
		return response.status;
	};

	test.each([
		["of an address", "/ws/btcusdt@trade", ["10.0.2.1", "10.0.2.1", "10.0.2.1", "10.0.2.1"]],
		// One subscriber has them all.
		...["/ws/btcusdt@trade", "/ws-api/v3"].map((path, i) => {
			const addresses = [1, 2, 3, 4].map((host) => `2001:db8:0:${i}::${host}`);
			return ["of a /64 of IPv6", path, addresses] as const;
		}),
	] as const)("%s, on %s", async (_, path, ips) => {
		const statuses = [];
		for (const ip of ips) statuses.push(await connect(path, ip));
		expect(statuses).toEqual([101, 101, 101, 429]);
	});
});
