import { beforeEach, describe, expect, test } from "bun:test";
import { keyChanges } from "../../schemas/key-changes.ts";
import { ApiError } from "../api-error.ts";
import { refusedAsRevoked } from "../testing/fake-operations.ts";
import { API_KEY, addKey, signHmac } from "../testing/fake-services.ts";
import { Client, ED_KEY, WsUnderTest } from "../testing/ws-under-test.ts";

let under: WsUnderTest;

beforeEach(() => {
	under = new WsUnderTest();
});

describe("requests", () => {
	test("id and shape of a reply", async () => {
		for (const id of ["a-b", 7, -1, null]) {
			const reply = await under.client.ask("open", { symbol: "A" }, id);
			expect(reply.id).toBe(id);
			expect(reply.status).toBe(200);
			expect(reply.result.symbol).toBe("A");
		}
		expect(under.client.replies[0]?.rateLimits).toEqual([
			{
				rateLimitType: "REQUEST_WEIGHT",
				interval: "MINUTE",
				intervalNum: 1,
				limit: 6_000,
				count: 2,
			} as never,
		]);
	});

	test("the v3/ prefix, and a missing id", async () => {
		under.client.session.receive('{"method":"v3/open","params":{"symbol":"A"}}');
		await under.client.until(1);
		expect(under.client.replies[0]).toMatchObject({ id: null, status: 200 });
	});

	test("an id of 64 bits comes back with all its digits", () => {
		const sent: string[] = [];
		const socket = { send: (text: string) => void sent.push(text), close: () => {} };
		const connection = { ip: "1.2.3.4", query: "", headers: null };
		const session = under.edge.openWsApi(socket, connection);
		for (const id of ["1795957760830000001", "-9223372036854775808"]) {
			session.receive(`{"params":{"id":7},"id":${id},"method":3}`);
			expect(sent.pop()).toStartWith(`{"id":${id},"status":400,"error":`);
		}
	});

	test("numbers, truth values and lists are their text", async () => {
		expect((await under.client.ask("open", { symbol: 12 })).result.symbol).toBe("12");
		expect((await under.client.ask("open", { symbol: true })).result.symbol).toBe("true");
		expect((await under.client.ask("open", { symbol: ["A", "B"] })).result.symbol).toBe(
			'["A","B"]',
		);
		expect((await under.client.ask("open", { symbol: null })).result.symbol).toBeNull();
		expect((await under.client.ask("open", { symbol: "" })).result.symbol).toBeNull();
	});

	const REFUSED: readonly [what: string, frame: string, id: unknown, code: number][] = [
		["no JSON", "{", null, -1135],
		["no object", "[1]", null, -1135],
		[
			"too deep",
			`{"id":1,"method":"open","params":{"a":${"[".repeat(7)}${"]".repeat(7)}}}`,
			null,
			-1135,
		],
		["a fractional id", '{"id":1.5,"method":"open"}', null, -1135],
		["an id beyond 64 bits", '{"id":9223372036854775808,"method":"open"}', null, -1135],
		["an object as id", '{"id":{},"method":"open"}', null, -1135],
		["no method", '{"id":3}', 3, -1135],
		["params that are a list", '{"id":3,"method":"open","params":[1]}', 3, -1135],
		[
			"more params than any call has",
			`{"id":3,"method":"open","params":{${Array.from({ length: 101 }, (_, i) => `"${i}":1.0`)}}}`,
			3,
			-1101,
		],
		["a name of two parameters", '{"id":3,"method":"open","params":{"a=1&b":"2"}}', 3, -1100],
		["an object as a value", '{"id":3,"method":"open","params":{"symbol":{}}}', 3, -1100],
		[
			"a number too large",
			'{"id":3,"method":"open","params":{"symbol":12345678901234567890}}',
			3,
			-1108,
		],
		["an unknown method", '{"id":3,"method":"constructor"}', 3, -1020],
	];
	for (const [what, frame, id, code] of REFUSED) {
		test(`refused: ${what}`, async () => {
			under.client.session.receive(frame);
			await under.client.until(1);
			expect(under.client.replies[0]).toMatchObject({ id, status: 400, error: { code } });
		});
	}

	test("a frame too large closes", () => {
		under.client.session.receive(`{"method":"${"x".repeat(16_384)}"}`);
		expect(under.client.closedWith).toStartWith("1009");
	});

	test("limits in replies: off by the URL, on by the request, and the other way round", async () => {
		expect(
			(await under.client.ask("open", { returnRateLimits: false })).rateLimits,
		).toBeUndefined();
		under.client = new Client(under.edge, "returnRateLimits=false");
		expect((await under.client.ask("open")).rateLimits).toBeUndefined();
		expect((await under.client.ask("open", { returnRateLimits: true })).rateLimits).toHaveLength(1);
	});

	test("times in microseconds by the URL", async () => {
		under.client = new Client(under.edge, "timeUnit=MICROSECOND");
		expect((await under.client.ask("open")).result.time).toBe(1_700_000_000_000_000);
	});

	test("a time unit that is none is refused before the upgrade", async () => {
		const connection = { ip: "1.2.3.4", query: "timeUnit=MICROSECONDS", headers: null };
		const refused = under.edge.admitWsApi(connection);
		expect(refused?.status).toBe(400);
		expect(await refused?.json()).toMatchObject({ code: -1194 });
		expect(under.edge.admitWsApi({ ...connection, query: "timeUnit=" })).toBeNull();
	});

	test("what costs nothing when it is done costs its weight when it fails", async () => {
		addKey(under.services);
		const weights: unknown[] = [];
		for (const answer of [async () => ({}), () => Promise.reject(new ApiError(-2010, "no"))]) {
			under.trade = answer;
			const { rateLimits } = await under.client.ask("trade.do", await under.signedParams());
			weights.push(rateLimits?.map(({ count }) => count));
		}
		expect(weights).toEqual([[0], [3]]);
	});

	test("429 says when to come back", async () => {
		under = new WsUnderTest({ requestWeightPerMinute: 40 });
		await under.client.ask("open");
		const { status, error } = await under.client.ask("open");
		expect(status).toBe(429);
		const now = under.services.time.now;
		expect(error?.data).toEqual({ serverTime: now, retryAfter: now + 60_000 - (now % 60_000) });
	});

	test("too many at once: 429 for what is beyond the bound", async () => {
		under = new WsUnderTest({ maxPendingPerConnection: 2 });
		for (const id of [1, 2, 3]) under.client.session.receive(`{"id":${id},"method":"open"}`);
		await under.client.until(3);
		expect(under.client.replies[0]).toMatchObject({ id: 3, status: 429, error: { code: -1008 } });
		expect((await under.client.ask("open")).status).toBe(200);
	});
});

