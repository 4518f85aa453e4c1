import { beforeEach, describe, expect, test } from "bun:test";
import { keyChanges, type UserEventMessage, userEvents } from "../../schemas/user-event.ts";
import { ApiError } from "../api-error.ts";
import { createEdge, type Edge } from "../app.ts";
import type { OperationContext } from "../operation.ts";
import type { EdgeSettings } from "../settings.ts";
import { fakeOperations } from "../testing/fake-operations.ts";
import {
	API_KEY,
	addKey,
	type FakeServices,
	fakeServices,
	signHmac,
} from "../testing/fake-services.ts";
import type { WsApiSession } from "./socket.ts";

const ED_KEY = "E".repeat(64);

interface Reply {
	id?: unknown;
	status?: number;
	// biome-ignore lint/suspicious/noExplicitAny: what a client sees
	result?: any;
	error?: { code: number; msg: string; data?: { serverTime: number; retryAfter: number } };
	rateLimits?: { rateLimitType: string; interval: string; intervalNum: number; count: number }[];
	subscriptionId?: number;
	event?: Record<string, unknown>;
}

/** A client at the other end of a connection. */
class Client {
	readonly replies: Reply[] = [];
	closedWith: string | null = null;
	readonly session: WsApiSession;
	private waiting: (() => void)[] = [];

	constructor(edge: Edge, query = "") {
		const socket = {
			send: (text: string) => {
				this.replies.push(JSON.parse(text));
				for (const wake of this.waiting.splice(0)) wake();
			},
			close: (code: number, reason: string) => {
				this.closedWith = `${code} ${reason}`;
			},
		};
		const connection = { ip: "1.2.3.4", query, headers: null };
		this.session = edge.openWsApi(socket, connection);
	}

	async until(count: number): Promise<void> {
		while (this.replies.length < count) {
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		}
	}

	/** Sends and waits for one more message. */
	async ask(method: string, params: object = {}, id: unknown = 1): Promise<Reply> {
		const count = this.replies.length + 1;
		this.session.receive(JSON.stringify({ id, method, params }));
		await this.until(count);
		return this.replies[count - 1]!;
	}
}

let services: FakeServices;
let edge: Edge;
let client: Client;
let trade: (context: OperationContext, params: { symbol?: string }) => Promise<unknown>;
let edSign: (payload: string) => Promise<string>;

function start(settings: Partial<EdgeSettings> = {}, query = ""): void {
	services = fakeServices(settings);
	edge = createEdge(
		services,
		fakeOperations((context, params) => trade(context, params)),
	);
	trade = async () => ({ done: true });
	client = new Client(edge, query);
}

beforeEach(() => start());

