/** Bad input through HTTP: the right code, and nothing changed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { ApiClient, type ApiParameters, queryOf } from "./testing/api-client.ts";
import { RunningExchange, type TestUser } from "./testing/running-exchange.ts";

const exchange = new RunningExchange();
let owner: TestUser;
let api: ApiClient;
let stranger: ApiClient;
let reader: ApiClient;

beforeAll(async () => {
	await exchange.start();
	owner = await exchange.createUser({ BTC: "1", USDT: "1000" });
	api = new ApiClient(exchange.url, owner);
	stranger = new ApiClient(exchange.url, await exchange.createUser({ USDT: "1000" }));
	const words = ["key", "create", "--user", String(owner.userId), "--type", "hmac"];
	const key = await exchange.operator<TestUser>(...words, "--scopes", "read");
	reader = new ApiClient(exchange.url, key);
});

afterAll(() => exchange.dispose());

const ORDER = {
	symbol: "BTCUSDT",
	side: "BUY",
	type: "LIMIT",
	timeInForce: "GTC",
	quantity: "0.001",
	price: "50000",
} as const;

/** Balances and open orders, to see that nothing moved. */
async function state(): Promise<unknown> {
	const account = await api.call("GET", "/api/v3/account");
	const open = await api.call("GET", "/api/v3/openOrders");
	return [account.body.balances, open.body];
}

/** The code that an order call with these changes gets; and nothing has changed. */
async function refused(change: ApiParameters, drop: readonly string[] = []) {
	const before = await state();
	const parameters: Record<string, string | number> = { ...ORDER, ...change };
	for (const name of drop) delete parameters[name];
	const reply = await api.call("POST", "/api/v3/order", parameters);
	expect(await state()).toEqual(before);
	expect(reply.status).toBeGreaterThanOrEqual(400);
	expect(reply.status).toBeLessThan(500);
	return reply.body as { code: number; msg: string };
}

/** What comes back for bytes that no client would send. */
function saidRaw(bytes: string): Promise<string> {
	const { hostname, port } = new URL(exchange.url);
	return new Promise((resolve, reject) => {
		let said = "";
		const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes));
		socket.on("data", (chunk) => {
			said += chunk;
		});
		socket.once("error", reject);
		socket.once("close", () => resolve(said));
	});
}

