import { beforeEach, describe, expect, test } from "bun:test";
import { InvariantViolation } from "../schemas/invariant.ts";
import type { Caller } from "../schemas/ports/account-service.ts";
import { ApiError } from "./api-error.ts";
import { createEdge, type Edge } from "./app.ts";
import type { OperationContext } from "./operation.ts";
import type { EdgeSettings } from "./settings.ts";
import { fakeOperations } from "./testing/fake-operations.ts";
import {
	API_KEY,
	addKey,
	type FakeServices,
	fakeServices,
	signHmac,
} from "./testing/fake-services.ts";

let services: FakeServices;
let edge: Edge;
let trade: (context: OperationContext) => Promise<unknown>;

function start(settings: Partial<EdgeSettings> = {}): void {
	services = fakeServices(settings);
	edge = createEdge(
		services,
		fakeOperations((context) => trade(context)),
	);
	trade = async () => ({ done: true });
}

beforeEach(() => start());

interface Sent {
	readonly method?: string;
	readonly path: string;
	readonly body?: string;
	readonly headers?: Record<string, string>;
	readonly ip?: string;
}

async function send({ method = "GET", path, body, headers = {}, ip = "1.2.3.4" }: Sent) {
	const request = new Request(`http://castle.test${path}`, {
		method,
		headers,
		...(body !== undefined && { body }),
	});
	const response = await edge.fetch(request, { ip });
	const text = await response.text();
	return { response, status: response.status, body: text === "" ? null : JSON.parse(text) };
}

/** A signed call as a client makes it. */
async function signed(sent: Sent & { readonly query?: string; readonly key?: string }) {
	const query = sent.query ?? `timestamp=${services.time.now}`;
	const signature = await signHmac(query + (sent.body ?? ""));
	return await send({
		...sent,
		path: `${sent.path}?${query}&signature=${signature}`,
		headers: { "X-MBX-APIKEY": sent.key ?? API_KEY },
	});
}

describe("routes", () => {
	test("an open call answers anyone, with the weight used", async () => {
		const { status, body, response } = await send({ path: "/api/v3/open?symbol=A" });
		expect(status).toBe(200);
		expect(body).toEqual({ symbol: "A", time: 1_700_000_000_000 });
		expect(response.headers.get("x-mbx-used-weight-1m")).toBe("2");
		expect(response.headers.get("access-control-allow-origin")).toBe("*");
	});

	test("unknown path 404, known path with another method 405", async () => {
		expect((await send({ path: "/api/v3/nothing" })).status).toBe(404);
		const { status, response, body } = await send({ method: "PUT", path: "/api/v3/trade" });
		expect(status).toBe(405);
		expect(response.headers.get("allow")).toBe("POST, DELETE");
		expect(body.code).toBe(-1020);
	});

	test("a preflight may read what is open, nothing else", async () => {
		expect((await send({ method: "OPTIONS", path: "/api/v3/open" })).status).toBe(204);
		expect((await send({ method: "OPTIONS", path: "/api/v3/trade" })).status).toBe(403);
		expect((await send({ method: "OPTIONS", path: "/auth/sign-in" })).status).toBe(403);
	});

	test("times in microseconds when asked for", async () => {
		const headers = { "X-MBX-TIME-UNIT": "microsecond" };
		const { body } = await send({ path: "/api/v3/open?symbol=A", headers });
		expect(body.time).toBe(1_700_000_000_000_000);
	});

	test("a schema's fault is told with its code and the parameter's name", async () => {
		const missing = await send({ path: "/api/v3/strict?price=1" });
		expect(missing.body).toEqual({
			code: -1102,
			msg: "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
		});
		const precise = await send({ path: "/api/v3/strict?symbol=A&price=1.25" });
		expect(precise.body).toEqual({
			code: -1111,
			msg: "Parameter 'price' has too much precision.",
		});
	});

	test("a body over the bound is 413 with an error body", async () => {
		start({ maxBodyBytes: 10 });
		const { status, body } = await send({
			method: "POST",
			path: "/api/v3/keyed",
			body: "x".repeat(11),
		});
		expect(status).toBe(413);
		expect(body.code).toBe(-1130);
	});
});

