import { beforeEach, describe, expect, test } from "bun:test";
import { InvariantViolation } from "../schemas/invariant.ts";
import { ApiError } from "./api-error.ts";
import { LinkFull, NoAnswer } from "./link/worker-link.ts";
import { EdgeUnderTest } from "./testing/edge-under-test.ts";
import { refusedAsRevoked } from "./testing/fake-operations.ts";
import { API_KEY, addKey } from "./testing/fake-services.ts";

let under: EdgeUnderTest;

beforeEach(() => {
	under = new EdgeUnderTest();
});

describe("routes", () => {
	test("an open call answers anyone, with the weight used", async () => {
		const { status, body, response } = await under.send({ path: "/api/v3/open?symbol=A" });
		expect(status).toBe(200);
		expect(body).toEqual({ symbol: "A", time: 1_700_000_000_000 });
		expect(response.headers.get("x-mbx-used-weight-1m")).toBe("2");
		expect(response.headers.get("access-control-allow-origin")).toBe("*");
	});

	test("unknown path 404, known path with another method 405", async () => {
		expect((await under.send({ path: "/api/v3/nothing" })).status).toBe(404);
		const { status, response, body } = await under.send({ method: "PUT", path: "/api/v3/trade" });
		expect(status).toBe(405);
		expect(response.headers.get("allow")).toBe("POST, DELETE");
		expect(body.code).toBe(-1020);
	});

	test("a preflight may read what is open, nothing else", async () => {
		expect((await under.send({ method: "OPTIONS", path: "/api/v3/open" })).status).toBe(204);
		expect((await under.send({ method: "OPTIONS", path: "/api/v3/trade" })).status).toBe(403);
		expect((await under.send({ method: "OPTIONS", path: "/auth/sign-in" })).status).toBe(403);
	});

	test("times in microseconds when asked for", async () => {
		const headers = { "X-MBX-TIME-UNIT": "microsecond" };
		const { body } = await under.send({ path: "/api/v3/open?symbol=A", headers });
		expect(body.time).toBe(1_700_000_000_000_000);
	});

	test("a time unit that is none is refused: its times would be read wrong", async () => {
		const headers = { "X-MBX-TIME-UNIT": "MICROSECONDS" };
		const { status, body } = await under.send({ path: "/api/v3/open?symbol=A", headers });
		expect([status, body.code]).toEqual([400, -1194]);
	});

	test("a schema's fault is told with its code and the parameter's name", async () => {
		const missing = await under.send({ path: "/api/v3/strict?price=1" });
		expect(missing.body).toEqual({
			code: -1102,
			msg: "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
		});
		const precise = await under.send({ path: "/api/v3/strict?symbol=A&price=1.25" });
		expect(precise.body).toEqual({
			code: -1111,
			msg: "Parameter 'price' has too much precision.",
		});
	});

	test("a body over the bound is 413 with an error body", async () => {
		under = new EdgeUnderTest({ maxBodyBytes: 10 });
		const { status, body } = await under.send({
			method: "POST",
			path: "/api/v3/keyed",
			body: "x".repeat(11),
		});
		expect(status).toBe(413);
		expect(body.code).toBe(-1130);
	});
});

describe("an edge that its clients are to leave", () => {
	test("says so with each answer, and opens no WebSocket", async () => {
		const path = "/api/v3/open?symbol=A";
		const before = await under.send({ path });
		expect(before.response.headers.get("connection")).toBeNull();
		const visitor = { ip: "1.2.3.4", query: "", headers: new Headers() };
		expect(under.edge.admitWsApi(visitor)).toBeNull();
		await under.edge.leave();
		const { status, response, body } = await under.send({ path });
		expect([status, body.symbol, response.headers.get("connection")]).toEqual([200, "A", "close"]);
		const refused = under.edge.admitWsApi(visitor);
		expect([refused?.status, refused?.headers.get("connection")]).toEqual([503, "close"]);
		expect(refused?.headers.get("retry-after")).toBe("1");
	});
});