describe("signed requests", () => {
	test("golden signature of the documents", async () => {
		under.services.time.now = 1_645_423_376_532;
		addKey(under.services);
		let taken: unknown;
		under.trade = async (context) => {
			taken = context.caller.signatureDigest;
			return {};
		};
		const params = {
			symbol: "BTCUSDT",
			side: "SELL",
			type: "LIMIT",
			timeInForce: "GTC",
			quantity: "0.01000000",
			price: "52000.00",
			recvWindow: 100,
			timestamp: 1_645_423_376_532,
			apiKey: API_KEY,
			signature: "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
		};
		expect((await under.client.ask("trade.do", params)).status).toBe(200);
		expect(taken).toBe(params.signature);
		expect((await under.client.ask("trade.do", { ...params, price: "52000.0" })).error?.code).toBe(
			-1022,
		);
	});

	test("raw UTF-8, empty values included", async () => {
		addKey(under.services);
		expect(
			(await under.client.ask("mine", await under.signedParams({ note: "€ &=", empty: "" })))
				.result,
		).toEqual({ userId: 7 });
	});

	test.each(["1.0", "1e-05", "100", "-0.50", " 2.50 "])(
		"the number %p is signed as it was written: languages write them differently",
		async (written) => {
			addKey(under.services);
			const { now } = under.services.time;
			const payload = `apiKey=${API_KEY}&quantity=${written.trim()}&timestamp=${now}`;
			const params = `"quantity":${written},"timestamp":${now},"apiKey":"${API_KEY}"`;
			const signature = await signHmac(payload);
			under.client.session.receive(
				`{"id":1.0,"method":"mine","params":{${params},"signature":"${signature}"}}`,
			);
			await under.client.until(1);
			expect(under.client.replies[0]).toMatchObject({ id: 1, result: { userId: 7 } });
		},
	);

	test("a number is read as a number, however it was written", async () => {
		under.client.session.receive('{"id":1,"method":"open","params":{"symbol":1.50}}');
		await under.client.until(1);
		expect(under.client.replies[0]?.result.symbol).toBe("1.5");
	});

	test("errors carry their status", async () => {
		addKey(under.services);
		expect(await under.client.ask("mine", { timestamp: 1 })).toMatchObject({
			status: 401,
			error: { code: -2014 },
		});
		under.trade = async () => {
			throw new ApiError(-2022, "both failed", 409, { cancelResult: "FAILURE" });
		};
		const reply = await under.client.ask("trade.do", await under.signedParams());
		expect(reply).toMatchObject({
			status: 409,
			error: { code: -2022, msg: "both failed", data: { cancelResult: "FAILURE" } },
		});
	});

	test("order counts stand in the reply's limits", async () => {
		addKey(under.services);
		under.trade = async (context) => {
			context.reportOrderCounts([{ intervalMs: 10_000, limit: 50, count: 4 }]);
			return {};
		};
		const { rateLimits } = await under.client.ask("trade.do", await under.signedParams());
		expect(rateLimits?.[0] as object).toEqual({
			rateLimitType: "ORDERS",
			interval: "SECOND",
			intervalNum: 10,
			limit: 50,
			count: 4,
		});
		expect(rateLimits?.[1]?.count).toBe(0);
	});

	test("half a success counts its order, and tells its times in the unit asked for", async () => {
		addKey(under.services);
		under.client = new Client(under.edge, "timeUnit=MICROSECOND");
		under.trade = async (context) => {
			context.reportOrderCounts([{ intervalMs: 10_000, limit: 50, count: 4 }]);
			throw new ApiError(-2021, "half", 409, { newOrderResponse: { transactTime: 5 } });
		};
		const reply = await under.client.ask("trade.do", await under.signedParams());
		expect(reply.error?.data as object).toEqual({ newOrderResponse: { transactTime: 5_000 } });
		expect(reply.rateLimits?.[0]).toMatchObject({ rateLimitType: "ORDERS", count: 4 });
	});

	test("begun in the order they came, answered as they finish", async () => {
		addKey(under.services);
		const begun: string[] = [];
		const finish: (() => void)[] = [];
		const allBegun = new Promise<void>((wake) => {
			under.trade = (_context, { symbol }) => {
				begun.push(symbol!);
				if (begun.length === 3) wake();
				return new Promise((resolve) => finish.push(() => resolve(symbol)));
			};
		});
		for (const symbol of ["A", "B", "C"]) {
			const params = await under.signedParams({ symbol });
			under.client.session.receive(JSON.stringify({ id: symbol, method: "trade.do", params }));
		}
		await allBegun;
		expect(begun).toEqual(["A", "B", "C"]);
		for (const run of finish.reverse()) run();
		await under.client.until(3);
		expect(under.client.replies.map(({ id }) => id)).toEqual(["C", "B", "A"]);
	});
});