describe("signed calls", () => {
	let caller: Caller | null = null;

	beforeEach(() => {
		caller = null;
		trade = async (context) => {
			caller = context.caller;
			return {};
		};
	});

	test("who calls is the key's user, with the signature and time for the worker", async () => {
		addKey(services, { generation: 3 });
		const { status } = await signed({ method: "POST", path: "/api/v3/trade" });
		expect(status).toBe(200);
		expect(caller).toEqual({
			userId: 7,
			keyId: 1,
			keyGeneration: 3,
			signatureDigest: await signHmac(`timestamp=${services.time.now}`),
			timestampMs: services.time.now,
			recvWindowMs: 5_000,
		});
	});

	test("the digest is the same for upper and lower case", async () => {
		addKey(services);
		const query = `timestamp=${services.time.now}`;
		const signature = (await signHmac(query)).toUpperCase();
		const headers = { "X-MBX-APIKEY": API_KEY };
		const path = `/api/v3/trade?${query}&signature=${signature}`;
		expect((await send({ method: "POST", path, headers })).status).toBe(200);
		expect(caller?.signatureDigest).toBe(signature.toLowerCase());
	});

	for (const method of ["POST", "DELETE"]) {
		test(`${method}: query and body are signed one after the other`, async () => {
			addKey(services);
			const { status } = await signed({ method, path: "/api/v3/trade", body: "symbol=A&x=1" });
			expect(status).toBe(200);
			expect(caller?.userId).toBe(7);
		});
	}

	test("a call that only reads has no digest", async () => {
		addKey(services);
		expect((await signed({ path: "/api/v3/mine" })).body).toEqual({ userId: 7 });
		expect((await signed({ method: "PUT", path: "/api/v3/mine", body: "a=1" })).status).toBe(200);
	});

	test("a key alone opens what asks for no more", async () => {
		addKey(services);
		const headers = { "X-MBX-APIKEY": API_KEY };
		const { body } = await send({ method: "POST", path: "/api/v3/keyed", headers });
		expect(body).toEqual({ userId: 7, apiKey: API_KEY });
		expect((await send({ method: "POST", path: "/api/v3/keyed" })).body.code).toBe(-2014);
	});

	test("microseconds and a fractional window", async () => {
		addKey(services);
		const query = `timestamp=${services.time.now}000&recvWindow=100.125`;
		expect((await signed({ method: "POST", path: "/api/v3/trade", query })).status).toBe(200);
		expect(caller?.timestampMs).toBe(services.time.now);
		expect(caller?.recvWindowMs).toBe(100.125);
	});
});