describe("weights", () => {
	test("a call that succeeds is free where that is so, a failed one is not", async () => {
		addKey(under.services);
		const fine = await under.signed({ method: "POST", path: "/api/v3/trade" });
		expect(fine.response.headers.get("x-mbx-used-weight-1m")).toBe("0");
		under.trade = async () => {
			throw new ApiError(-2010, "no");
		};
		const failed = await under.signed({ method: "POST", path: "/api/v3/trade", body: "a=2" });
		expect(failed.response.headers.get("x-mbx-used-weight-1m")).toBe("3");
	});

	test("a failed call is charged once", async () => {
		const { body, response } = await under.send({ path: "/api/v3/strict?symbol=A&price=1" });
		expect(body.code).toBe(-1121);
		expect(response.headers.get("x-mbx-used-weight-1m")).toBe("1");
	});

	test("a call that never got as far as its weight costs one", async () => {
		const { response } = await under.send({ path: "/api/v3/mine" });
		expect(response.headers.get("x-mbx-used-weight-1m")).toBe("1");
	});

	test("used up: 429 with Retry-After to the next minute, then free again", async () => {
		under = new EdgeUnderTest({ requestWeightPerMinute: 41 });
		expect((await under.send({ path: "/api/v3/open" })).status).toBe(200);
		const { status, body, response } = await under.send({ path: "/api/v3/open" });
		expect(status).toBe(429);
		expect(body.code).toBe(-1003);
		expect(body.msg).toStartWith("Too much request weight used; current limit is 41 ");
		const wait = 60_000 - (under.services.time.now % 60_000);
		expect(response.headers.get("retry-after")).toBe(String(Math.ceil(wait / 1_000)));
		expect((await under.send({ path: "/api/v3/open", ip: "5.6.7.8" })).status).toBe(200);
		under.services.time.advance(wait);
		expect((await under.send({ path: "/api/v3/open" })).status).toBe(200);
	});

	test("order counts go out as headers", async () => {
		addKey(under.services);
		under.trade = async (context) => {
			context.reportOrderCounts([
				{ intervalMs: 10_000, limit: 50, count: 4 },
				{ intervalMs: 86_400_000, limit: 160_000, count: 9 },
			]);
			return {};
		};
		const { response } = await under.signed({ method: "POST", path: "/api/v3/trade" });
		expect(response.headers.get("x-mbx-order-count-10s")).toBe("4");
		expect(response.headers.get("x-mbx-order-count-1d")).toBe("9");
	});

	test("half a success counts its order, and tells its times in the unit asked for", async () => {
		addKey(under.services);
		under.trade = async (context) => {
			context.reportOrderCounts([{ intervalMs: 10_000, limit: 50, count: 4 }]);
			throw new ApiError(-2021, "half", 409, { newOrderResponse: { transactTime: 5 } });
		};
		const headers = { "X-MBX-TIME-UNIT": "MICROSECOND" };
		const sent = { method: "POST", path: "/api/v3/trade", headers };
		const { body, response } = await under.signed(sent);
		expect(response.headers.get("x-mbx-order-count-10s")).toBe("4");
		expect(body.data).toEqual({ newOrderResponse: { transactTime: 5_000 } });
	});
});

test("a key that an account worker refuses as revoked reads nothing more, whenever pub/sub tells", async () => {
	const key = addKey(under.services);
	expect((await under.signed({ path: "/api/v3/mine" })).status).toBe(200);
	await under.services.users.revokeKey(key.userId, key.keyId);
	under.trade = refusedAsRevoked;
	expect((await under.signed({ method: "POST", path: "/api/v3/trade" })).status).toBe(401);
	const { status, body } = await under.signed({ path: "/api/v3/mine" });
	expect([status, body.code]).toEqual([401, -2015]);
});

