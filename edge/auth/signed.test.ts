import { beforeEach, describe, expect, test } from "bun:test";
import type { Caller } from "../../schemas/ports/account-service.ts";
import { EdgeUnderTest } from "../testing/edge-under-test.ts";
import { API_KEY, addKey, signHmac } from "../testing/fake-services.ts";

let under: EdgeUnderTest;

beforeEach(() => {
	under = new EdgeUnderTest();
});

describe("signed calls", () => {
	let caller: Caller | null = null;

	beforeEach(() => {
		caller = null;
		under.trade = async (context) => {
			caller = context.caller;
			return {};
		};
	});

	test("who calls is the key's user, with the signature and time for the worker", async () => {
		addKey(under.services, { generation: 3 });
		const { status } = await under.signed({ method: "POST", path: "/api/v3/trade" });
		expect(status).toBe(200);
		expect(caller).toEqual({
			userId: 7,
			keyId: 1,
			keyGeneration: 3,
			signatureDigest: await signHmac(`timestamp=${under.services.time.now}`),
			timestampMs: under.services.time.now,
			recvWindowMs: 5_000,
		});
	});

	test("the digest is the same for upper and lower case", async () => {
		addKey(under.services);
		const query = `timestamp=${under.services.time.now}`;
		const signature = (await signHmac(query)).toUpperCase();
		const headers = { "X-MBX-APIKEY": API_KEY };
		const path = `/api/v3/trade?${query}&signature=${signature}`;
		expect((await under.send({ method: "POST", path, headers })).status).toBe(200);
		expect(caller?.signatureDigest).toBe(signature.toLowerCase());
	});

	test("the digest of an Ed25519 signature is itself, of a longer one its hash", async () => {
		const text = new TextEncoder().encode(`timestamp=${under.services.time.now}`);
		const algorithms = [
			{ type: "ed25519", name: "Ed25519" },
			{ type: "rsa", name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", ...RSA_2048 },
		] as const;
		for (const { type, ...algorithm } of algorithms) {
			const made = await crypto.subtle.generateKey(algorithm as never, true, ["sign", "verify"]);
			const { publicKey, privateKey } = made as CryptoKeyPair;
			const der = await crypto.subtle.exportKey("spki", publicKey);
			const pem = Buffer.from(der).toString("base64");
			const material = `-----BEGIN PUBLIC KEY-----\n${pem}\n-----END PUBLIC KEY-----`;
			under.services.users.keys = [];
			const apiKey = type.padEnd(64, "k");
			addKey(under.services, { apiKey, type, material });
			const signed = await crypto.subtle.sign(algorithm.name, privateKey, text);
			const signature = Buffer.from(signed).toString("base64");
			const query = `timestamp=${under.services.time.now}&signature=${encodeURIComponent(signature)}`;
			const headers = { "X-MBX-APIKEY": apiKey };
			const path = `/api/v3/trade?${query}`;
			expect((await under.send({ method: "POST", path, headers })).status).toBe(200);
			const hash = await under.services.signatures.sha256(signature);
			expect(caller?.signatureDigest).toBe(type === "rsa" ? hash : signature);
		}
	});

	for (const method of ["POST", "DELETE"]) {
		test(`${method}: query and body are signed one after the other`, async () => {
			addKey(under.services);
			const { status } = await under.signed({
				method,
				path: "/api/v3/trade",
				body: "symbol=A&x=1",
			});
			expect(status).toBe(200);
			expect(caller?.userId).toBe(7);
		});
	}

	test("a call that only reads has no digest", async () => {
		addKey(under.services);
		expect((await under.signed({ path: "/api/v3/mine" })).body).toEqual({ userId: 7 });
		expect((await under.signed({ method: "PUT", path: "/api/v3/mine", body: "a=1" })).status).toBe(
			200,
		);
	});

	test("a key alone opens what asks for no more", async () => {
		addKey(under.services);
		const headers = { "X-MBX-APIKEY": API_KEY };
		const { body } = await under.send({ method: "POST", path: "/api/v3/keyed", headers });
		expect(body).toEqual({ userId: 7, apiKey: API_KEY });
		expect((await under.send({ method: "POST", path: "/api/v3/keyed" })).body.code).toBe(-2014);
	});

	test.each([{ scopes: ["trade"] }, { ips: ["9.9.9.9"] }, { revoked: true }] as const)(
		"a key alone opens nothing when it is %p",
		async (stored) => {
			addKey(under.services, stored);
			const headers = { "X-MBX-APIKEY": API_KEY };
			const sent = { method: "POST", path: "/api/v3/keyed", headers };
			expect((await under.send(sent)).body.code).toBe(-2015);
		},
	);

	test("microseconds and a fractional window", async () => {
		addKey(under.services);
		const query = `timestamp=${under.services.time.now}000&recvWindow=100.125`;
		expect((await under.signed({ method: "POST", path: "/api/v3/trade", query })).status).toBe(200);
		expect(caller?.timestampMs).toBe(under.services.time.now);
		expect(caller?.recvWindowMs).toBe(100.125);
	});
});

const RSA_2048 = { modulusLength: 2_048, publicExponent: new Uint8Array([1, 0, 1]) };

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
			addKey(under.services, row.stored ?? {});
			const signature = row.signature ?? (await signHmac(row.query));
			const path = `/api/v3/trade?${row.query}&signature=${signature}`;
			const headers = { "X-MBX-APIKEY": row.key ?? API_KEY };
			const { status, body } = await under.send({ method: "POST", path, headers });
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
			addKey(under.services);
			const { body } = await under.signed({ method: "POST", path: "/api/v3/trade", query });
			expect(body.code ?? 0).toBe(code);
		});
	}

	test("the two texts of -1021", async () => {
		addKey(under.services);
		const old = await under.signed({ path: "/api/v3/mine", query: "timestamp=1" });
		expect(old.body.msg).toBe("Timestamp for this request is outside of the recvWindow.");
		const ahead = await under.signed({ path: "/api/v3/mine", query: `timestamp=${now + 5_000}` });
		expect(ahead.body.msg).toBe(
			"Timestamp for this request was 1000ms ahead of the server's time.",
		);
	});
});