async function addEdKey(): Promise<void> {
	const pair = (await crypto.subtle.generateKey("Ed25519", true, [
		"sign",
		"verify",
	])) as CryptoKeyPair;
	const der = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
	const base64 = btoa(String.fromCharCode(...der));
	const material = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----`;
	addKey(services, { keyId: 2, userId: 8, apiKey: ED_KEY, type: "ed25519", material });
	edSign = async (payload) => {
		const bytes = await crypto.subtle.sign(
			"Ed25519",
			pair.privateKey,
			new TextEncoder().encode(payload),
		);
		return btoa(String.fromCharCode(...new Uint8Array(bytes)));
	};
}

/** Parameters with apiKey, timestamp and signature, as a client makes them. */
async function signedParams(
	params: Record<string, unknown> = {},
	sign: (payload: string) => Promise<string> = signHmac,
	apiKey = API_KEY,
): Promise<object> {
	const all: Record<string, unknown> = { ...params, apiKey, timestamp: services.time.now };
	const payload = Object.keys(all)
		.sort()
		.map((name) => `${name}=${all[name]}`)
		.join("&");
	return { ...all, signature: await sign(payload) };
}

async function logOn(): Promise<Reply> {
	await addEdKey();
	return await client.ask("session.logon", await signedParams({}, edSign, ED_KEY));
}

describe("requests", () => {
	test("id and shape of a reply", async () => {
		for (const id of ["a-b", 7, -1, null]) {
			const reply = await client.ask("open", { symbol: "A" }, id);
			expect(reply.id).toBe(id);
			expect(reply.status).toBe(200);
			expect(reply.result.symbol).toBe("A");
		}
		expect(client.replies[0]?.rateLimits).toEqual([
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
		client.session.receive('{"method":"v3/open","params":{"symbol":"A"}}');
		await client.until(1);
		expect(client.replies[0]).toMatchObject({ id: null, status: 200 });
	});

	test("numbers, truth values and lists are their text", async () => {
		expect((await client.ask("open", { symbol: 12 })).result.symbol).toBe("12");
		expect((await client.ask("open", { symbol: true })).result.symbol).toBe("true");
		expect((await client.ask("open", { symbol: ["A", "B"] })).result.symbol).toBe('["A","B"]');
		expect((await client.ask("open", { symbol: null })).result.symbol).toBeNull();
		expect((await client.ask("open", { symbol: "" })).result.symbol).toBeNull();
	});

	const REFUSED: readonly [what: string, frame: string, id: unknown, code: number][] = [
		["no JSON", "{", null, -1135],
		["no object", "[1]", null, -1135],
		["a fractional id", '{"id":1.5,"method":"open"}', null, -1135],
		["an id beyond exact numbers", '{"id":9007199254740993,"method":"open"}', null, -1135],
		["an object as id", '{"id":{},"method":"open"}', null, -1135],
		["no method", '{"id":3}', 3, -1135],
		["params that are a list", '{"id":3,"method":"open","params":[1]}', 3, -1135],
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
			client.session.receive(frame);
			await client.until(1);
			expect(client.replies[0]).toMatchObject({ id, status: 400, error: { code } });
		});
	}

	test("a frame too large closes", () => {
		client.session.receive(`{"method":"${"x".repeat(16_384)}"}`);
		expect(client.closedWith).toStartWith("1009");
	});

	test("limits in replies: off by the URL, on by the request, and the other way round", async () => {
		expect((await client.ask("open", { returnRateLimits: false })).rateLimits).toBeUndefined();
		client = new Client(edge, "returnRateLimits=false");
		expect((await client.ask("open")).rateLimits).toBeUndefined();
		expect((await client.ask("open", { returnRateLimits: true })).rateLimits).toHaveLength(1);
	});

	test("times in microseconds by the URL", async () => {
		client = new Client(edge, "timeUnit=MICROSECOND");
		expect((await client.ask("open")).result.time).toBe(1_700_000_000_000_000);
	});

	test("429 says when to come back", async () => {
		start({ requestWeightPerMinute: 40 });
		await client.ask("open");
		const { status, error } = await client.ask("open");
		expect(status).toBe(429);
		const now = services.time.now;
		expect(error?.data).toEqual({ serverTime: now, retryAfter: now + 60_000 - (now % 60_000) });
	});

	test("too many at once: 429 for what is beyond the bound", async () => {
		start({ maxPendingPerConnection: 2 });
		for (const id of [1, 2, 3]) client.session.receive(`{"id":${id},"method":"open"}`);
		await client.until(3);
		expect(client.replies[0]).toMatchObject({ id: 3, status: 429, error: { code: -1008 } });
		expect((await client.ask("open")).status).toBe(200);
	});
});

describe("signed requests", () => {
	test("golden signature of the documents", async () => {
		start();
		services.time.now = 1_645_423_376_532;
		addKey(services);
		let taken: unknown;
		trade = async (context) => {
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
		expect((await client.ask("trade.do", params)).status).toBe(200);
		expect(taken).toBe(params.signature);
		expect((await client.ask("trade.do", { ...params, price: "52000.0" })).error?.code).toBe(-1022);
	});

	test("raw UTF-8, empty values included", async () => {
		addKey(services);
		expect(
			(await client.ask("mine", await signedParams({ note: "€ &=", empty: "" }))).result,
		).toEqual({ userId: 7 });
	});

	test("errors carry their status", async () => {
		addKey(services);
		expect(await client.ask("mine", { timestamp: 1 })).toMatchObject({
			status: 401,
			error: { code: -2014 },
		});
		trade = async () => {
			throw new ApiError(-2022, "both failed", 409, { cancelResult: "FAILURE" });
		};
		const reply = await client.ask("trade.do", await signedParams());
		expect(reply).toMatchObject({
			status: 409,
			error: { code: -2022, msg: "both failed", data: { cancelResult: "FAILURE" } },
		});
	});

	test("order counts stand in the reply's limits", async () => {
		addKey(services);
		trade = async (context) => {
			context.reportOrderCounts([{ intervalMs: 10_000, limit: 50, count: 4 }]);
			return {};
		};
		const { rateLimits } = await client.ask("trade.do", await signedParams());
		expect(rateLimits?.[0] as object).toEqual({
			rateLimitType: "ORDERS",
			interval: "SECOND",
			intervalNum: 10,
			limit: 50,
			count: 4,
		});
		expect(rateLimits?.[1]?.count).toBe(0);
	});

	test("begun in the order they came, answered as they finish", async () => {
		addKey(services);
		const begun: string[] = [];
		const finish: (() => void)[] = [];
		const allBegun = new Promise<void>((wake) => {
			trade = (_context, { symbol }) => {
				begun.push(symbol!);
				if (begun.length === 3) wake();
				return new Promise((resolve) => finish.push(() => resolve(symbol)));
			};
		});
		for (const symbol of ["A", "B", "C"]) {
			const params = await signedParams({ symbol });
			client.session.receive(JSON.stringify({ id: symbol, method: "trade.do", params }));
		}
		await allBegun;
		expect(begun).toEqual(["A", "B", "C"]);
		for (const run of finish.reverse()) run();
		await client.until(3);
		expect(client.replies.map(({ id }) => id)).toEqual(["C", "B", "A"]);
	});
});

describe("sessions", () => {
	test("logon, then calls without key or signature, then logout", async () => {
		const reply = await logOn();
		const now = services.time.now;
		expect(reply.result).toEqual({
			apiKey: ED_KEY,
			authorizedSince: now,
			connectedSince: now,
			returnRateLimits: true,
			serverTime: now,
			userDataStream: false,
		});
		expect((await client.ask("mine", { timestamp: now })).result).toEqual({ userId: 8 });
		expect((await client.ask("keyed")).result).toEqual({ userId: 8, apiKey: ED_KEY });
		expect((await client.ask("mine", {})).error?.code).toBe(-1102);
		expect((await client.ask("mine", { timestamp: 1 })).error?.code).toBe(-1021);
		expect((await client.ask("session.logout")).result.apiKey).toBeNull();
		expect((await client.ask("mine", { timestamp: now })).error?.code).toBe(-2014);
	});

	test("what is sent right behind a logon counts on it", async () => {
		await addEdKey();
		const params = await signedParams({}, edSign, ED_KEY);
		client.session.receive(JSON.stringify({ id: 1, method: "session.logon", params }));
		const next = { timestamp: services.time.now };
		client.session.receive(JSON.stringify({ id: 2, method: "mine", params: next }));
		await client.until(2);
		expect(client.replies.map(({ status }) => status)).toEqual([200, 200]);
	});

	test("only Ed25519 logs on, and only with a true signature", async () => {
		addKey(services);
		expect((await client.ask("session.logon", await signedParams())).error?.code).toBe(-4056);
		await addEdKey();
		const params = {
			...(await signedParams({}, edSign, ED_KEY)),
			timestamp: services.time.now - 1,
		};
		expect((await client.ask("session.logon", params)).error?.code).toBe(-1022);
		expect((await client.ask("session.status")).result.apiKey).toBeNull();
	});

	test("a key and signature of its own go before the session's", async () => {
		await logOn();
		addKey(services);
		expect((await client.ask("mine", await signedParams())).result).toEqual({ userId: 7 });
	});

	test("a revoked key: told with id null, and the session is nobody's", async () => {
		await logOn();
		await client.ask("mine", { timestamp: services.time.now });
		await services.users.revokeKey(8, 2);
		services.pubsub.publish(keyChanges, { apiKey: ED_KEY });
		const reply = await client.ask("mine", { timestamp: services.time.now }, 5);
		expect(reply).toMatchObject({ id: null, status: 401, error: { code: -2015 } });
		expect((await client.ask("session.status")).result.apiKey).toBeNull();
	});

	test("a call of the session has no digest: there is no signature to send again", async () => {
		await logOn();
		let digest: unknown;
		trade = async (context) => {
			digest = context.caller.signatureDigest;
			return {};
		};
		await client.ask("trade.do", { timestamp: services.time.now });
		expect(digest).toBe("");
	});
});

describe("user data", () => {
	/** A deposit of one unit: the n-th event of its user. */
	function deposit(userId: number, n: number): UserEventMessage {
		const at = (evSeq: number) => ({ partition: 0, evSeq, n: 0 });
		return {
			userId,
			id: at(n),
			previous: n === 1 ? null : at(n - 1),
			ts: services.time.now,
			event: { kind: "balanceUpdate", assetId: 1, delta: 1n },
		};
	}

	beforeEach(() => {
		const asset = { assetId: 1, asset: "BTC", name: "Bitcoin", decimals: 8 };
		services.marketData.venue.assetById = () => asset;
	});

	async function subscribe(): Promise<Reply> {
		addKey(services);
		return await client.ask("userDataStream.subscribe.signature", await signedParams());
	}

	test("events come wrapped, after the answer, of this user only", async () => {
		services.keptEvents = [];
		const asked = subscribe();
		await Promise.resolve();
		expect((await asked).result).toEqual({ subscriptionId: 0 });
		services.pubsub.publish(userEvents, [deposit(7, 1), deposit(9, 1), deposit(7, 2)]);
		await client.until(3);
		expect(client.replies[1]).toMatchObject({ subscriptionId: 0, event: { e: "balanceUpdate" } });
		expect(client.replies).toHaveLength(3);
	});

	test("what happens while it opens comes after its answer", async () => {
		addKey(services);
		let resume: (events: readonly UserEventMessage[]) => void = () => undefined;
		const asked = new Promise<void>((wake) => {
			services.accounts = () =>
				({
					userEventsSince: () =>
						new Promise((resolve) => {
							resume = resolve;
							services.pubsub.publish(userEvents, [deposit(7, 1)]);
							wake();
						}),
				}) as never;
		});
		const params = await signedParams();
		client.session.receive(
			JSON.stringify({ id: 1, method: "userDataStream.subscribe.signature", params }),
		);
		await asked;
		resume([deposit(7, 1)]);
		await client.until(2);
		expect(client.replies[0]?.result).toEqual({ subscriptionId: 0 });
		expect(client.replies[1]?.event?.["e"]).toBe("balanceUpdate");
	});

	test("once per account; listed; given back one by one or all", async () => {
		await subscribe();
		const again = await client.ask("userDataStream.subscribe.signature", await signedParams());
		expect(again.error?.code).toBe(-2035);
		expect((await client.ask("session.subscriptions")).result).toEqual([{ subscriptionId: 0 }]);
		expect(
			(await client.ask("userDataStream.unsubscribe", { subscriptionId: 5 })).error?.code,
		).toBe(-2036);
		expect((await client.ask("userDataStream.unsubscribe", { subscriptionId: 0 })).result).toEqual(
			{},
		);
		expect((await client.ask("userDataStream.unsubscribe")).error?.code).toBe(-2036);
		services.pubsub.publish(userEvents, [deposit(7, 1)]);
		expect((await client.ask("session.subscriptions")).result).toEqual([]);
	});

	test("by the session's key, until logout", async () => {
		expect((await client.ask("userDataStream.subscribe")).status).toBe(401);
		await logOn();
		expect((await client.ask("userDataStream.subscribe")).result).toEqual({ subscriptionId: 0 });
		expect((await client.ask("session.status")).result.userDataStream).toBe(true);
		client.session.receive('{"id":9,"method":"session.logout"}');
		await client.until(6);
		expect(client.replies[4]?.event?.["e"]).toBe("eventStreamTerminated");
		services.pubsub.publish(userEvents, [deposit(8, 1)]);
		await client.ask("open");
		expect(client.replies.filter(({ event }) => event !== undefined)).toHaveLength(1);
	});

	test("a revoked key ends it, and says so", async () => {
		await subscribe();
		services.pubsub.publish(keyChanges, { apiKey: API_KEY });
		expect((await client.ask("session.subscriptions")).result).toHaveLength(1);
		await services.users.revokeKey(7, 1);
		services.pubsub.publish(keyChanges, { apiKey: API_KEY });
		await client.until(3);
		expect(client.replies[2]).toMatchObject({
			subscriptionId: 0,
			event: { e: "eventStreamTerminated" },
		});
	});

	test("a key whose revocation was not announced: all ends with the next request", async () => {
		await logOn();
		await client.ask("userDataStream.subscribe");
		await services.users.revokeKey(8, 2);
		services.time.advance(5_000);
		client.session.receive(`{"id":9,"method":"mine","params":{"timestamp":${services.time.now}}}`);
		await client.until(4);
		expect(client.replies[2]?.event?.["e"]).toBe("eventStreamTerminated");
		expect(client.replies[3]).toMatchObject({ id: null, status: 401 });
	});

	test("a hole that cannot be mended ends it, and says so", async () => {
		await subscribe();
		services.pubsub.publish(userEvents, [deposit(7, 1)]);
		services.keptEvents = null;
		services.pubsub.publish(userEvents, [deposit(7, 3)]);
		await client.until(3);
		expect(client.replies[2]?.event?.["e"]).toBe("eventStreamTerminated");
	});

	test("an event that no other follows is found by asking", async () => {
		await subscribe();
		services.pubsub.publish(userEvents, [deposit(7, 1)]);
		services.keptEvents = [deposit(7, 2)];
		services.time.advance(20_000);
		await client.until(3);
		expect(client.replies[2]?.event?.["e"]).toBe("balanceUpdate");
	});

	test("a closed connection gets nothing and holds nothing", async () => {
		await subscribe();
		client.session.closed();
		services.pubsub.publish(userEvents, [deposit(7, 1)]);
		expect(client.replies).toHaveLength(1);
		const metrics = await (await edge.fetch(new Request("http://h/metrics"), { ip: "" })).text();
		expect(metrics).toContain("edge_ws_api_connections 0");
	});
});

describe("connections", () => {
	test("cost two, and are limited", () => {
		start({ connectionsPer5Minutes: 2 });
		const connection = { ip: "1.2.3.4", query: "", headers: null };
		expect(edge.admitWsApi(connection)).toBeNull();
		expect(edge.admitWsApi(connection)).toBeNull();
		expect(edge.admitWsApi(connection)?.status).toBe(429);
	});

	test("a restart is announced, and a day is the longest life", async () => {
		services.time.advance(86_400_000);
		expect(client.replies[0]?.event?.["e"]).toBe("serverShutdown");
		expect(client.closedWith).toStartWith("1001");
		const other = new Client(edge);
		edge.close();
		expect(other.replies[0]?.event?.["e"]).toBe("serverShutdown");
		expect(other.closedWith).toBe("1001 server shutdown");
	});
});