describe("failures of ours", () => {
	beforeEach(() => addKey(under.services));

	test("an order call: -1007, for it may have happened", async () => {
		under.trade = async () => {
			throw new Error("link down");
		};
		const { status, body } = await under.signed({ method: "POST", path: "/api/v3/trade" });
		expect(status).toBe(503);
		expect(body.code).toBe(-1007);
		expect(under.services.logger.lines.some(({ level }) => level === "error")).toBe(true);
	});

	test("an answer that does not come: -1007 after the wait, once", async () => {
		const begun = new Promise<void>((resolve) => {
			under.trade = () => {
				resolve();
				return new Promise(() => undefined);
			};
		});
		let answered = false;
		const call = under.signed({ method: "POST", path: "/api/v3/trade" }).then((answer) => {
			answered = true;
			return answer;
		});
		await begun;
		under.services.time.advance(9_999);
		await Promise.resolve();
		expect(answered).toBe(false);
		under.services.time.advance(1_000);
		expect((await call).body.code).toBe(-1007);
	});

	test("a broken invariant stops the process", async () => {
		const broken = new InvariantViolation("money is gone");
		under.trade = async () => {
			throw broken;
		};
		await under.signed({ method: "POST", path: "/api/v3/trade" });
		expect(under.services.fatals).toEqual([broken]);
	});

	test("a worker that is away: 503 and -1007, a warning of one line, and no error", async () => {
		for (const [Away, why] of [
			[NoAnswer, "nobody has the market data of symbol 1"],
			[LinkFull, "full"],
		] as const) {
			under.services.users.keyByText = async () => {
				throw new Away(why);
			};
			const { status, body } = await under.signed({ path: "/api/v3/mine" });
			expect([status, body.code]).toEqual([503, -1007]);
			const told = JSON.stringify(under.services.logger.lines);
			expect(told).toContain(why);
			expect(told).not.toContain("request failed");
		}
	});

	test("anything else: -1000", async () => {
		under.services.users.keyByText = async () => {
			throw new Error("database away");
		};
		const { status, body } = await under.signed({ path: "/api/v3/mine" });
		expect(status).toBe(500);
		expect(body).toEqual({
			code: -1000,
			msg: "An unknown error occurred while processing the request.",
		});
		expect(under.services.fatals).toEqual([]);
	});
});

test("a path that is written in another way is the same path", async () => {
	expect((await under.send({ path: "/api/v3/%6Fpen?symbol=A" })).body.symbol).toBe("A");
	expect((await under.send({ method: "HEAD", path: "/api/v3/open?symbol=A" })).status).toBe(200);
	const { status, response } = await under.send({ method: "PUT", path: "/api/v3/open" });
	expect([status, response.headers.get("allow")]).toEqual([405, "GET"]);
});