describe("sessions", () => {
	test("logon, then calls without key or signature, then logout", async () => {
		const reply = await under.logOn();
		const now = under.services.time.now;
		expect(reply.result).toEqual({
			apiKey: ED_KEY,
			authorizedSince: now,
			connectedSince: now,
			returnRateLimits: true,
			serverTime: now,
			userDataStream: false,
		});
		expect((await under.client.ask("mine", { timestamp: now })).result).toEqual({ userId: 8 });
		expect((await under.client.ask("keyed")).result).toEqual({ userId: 8, apiKey: ED_KEY });
		expect((await under.client.ask("mine", {})).error?.code).toBe(-1102);
		expect((await under.client.ask("mine", { timestamp: 1 })).error?.code).toBe(-1021);
		expect((await under.client.ask("session.logout")).result.apiKey).toBeNull();
		expect((await under.client.ask("mine", { timestamp: now })).error?.code).toBe(-2014);
	});

	test("what is sent right behind a logon counts on it", async () => {
		await under.addEdKey();
		const params = await under.signedParams({}, under.edSign, ED_KEY);
		under.client.session.receive(JSON.stringify({ id: 1, method: "session.logon", params }));
		const next = { timestamp: under.services.time.now };
		under.client.session.receive(JSON.stringify({ id: 2, method: "mine", params: next }));
		await under.client.until(2);
		expect(under.client.replies.map(({ status }) => status)).toEqual([200, 200]);
	});

	test("only Ed25519 logs on, and only with a true signature", async () => {
		addKey(under.services);
		expect((await under.client.ask("session.logon", await under.signedParams())).error?.code).toBe(
			-4056,
		);
		await under.addEdKey();
		const params = {
			...(await under.signedParams({}, under.edSign, ED_KEY)),
			timestamp: under.services.time.now - 1,
		};
		expect((await under.client.ask("session.logon", params)).error?.code).toBe(-1022);
		expect((await under.client.ask("session.status")).result.apiKey).toBeNull();
	});

	test("a key and signature of its own go before the session's", async () => {
		await under.logOn();
		addKey(under.services);
		expect((await under.client.ask("mine", await under.signedParams())).result).toEqual({
			userId: 7,
		});
	});

	test("a revoked key: told with id null, and the session is nobody's", async () => {
		await under.logOn();
		await under.client.ask("mine", { timestamp: under.services.time.now });
		await under.services.users.revokeKey(8, 2);
		under.services.pubsub.publish(keyChanges, { apiKey: ED_KEY });
		const reply = await under.client.ask("mine", { timestamp: under.services.time.now }, 5);
		expect(reply).toMatchObject({ id: null, status: 401, error: { code: -2015 } });
		expect((await under.client.ask("session.status")).result.apiKey).toBeNull();
	});

	test("one whose order its account worker has refused as revoked: the same, whenever pub/sub tells", async () => {
		await under.logOn();
		await under.services.users.revokeKey(8, 2);
		under.trade = refusedAsRevoked;
		const order = await under.client.ask("trade.do", { timestamp: under.services.time.now }, 4);
		expect(order).toMatchObject({ id: 4, status: 401, error: { code: -2015 } });
		const reply = await under.client.ask("mine", { timestamp: under.services.time.now }, 5);
		expect(reply).toMatchObject({ id: null, status: 401, error: { code: -2015 } });
		expect((await under.client.ask("session.status")).result.apiKey).toBeNull();
	});

	test("a call of the session has no digest: there is no signature to send again", async () => {
		await under.logOn();
		let digest: unknown;
		under.trade = async (context) => {
			digest = context.caller.signatureDigest;
			return {};
		};
		await under.client.ask("trade.do", { timestamp: under.services.time.now });
		expect(digest).toBe("");
	});
});