describe("what is refused first", () => {
	const BAD_KEY = "x";
	const now = 1_700_000_000_000;
	/** Each row has every fault of the rows below it, too, where they can go together. */
	const ROWS: readonly {
		readonly what: string;
		readonly key?: string;
		readonly query: string;
		readonly signature?: string;
		readonly stored?: Parameters<typeof addKey>[1];
		readonly code: number;
		readonly status: number;
	}[] = [
		{ what: "a repeated name", key: BAD_KEY, query: "a=1&a=2", code: -1101, status: 400 },
		{ what: "a malformed key", key: BAD_KEY, query: "recvWindow=x", code: -2014, status: 401 },
		{ what: "no signature", query: "recvWindow=x", signature: "", code: -1102, status: 400 },
		{ what: "no timestamp", query: "recvWindow=x", signature: "bad", code: -1102, status: 400 },
		{ what: "a bad timestamp", query: "timestamp=1e3", signature: "bad", code: -1102, status: 400 },
		{
			what: "a bad window",
			query: "timestamp=1&recvWindow=x",
			signature: "bad",
			code: -1131,
			status: 400,
		},
		{
			what: "a window too large",
			query: "timestamp=1&recvWindow=60000.001",
			signature: "bad",
			code: -1131,
			status: 400,
		},
		{
			what: "an old timestamp, of an unknown key",
			query: "timestamp=1",
			signature: "bad",
			code: -1021,
			status: 400,
		},
		{
			what: "an unknown key, badly signed",
			key: "B".repeat(64),
			query: `timestamp=${now}`,
			signature: "bad",
			code: -2015,
			status: 401,
		},
		{
			what: "a revoked key",
			query: `timestamp=${now}`,
			stored: { revoked: true },
			code: -2015,
			status: 401,
		},
		{
			what: "another address, badly signed",
			query: `timestamp=${now}`,
			signature: "bad",
			stored: { ips: ["9.9.9.9"] },
			code: -2015,
			status: 401,
		},
		{
			what: "a wrong signature, without the scope",
			query: `timestamp=${now}`,
			signature: "bad",
			stored: { scopes: [] },
			code: -1022,
			status: 400,
		},
		{
			what: "no right to trade",
			query: `timestamp=${now}`,
			stored: { scopes: ["read"] },
			code: -2015,
			status: 401,
		},
		{ what: "nothing", query: `timestamp=${now}`, code: 0, status: 200 },
	];

	for (const row of ROWS) {
		test(row.what, async () => {
			addKey(services, row.stored ?? {});
			const signature = row.signature ?? (await signHmac(row.query));
			const path = `/api/v3/trade?${row.query}&signature=${signature}`;
			const headers = { "X-MBX-APIKEY": row.key ?? API_KEY };
			const { status, body } = await send({ method: "POST", path, headers });
			expect({ status, code: body.code ?? 0 }).toEqual({ status: row.status, code: row.code });
		});
	}

	const EDGES: readonly [what: string, query: string, code: number][] = [
		["exactly the window old", `timestamp=${now - 5_000}`, 0],
		["older by a millisecond", `timestamp=${now - 5_001}`, -1021],
		["999 ms ahead", `timestamp=${now + 999}`, 0],
		["1000 ms ahead", `timestamp=${now + 1_000}`, -1021],
		["the largest window", `timestamp=${now - 60_000}&recvWindow=60000`, 0],
		["a fractional window", `timestamp=${now - 2}&recvWindow=1.999`, -1021],
		["four decimals", `timestamp=${now}&recvWindow=1.0001`, -1131],
		["an empty window", `timestamp=${now}&recvWindow=`, 0],
	];
	for (const [what, query, code] of EDGES) {
		test(`time: ${what}`, async () => {
			addKey(services);
			const { body } = await signed({ method: "POST", path: "/api/v3/trade", query });
			expect(body.code ?? 0).toBe(code);
		});
	}

	test("the two texts of -1021", async () => {
		addKey(services);
		const old = await signed({ path: "/api/v3/mine", query: "timestamp=1" });
		expect(old.body.msg).toBe("Timestamp for this request is outside of the recvWindow.");
		const ahead = await signed({ path: "/api/v3/mine", query: `timestamp=${now + 5_000}` });
		expect(ahead.body.msg).toBe(
			"Timestamp for this request was 1000ms ahead of the server's time.",
		);
	});
});

describe("weights", () => {
	test("a call that succeeds is free where that is so, a failed one is not", async () => {
		addKey(services);
		const fine = await signed({ method: "POST", path: "/api/v3/trade" });
		expect(fine.response.headers.get("x-mbx-used-weight-1m")).toBe("0");
		trade = async () => {
			throw new ApiError(-2010, "no");
		};
		const failed = await signed({ method: "POST", path: "/api/v3/trade", body: "a=2" });
		expect(failed.response.headers.get("x-mbx-used-weight-1m")).toBe("3");
	});

	test("a failed call is charged once", async () => {
		const { body, response } = await send({ path: "/api/v3/strict?symbol=A&price=1" });
		expect(body.code).toBe(-1121);
		expect(response.headers.get("x-mbx-used-weight-1m")).toBe("1");
	});

	test("a call that never got as far as its weight costs one", async () => {
		const { response } = await send({ path: "/api/v3/mine" });
		expect(response.headers.get("x-mbx-used-weight-1m")).toBe("1");
	});

	test("used up: 429 with Retry-After to the next minute, then free again", async () => {
		start({ requestWeightPerMinute: 41 });
		expect((await send({ path: "/api/v3/open" })).status).toBe(200);
		const { status, body, response } = await send({ path: "/api/v3/open" });
		expect(status).toBe(429);
		expect(body.code).toBe(-1003);
		expect(body.msg).toStartWith("Too much request weight used; current limit is 41 ");
		const wait = 60_000 - (services.time.now % 60_000);
		expect(response.headers.get("retry-after")).toBe(String(Math.ceil(wait / 1_000)));
		expect((await send({ path: "/api/v3/open", ip: "5.6.7.8" })).status).toBe(200);
		services.time.advance(wait);
		expect((await send({ path: "/api/v3/open" })).status).toBe(200);
	});

	test("order counts go out as headers", async () => {
		addKey(services);
		trade = async (context) => {
			context.reportOrderCounts([
				{ intervalMs: 10_000, limit: 50, count: 4 },
				{ intervalMs: 86_400_000, limit: 160_000, count: 9 },
			]);
			return {};
		};
		const { response } = await signed({ method: "POST", path: "/api/v3/trade" });
		expect(response.headers.get("x-mbx-order-count-10s")).toBe("4");
		expect(response.headers.get("x-mbx-order-count-1d")).toBe("9");
	});
});