describe("what operators see", () => {
	test("health", async () => {
		expect((await under.send({ path: "/health/live" })).status).toBe(200);
		const ready = await under.send({ path: "/health/ready" });
		expect([ready.status, ready.body]).toEqual([200, { status: "ready" }]);
		under.services.healthFacts = { withdrawals: "stopped" };
		const stopped = await under.send({ path: "/health/ready" });
		expect([stopped.status, stopped.body]).toEqual([
			...[200, { status: "ready", withdrawals: "stopped" }],
		]);
		under.services.isReady = false;
		under.services.healthFacts = { log: "cannot be written" };
		const away = await under.send({ path: "/health/ready" });
		expect([away.status, away.body]).toEqual([
			...[503, { status: "not ready", log: "cannot be written" }],
		]);
	});

	test("a line per request, without secrets", async () => {
		addKey(under.services);
		await under.signed({ method: "POST", path: "/api/v3/trade", body: "symbol=A" });
		const line = under.services.logger.lines.find(({ message }) => message === "request");
		expect(line?.fields).toEqual({
			method: "POST",
			path: "/api/v3/trade",
			operation: "POST /api/v3/trade",
			status: 200,
			ms: 0,
			ip: "1.2.3.4",
			userId: 7,
			keyId: 1,
		});
		const all = JSON.stringify(under.services.logger.lines);
		expect(all).not.toContain("signature");
		expect(all).not.toContain(API_KEY);
	});

	test("the line of an order tells its trace and its id; it is sampled as the trace is", async () => {
		under = new EdgeUnderTest({ logOneIn: 10 });
		addKey(under.services);
		let seq = 0;
		under.trade = async (context) => {
			const command = { partition: 1, shard: 2, epoch: 3, seq };
			context.reportOutcome({ ok: true, value: { order: { orderId: 40 + seq } }, command });
			return {};
		};
		for (seq = 1; seq <= 20; seq++) {
			await under.signed({ method: "POST", path: "/api/v3/trade", body: `symbol=A${seq}` });
		}
		const lines = under.services.logger.lines.map(({ fields }) => fields);
		expect(lines).toMatchObject([
			{ userId: 7, trace: "1-2-10", orderId: 50 },
			{ userId: 7, trace: "1-2-20", orderId: 60 },
		]);
	});

	test("the path of nothing is logged in short, and without what may be a listen key", async () => {
		const key = "kEY4".repeat(16);
		await under.send({ path: `/WS/${key}` });
		await under.send({ path: `/${"a/".repeat(1_000)}` });
		const paths = under.services.logger.lines.map(({ fields }) => fields["path"]);
		expect(paths[0]).toBe("/WS/…");
		expect(String(paths[1]).length).toBeLessThanOrEqual(200);
	});

	test("sampling keeps every failure", async () => {
		under = new EdgeUnderTest({ logOneIn: 10 });
		for (let i = 0; i < 20; i++) await under.send({ path: "/api/v3/open?symbol=A" });
		await under.send({ path: "/api/v3/strict" });
		const statuses = under.services.logger.lines.map(({ fields }) => fields["status"]);
		expect(statuses).toEqual([200, 200, 400]);
	});

	test("metrics are for who asks from this machine; for others there is no such path", async () => {
		const metricsFor = (ip: string, forwarded?: string, host = "localhost:3000") => {
			const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
			return under.edge.fetch(new Request(`http://${host}/metrics`, { headers }), { ip });
		};
		for (const host of ["127.0.0.1:3000", "[::1]:3000", "LOCALHOST"]) {
			expect((await metricsFor("127.0.0.1", undefined, host)).status).toBe(200);
		}
		// A page of elsewhere whose name was made to lead here: the browser asks from this machine.
		for (const host of ["evil.test:3000", "localhost.evil.test", "127.0.0.1.evil.test"]) {
			expect((await metricsFor("127.0.0.1", undefined, host)).status).toBe(404);
		}
		for (const ip of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
			expect((await metricsFor(ip)).status).toBe(200);
		}
		for (const ip of ["1.1.1.1", "", "::ffff:1.1.1.1"]) {
			const response = await metricsFor(ip);
			expect([response.status, await response.json()]).toEqual([
				404,
				{ code: -1000, msg: "Path not found." },
			]);
		}
		under = new EdgeUnderTest({ trustForwardedFor: true });
		expect((await metricsFor("127.0.0.1", "1.1.1.1")).status).toBe(404);
	});

	test("metrics", async () => {
		await under.send({ path: "/api/v3/open?symbol=A" });
		await under.send({ path: "/api/v3/strict" });
		const response = await under.edge.fetch(new Request("http://[::1]/metrics"), { ip: "::1" });
		const text = await response.text();
		expect(text).toContain(
			'castle_edge_requests_total{operation="GET /api/v3/open",status="200"} 1',
		);
		expect(text).toContain(
			'castle_edge_requests_total{operation="GET /api/v3/strict",status="400"} 1',
		);
		expect(text).toContain(
			'castle_edge_request_seconds_bucket{operation="GET /api/v3/open",le="+Inf"} 1',
		);
		expect(text).toContain('# TYPE process_up gauge\nprocess_up 1\nprocess_up{of="2"} 1\n');
	});
});

test("behind a balancer the last hop is the client", async () => {
	under = new EdgeUnderTest({ trustForwardedFor: true, requestWeightPerMinute: 40 });
	const headers = { "x-forwarded-for": "6.6.6.6, 7.7.7.7" };
	expect((await under.send({ path: "/api/v3/open", headers })).status).toBe(200);
	const spoofed = { "x-forwarded-for": "7.7.7.8, 8.8.8.8, 7.7.7.7" };
	expect((await under.send({ path: "/api/v3/open", headers: spoofed })).status).toBe(429);
	const other = { "x-forwarded-for": "6.6.6.6, 7.7.7.8" };
	expect((await under.send({ path: "/api/v3/open", headers: other })).status).toBe(200);
});

test("without one, what a client says of its address counts for nothing", async () => {
	under = new EdgeUnderTest({ requestWeightPerMinute: 40 });
	expect((await under.send({ path: "/api/v3/open" })).status).toBe(200);
	const headers = { "x-forwarded-for": "7.7.7.7" };
	expect((await under.send({ path: "/api/v3/open", headers })).status).toBe(429);
});