describe("connections", () => {
	test("cost two, and are limited", () => {
		under = new WsUnderTest({ connectionsPer5Minutes: 2 });
		const connection = { ip: "1.2.3.4", query: "", headers: null };
		expect(under.edge.admitWsApi(connection)).toBeNull();
		expect(under.edge.admitWsApi(connection)).toBeNull();
		expect(under.edge.admitWsApi(connection)?.status).toBe(429);
	});

	test("a client is pinged every 20 s, and cut off after 60 s of silence", () => {
		const silent = new Client(under.edge);
		silent.answersPings = false;
		under.services.time.advance(59_999);
		expect([under.client.pings, silent.pings, silent.closedWith]).toEqual([2, 2, null]);
		under.services.time.advance(1);
		expect([under.client.pings, silent.pings, silent.closedWith]).toEqual([3, 2, "cut"]);
		under.services.time.advance(60_000);
		expect([under.client.pings, under.client.closedWith]).toEqual([6, null]);
	});

	test("who reads nothing knows no ping: whatever he says, he is cut off", async () => {
		const deaf = new Client(under.edge);
		deaf.answersPings = false;
		for (let second = 0; second < 60; second += 1) {
			deaf.session.pong("");
			deaf.session.receive(JSON.stringify({ id: second, method: "ping" }));
			await deaf.until(second + 1);
			under.services.time.advance(1_000);
		}
		expect(deaf.closedWith).toBe("cut");
	});

	test("the answer to a ping counts once", () => {
		const { client } = under;
		const pings: string[] = [];
		const answer = client.session.pong.bind(client.session);
		client.session.pong = (payload) => {
			pings.push(payload);
			answer(pings[0] as string);
		};
		under.services.time.advance(80_000);
		expect([pings.length, client.closedWith]).toEqual([3, "cut"]);
	});

	test("a restart is announced, and a day is the longest life", async () => {
		under.services.time.advance(86_400_000);
		expect(under.client.replies[0]?.event?.["e"]).toBe("serverShutdown");
		expect(under.client.closedWith).toStartWith("1001");
		const other = new Client(under.edge);
		under.edge.close();
		expect(other.replies[0]?.event?.["e"]).toBe("serverShutdown");
		expect(other.closedWith).toBe("1001 server shutdown");
	});

	/** Asks for something that is answered when `answer` is called. */
	async function asking() {
		addKey(under.services);
		let answer = () => {};
		const taken = new Promise<void>((resolve) => {
			under.trade = () => {
				resolve();
				return new Promise((done) => {
					answer = () => done({ done: true });
				});
			};
		});
		const params = await under.signedParams();
		under.client.session.receive(JSON.stringify({ id: 1, method: "trade.do", params }));
		await taken;
		return { answer: () => answer() };
	}

	test("what was taken before a restart is answered, what comes after is refused, and then it closes", async () => {
		const { edge, client } = under;
		const idle = new Client(edge);
		const { answer } = await asking();
		let left = false;
		const leaving = edge.leave().then(() => {
			left = true;
		});
		client.session.receive('{"id":2,"method":"open","params":{"symbol":"A"}}');
		expect(client.replies).toMatchObject([
			{ event: { e: "serverShutdown" } },
			{ id: 2, status: 503, error: { code: -1016 } },
		]);
		expect([idle.closedWith, client.closedWith]).toEqual(["1001 server shutdown", null]);
		expect(left).toBe(false);
		answer();
		await leaving;
		expect(client.replies[2]).toMatchObject({ id: 1, status: 200, result: { done: true } });
		expect(client.closedWith).toBe("1001 server shutdown");
	});

	test("one that waits for an answer without end is cut with the edge", async () => {
		await asking();
		void under.edge.leave();
		expect(under.client.closedWith).toBeNull();
		under.edge.close();
		expect(under.client.closedWith).toBe("1001 server shutdown");
	});
});