describe("values of an order", () => {
	test.each([
		["unknown symbol", { symbol: "NOPE" }, -1121, "Invalid symbol."],
		["symbol with odd letters", { symbol: "btc/usdt" }, -1100, "Illegal characters"],
		["wrong tick", { price: "50000.001" }, -1013, "Filter failure: PRICE_FILTER"],
		["wrong lot", { quantity: "0.0010001" }, -1013, "Filter failure: LOT_SIZE"],
		["too many decimals", { price: "50000.123456789" }, -1111, "too much precision"],
		["exponent", { price: "5e4" }, -1100, "Illegal characters"],
		["negative", { quantity: "-0.001" }, -1100, "Illegal characters"],
		["zero quantity", { quantity: "0" }, -1013, "LOT_SIZE"],
		["zero price", { price: "0.00" }, -1013, "PRICE_FILTER"],
		["huge quantity", { quantity: "99999999999999999999" }, -1013, "LOT_SIZE"],
		["huge price", { price: "99999999999999999999" }, -1013, "PRICE_FILTER"],
		["overlong number", { price: "9".repeat(400) }, -1100, "Illegal characters"],
		["NaN", { quantity: "NaN" }, -1100, "Illegal characters"],
		["Infinity", { price: "Infinity" }, -1100, "Illegal characters"],
		["below the notional", { quantity: "0.00001" }, -1013, "NOTIONAL"],
		["bad side", { side: "LEFT" }, -1117, "Invalid side."],
		["bad type", { type: "MAYBE" }, -1116, "Invalid orderType."],
		["bad time in force", { timeInForce: "GTD" }, -1115, "Invalid timeInForce."],
		["bad client id", { newClientOrderId: "a b" }, -1100, "newClientOrderId"],
		["overlong client id", { newClientOrderId: "a".repeat(37) }, -1100, "newClientOrderId"],
	] as const)("%s", async (_name, change, code, says) => {
		const body = await refused(change);
		expect(body.code).toBe(code);
		expect(body.msg).toContain(says);
	});

	test.each(["symbol", "side", "type", "quantity", "price", "timeInForce"])(
		"%s missing",
		async (name) => {
			const body = await refused({}, [name]);
			expect(body).toEqual({
				code: -1102,
				msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
			});
		},
	);

	test("one smallest step more than there is", async () => {
		// 1000 USDT: 0.02 × 50000 fits exactly, 0.02 × 50000.01 does not by 0.0002.
		expect(await refused({ quantity: "0.02", price: "50000.01" })).toEqual({
			code: -2010,
			msg: "Account has insufficient balance for requested action.",
		});
		const fits = await api.call("POST", "/api/v3/order", { ...ORDER, quantity: "0.02" });
		expect(fits.status).toBe(200);
		await api.call("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
	});

	test("unknown and empty optional parameters are ignored", async () => {
		const reply = await api.call("POST", "/api/v3/order", {
			...ORDER,
			newOrderRespType: "",
			icebergQty: "",
			returnRateLimits: "false",
			anything: "else",
		});
		expect(reply.status).toBe(200);
		await api.call("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
	});
});

describe("the request", () => {
	test("a name repeated within the query", async () => {
		const before = await state();
		const query = `${queryOf({ ...ORDER, timestamp: Date.now() })}&price=40000`;
		const reply = await api.send("POST", "/api/v3/order", `${query}&signature=${api.sign(query)}`);
		expect([reply.status, reply.body.code]).toEqual([400, -1101]);
		expect(await state()).toEqual(before);
	});

	test("a name repeated within the body", async () => {
		const body = `${queryOf({ ...ORDER, timestamp: Date.now() })}&price=40000`;
		const signed = `${body}&signature=${api.sign(body)}`;
		const reply = await api.send("POST", "/api/v3/order", "", signed);
		expect([reply.status, reply.body.code]).toEqual([400, -1101]);
	});

	test("across query and body the query wins", async () => {
		const query = queryOf({ ...ORDER, price: "45000", timestamp: Date.now() });
		const body = "price=1";
		const signature = api.sign(query + body);
		const reply = await api.send("POST", "/api/v3/order", query, `${body}&signature=${signature}`);
		expect(reply.body.price).toBe("45000.00000000");
		await api.call("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
	});

	test("a body over 64 KiB", async () => {
		const before = await state();
		const body = `${queryOf(ORDER)}&x=${"a".repeat(65_536)}`;
		const reply = await api.send("POST", "/api/v3/order", "", body);
		expect(reply.status).toBe(413);
		expect(reply.body.code).toBeLessThan(0);
		expect(await state()).toEqual(before);
	});

	test.each(["::::", "a:99999", "%zz", "[::1"])("a Host that is none: %s", async (host) => {
		const paths = ["/ws", "/stream?streams=a@x", "/ws-api/v3", "/auth/api-keys?keyId=1", "/docs"];
		for (const path of paths) {
			const reply = await saidRaw(
				`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
			);
			expect([path, reply]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 [2-4]\d\d /)]);
		}
	});

	test("__proto__ as a name does no harm", async () => {
		const reply = await api.call("POST", "/api/v3/order/test", {
			...ORDER,
			["__proto__"]: "x",
			constructor: "y",
		});
		expect(reply.status).toBe(200);
	});
});

describe("who calls", () => {
	test("bad signature", async () => {
		const before = await state();
		const query = queryOf({ ...ORDER, timestamp: Date.now() });
		const reply = await api.send("POST", "/api/v3/order", `${query}&signature=${"0".repeat(64)}`);
		expect(reply.body).toEqual({
			code: -1022,
			msg: "Signature for this request is not valid.",
		});
		expect(await state()).toEqual(before);
	});

	test("old timestamp, and one from the future", async () => {
		expect((await refused({ timestamp: Date.now() - 6_000 })).code).toBe(-1021);
		expect((await refused({ timestamp: Date.now() + 60_000 })).code).toBe(-1021);
		expect((await refused({ timestamp: Date.now() - 6_000, recvWindow: 60_001 })).code).toBe(-1131);
	});

	test("an order call's signature used again", async () => {
		const query = api.signed(ORDER);
		const first = await api.send("POST", "/api/v3/order", query);
		expect(first.status).toBe(200);
		const before = await state();
		const again = await api.send("POST", "/api/v3/order", query);
		expect(again.status).toBe(400);
		expect(again.body.code).toBe(-1022);
		expect(await state()).toEqual(before);
		await api.call("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
	});

	test("unknown key, malformed key, no key", async () => {
		const unknown = new ApiClient(exchange.url, { apiKey: "x".repeat(64), secret: "y" });
		expect((await unknown.call("POST", "/api/v3/order", ORDER)).body.code).toBe(-2015);
		const malformed = new ApiClient(exchange.url, { apiKey: "short!", secret: "y" });
		expect((await malformed.call("POST", "/api/v3/order", ORDER)).body.code).toBe(-2014);
		const none = new ApiClient(exchange.url, { apiKey: "", secret: "y" });
		expect((await none.call("POST", "/api/v3/order", ORDER)).body.code).toBe(-2014);
	});

	test("a key without the right to trade", async () => {
		const before = await state();
		const reply = await reader.call("POST", "/api/v3/order", ORDER);
		expect(reply.body).toEqual({
			code: -2015,
			msg: "Invalid API-key, IP, or permissions for action.",
		});
		expect((await reader.call("GET", "/api/v3/account")).status).toBe(200);
		expect(await state()).toEqual(before);
	});

	test("a revoked key, from the answer on", async () => {
		const words = ["--user", String(owner.userId)];
		const key = await exchange.operator<TestUser>(
			...["key", "create", ...words, "--type", "hmac", "--scopes", "read,trade"],
		);
		const revoked = new ApiClient(exchange.url, key);
		expect((await revoked.call("GET", "/api/v3/account")).status).toBe(200);
		await exchange.operator("key", "revoke", ...words, "--key", String(key.keyId));
		const before = await state();
		expect((await revoked.call("POST", "/api/v3/order", ORDER)).body.code).toBe(-2015);
		expect((await revoked.call("GET", "/api/v3/account")).body.code).toBe(-2015);
		expect(await state()).toEqual(before);
	});

	test("someone else's order", async () => {
		const { body: order } = await api.call("POST", "/api/v3/order", ORDER);
		const theirs = { symbol: "BTCUSDT", orderId: order.orderId };
		const before = await state();
		const seen = await stranger.call("GET", "/api/v3/order", theirs);
		expect(seen.body).toEqual({ code: -2013, msg: "Order does not exist." });
		const canceled = await stranger.call("DELETE", "/api/v3/order", theirs);
		expect(canceled.body).toEqual({ code: -2011, msg: "Unknown order sent." });
		const amended = await stranger.call("PUT", "/api/v3/order/amend/keepPriority", {
			...theirs,
			newQty: "0.0005",
		});
		expect(amended.status).toBe(400);
		expect(await state()).toEqual(before);
		await api.call("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
	});

	test("a frozen user cannot trade, and can again", async () => {
		const user = String(owner.userId);
		await exchange.operator("user", "freeze", "--user", user);
		expect((await refused({})).code).toBe(-2010);
		await exchange.operator("user", "unfreeze", "--user", user);
		expect((await api.call("POST", "/api/v3/order", ORDER)).status).toBe(200);
		await api.call("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
	});
});

describe("the market", () => {
	test("closed, it takes nothing; open again, it does", async () => {
		await exchange.operator("symbol", "state", "--symbol", "BTCUSDT", "--state", "HALT");
		expect(await refused({})).toMatchObject({ code: -2010, msg: "Market is closed." });
		await exchange.operator("symbol", "state", "--symbol", "BTCUSDT", "--state", "TRADING");
		expect((await api.call("POST", "/api/v3/order", ORDER)).status).toBe(200);
		await api.call("DELETE", "/api/v3/openOrders", { symbol: "BTCUSDT" });
	});
});

test.each(["/ws", "/stream", "/ws-api/v3"])(
	"a host that is none on %s is a plain refusal",
	async (path) => {
		const socket = connect(Number(new URL(exchange.url).port), "127.0.0.1");
		socket.write(`GET ${path} HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n`);
		let answer = "";
		for await (const bytes of socket) answer += bytes;
		expect(answer.slice(0, 10)).toBe("HTTP/1.1 4");
	},
);