describe("failures of ours", () => {
	beforeEach(() => addKey(services));

	test("an order call: -1007, for it may have happened", async () => {
		trade = async () => {
			throw new Error("link down");
		};
		const { status, body } = await signed({ method: "POST", path: "/api/v3/trade" });
		expect(status).toBe(503);
		expect(body.code).toBe(-1007);
		expect(services.logger.lines.some(({ level }) => level === "error")).toBe(true);
	});

	test("an answer that does not come: -1007 after the wait, once", async () => {
		const begun = new Promise<void>((resolve) => {
			trade = () => {
				resolve();
				return new Promise(() => undefined);
			};
		});
		let answered = false;
		const call = signed({ method: "POST", path: "/api/v3/trade" }).then((answer) => {
			answered = true;
			return answer;
		});
		await begun;
		services.time.advance(9_999);
		await Promise.resolve();
		expect(answered).toBe(false);
		services.time.advance(1_000);
		expect((await call).body.code).toBe(-1007);
	});

	test("a broken invariant stops the process", async () => {
		const broken = new InvariantViolation("money is gone");
		trade = async () => {
			throw broken;
		};
		await signed({ method: "POST", path: "/api/v3/trade" });
		expect(services.fatals).toEqual([broken]);
	});

	test("anything else: -1000", async () => {
		services.users.keyByText = async () => {
			throw new Error("database away");
		};
		const { status, body } = await signed({ path: "/api/v3/mine" });
		expect(status).toBe(500);
		expect(body).toEqual({
			code: -1000,
			msg: "An unknown error occurred while processing the request.",
		});
		expect(services.fatals).toEqual([]);
	});
});

describe("what operators see", () => {
	test("health", async () => {
		expect((await send({ path: "/health/live" })).status).toBe(200);
		expect((await send({ path: "/health/ready" })).status).toBe(200);
		services.isReady = false;
		expect((await send({ path: "/health/ready" })).status).toBe(503);
	});

	test("a line per request, without secrets", async () => {
		addKey(services);
		await signed({ method: "POST", path: "/api/v3/trade", body: "symbol=A" });
		const line = services.logger.lines.find(({ message }) => message === "request");
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
		const all = JSON.stringify(services.logger.lines);
		expect(all).not.toContain("signature");
		expect(all).not.toContain(API_KEY);
	});

	test("sampling keeps every failure", async () => {
		start({ logOneIn: 10 });
		for (let i = 0; i < 20; i++) await send({ path: "/api/v3/open?symbol=A" });
		await send({ path: "/api/v3/strict" });
		const statuses = services.logger.lines.map(({ fields }) => fields["status"]);
		expect(statuses).toEqual([200, 200, 400]);
	});

	test("metrics", async () => {
		await send({ path: "/api/v3/open?symbol=A" });
		await send({ path: "/api/v3/strict" });
		const response = await edge.fetch(new Request("http://h/metrics"), { ip: "1.1.1.1" });
		const text = await response.text();
		expect(text).toContain('edge_requests_total{operation="GET /api/v3/open",status="200"} 1');
		expect(text).toContain('edge_requests_total{operation="GET /api/v3/strict",status="400"} 1');
		expect(text).toContain('edge_request_seconds_bucket{operation="GET /api/v3/open",le="+Inf"} 1');
		expect(text).toContain("process_up 1");
	});
});

test("behind a balancer the last hop is the client", async () => {
	start({ trustForwardedFor: true, requestWeightPerMinute: 40 });
	const headers = { "x-forwarded-for": "6.6.6.6, 7.7.7.7" };
	expect((await send({ path: "/api/v3/open", headers })).status).toBe(200);
	const spoofed = { "x-forwarded-for": "8.8.8.8, 7.7.7.7" };
	expect((await send({ path: "/api/v3/open", headers: spoofed })).status).toBe(429);
	const other = { "x-forwarded-for": "6.6.6.6, 7.7.7.8" };
	expect((await send({ path: "/api/v3/open", headers: other })).status).toBe(200);
});
