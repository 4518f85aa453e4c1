/** People: accounts, sessions and API keys through HTTP, and what a stranger can learn. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { ApiClient } from "./testing/api-client.ts";
import { Person } from "./testing/person.ts";
import { RunningExchange } from "./testing/running-exchange.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import { signatureOf } from "./testing/ws-api-client.ts";

const PASSWORD = "correct horse battery staple";
const exchange = new RunningExchange({ SIGN_UP: "1" });
const markets = new TestMarkets(exchange);

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

const newEmail = () => `person-${crypto.randomUUID()}@example.com`;

/** Somebody who has signed up and in. */
async function signedIn() {
	const person = new Person(exchange.url);
	const email = newEmail();
	const { body } = await person.signUp(email, PASSWORD);
	expect((await person.signIn(email, PASSWORD)).status).toBe(200);
	return { person, email, userId: body.userId as number };
}

const SHOWN = { type: "hmac", label: "bot", scopes: ["read", "trade"] };
const HMAC = { ...SHOWN, password: PASSWORD };

describe("sign-up and sign-in", () => {
	test("an account, then a session by cookie, until sign-out", async () => {
		const person = new Person(exchange.url);
		const email = newEmail();
		const opened = await person.signUp(email.toUpperCase(), PASSWORD);
		expect([opened.status, opened.body]).toEqual([201, { userId: opened.body.userId, email }]);
		expect(opened.set).toBe("");
		expect((await person.call("GET", "/auth/session")).status).toBe(401);
		const inside = await person.signIn(email, PASSWORD);
		expect(inside.set).toMatch(
			/^__Host-session=[A-Za-z0-9]{43}; Path=\/; Max-Age=43200; HttpOnly; Secure; SameSite=Strict$/,
		);
		expect(Object.keys(inside.body)).toEqual(["userId", "email", "endsAt"]);
		const session = await person.call("GET", "/auth/session");
		expect(session.body).toEqual({ ...inside.body, frozen: false, totp: false });
		const old = person.cookie;
		expect((await person.call("POST", "/auth/sign-out")).set).toContain("Max-Age=0");
		person.cookie = old;
		expect((await person.call("GET", "/auth/session")).status).toBe(401);
	});

	test("by bearer token", async () => {
		const { email } = await signedIn();
		const person = new Person(exchange.url);
		const { body, set } = await person.signIn(email, PASSWORD, { bearer: true });
		expect([set, body.token]).toEqual(["", expect.stringMatching(/^[A-Za-z0-9]{43}$/)]);
		const headers = { authorization: `Bearer ${body.token}` };
		expect((await person.call("GET", "/auth/session", undefined, headers)).body.email).toBe(email);
	});

	test("a wrong password and an unknown account get the same answer, in the same time", async () => {
		const { email } = await signedIn();
		const person = new Person(exchange.url);
		const timed = async (address: string) => {
			const startedAt = performance.now();
			const { status, body, set } = await person.signIn(address, "not the password at all");
			return { answer: [status, body, set], ms: performance.now() - startedAt };
		};
		const told = [401, { code: -1002, msg: "Wrong email or password." }, ""];
		const known: number[] = [];
		const unknown: number[] = [];
		for (let i = 0; i < 3; i += 1) {
			const wrong = await timed(email);
			const nobody = await timed(newEmail());
			expect([wrong.answer, nobody.answer]).toEqual([told, told]);
			known.push(wrong.ms);
			unknown.push(nobody.ms);
		}
		// Both pay for one argon2id: without it an answer takes a millisecond or two.
		expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 3);
	});

	test("after five wrong ones an account waits, also for the right one", async () => {
		const { email } = await signedIn();
		const person = new Person(exchange.url);
		for (let i = 0; i < 5; i += 1) {
			expect((await person.signIn(email, `wrong password ${i}`)).status).toBe(401);
		}
		const { status, body } = await person.signIn(email, PASSWORD);
		expect([status, body.code]).toEqual([429, -1003]);
	});

	test("a taken address, a short password, no address, no JSON", async () => {
		const { email } = await signedIn();
		const person = new Person(exchange.url);
		expect((await person.signUp(email, PASSWORD)).status).toBe(409);
		for (const [address, password] of [
			[newEmail(), "short"],
			["nobody", PASSWORD],
			["", PASSWORD],
		] as const) {
			const { status, body } = await person.signUp(address, password);
			expect([status, body.code]).toEqual([400, -1130]);
			expect(JSON.stringify(body)).not.toContain(PASSWORD);
		}
		const response = await fetch(`${exchange.url}/auth/sign-in`, {
			method: "POST",
			headers: { "content-type": "text/plain", origin: exchange.url },
			body: "{}",
		});
		expect(response.status).toBe(415);
	});

	test("another site's page gets nowhere", async () => {
		const { person } = await signedIn();
		const origin = { origin: "https://elsewhere.example" };
		const { status, body } = await person.call("POST", "/auth/api-keys", HMAC, origin);
		expect([status, body.code]).toEqual([403, -1002]);
		expect((await person.call("GET", "/auth/api-keys")).body).toEqual([]);
	});
});

describe("API keys", () => {
	/** One for several tests: making a key counts among the sign-ins of an address. */
	let maker: Person;
	beforeAll(async () => {
		maker = (await signedIn()).person;
	});

	test("made, listed without their secret, used, revoked", async () => {
		const { person, userId } = await signedIn();
		await markets.operator("deposit", {
			...{ user: String(userId), asset: "USDT", amount: "1000", id: "first" },
		});
		const made = await person.call("POST", "/auth/api-keys", HMAC);
		expect(made.status).toBe(201);
		const { secret, ...shown } = made.body;
		expect([secret, shown.apiKey]).toEqual([
			expect.stringMatching(/^[A-Za-z0-9]{64}$/),
			expect.stringMatching(/^[A-Za-z0-9]{64}$/),
		]);
		expect(shown).toMatchObject({ ...SHOWN, ips: [], revoked: false });
		expect((await person.call("GET", "/auth/api-keys")).body).toEqual([shown]);
		const api = new ApiClient(exchange.url, made.body);
		const account = await api.call("GET", "/api/v3/account", { omitZeroBalances: "true" });
		expect(account.body).toMatchObject({
			...{ uid: userId, canTrade: true, accountType: "SPOT" },
			balances: [{ asset: "USDT", free: "1000.00000000", locked: "0.00000000" }],
		});
		const revoked = await person.call("DELETE", `/auth/api-keys?keyId=${shown.keyId}`);
		expect([revoked.status, revoked.body]).toEqual([200, { ...shown, revoked: true }]);
		const after = await api.call("GET", "/api/v3/account");
		expect([after.status, after.body.code]).toEqual([401, -2015]);
		expect((await person.call("GET", "/auth/api-keys")).body).toEqual([
			{ ...shown, revoked: true },
		]);
	});

	test("with a public key of one's own", async () => {
		const pair = generateKeyPairSync("ed25519", {
			publicKeyEncoding: { type: "spki", format: "pem" },
			privateKeyEncoding: { type: "pkcs8", format: "pem" },
		});
		const { publicKey } = pair;
		const wanted = { ...HMAC, type: "ed25519", label: "own", scopes: ["read"], publicKey };
		const made = await maker.call("POST", "/auth/api-keys", wanted);
		expect([made.status, made.body.secret]).toEqual([201, undefined]);
		const query = `timestamp=${Date.now()}`;
		const key = { ...made.body, secret: "", privateKey: pair.privateKey };
		const signature = encodeURIComponent(signatureOf(key, query));
		const response = await fetch(`${exchange.url}/api/v3/account?${query}&signature=${signature}`, {
			headers: { "X-MBX-APIKEY": made.body.apiKey },
		});
		expect(response.status).toBe(200);
		const bad = await maker.call("POST", "/auth/api-keys", { ...wanted, publicKey: "no key" });
		expect([bad.status, bad.body.code]).toEqual([400, -1130]);
	});

	test("bound to an address that is not ours, and the right to withdraw without any", async () => {
		const bound = await maker.call("POST", "/auth/api-keys", { ...HMAC, ips: ["192.0.2.7"] });
		const api = new ApiClient(exchange.url, bound.body);
		expect((await api.call("GET", "/api/v3/account")).body.code).toBe(-2015);
		const unbound = await maker.call("POST", "/auth/api-keys", { ...HMAC, scopes: ["withdraw"] });
		expect([unbound.status, unbound.body.code]).toEqual([400, -1130]);
	});

	test("a label that PostgreSQL cannot keep is refused, and the exchange goes on", async () => {
		for (const label of ["a\u0000b", "a\ud800"]) {
			const refused = await maker.call("POST", "/auth/api-keys", { ...HMAC, label });
			expect([label, refused.status]).toEqual([label, 400]);
		}
		expect((await maker.call("POST", "/auth/api-keys", HMAC)).status).toBe(201);
	});

	test("nobody sees or revokes somebody else's", async () => {
		const { person } = await signedIn();
		const { body: key } = await person.call("POST", "/auth/api-keys", HMAC);
		const other = await signedIn();
		expect((await other.person.call("GET", "/auth/api-keys")).body).toEqual([]);
		const theirs = await other.person.call("DELETE", `/auth/api-keys?keyId=${key.keyId}`);
		expect([theirs.status, theirs.body.code]).toEqual([404, -1130]);
		const api = new ApiClient(exchange.url, key);
		expect((await api.call("GET", "/api/v3/account")).status).toBe(200);
		for (const [method, path] of [
			["GET", "/auth/api-keys"],
			["POST", "/auth/api-keys"],
			["DELETE", "/auth/api-keys?keyId=1"],
		] as const) {
			const body = method === "POST" ? HMAC : undefined;
			expect((await new Person(exchange.url).call(method, path, body)).status).toBe(401);
		}
	});
});

test("frozen: seen in the session, no new keys, no trading; sign-in goes on", async () => {
	const { person, email, userId } = await signedIn();
	const { body: key } = await person.call("POST", "/auth/api-keys", HMAC);
	await markets.operator("user freeze", { user: String(userId) });
	expect((await person.call("GET", "/auth/session")).body.frozen).toBe(true);
	const refused = await person.call("POST", "/auth/api-keys", HMAC);
	expect([refused.status, refused.body.code]).toEqual([403, -1002]);
	expect((await person.signIn(email, PASSWORD)).status).toBe(200);
	const api = new ApiClient(exchange.url, key);
	expect((await api.call("GET", "/api/v3/account")).body).toMatchObject({ canTrade: false });
	const order = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC" };
	const placed = await api.call("POST", "/api/v3/order", { ...order, quantity: "1", price: "100" });
	expect(placed.body).toEqual({ code: -2010, msg: "This action is disabled on this account." });
	await markets.operator("user unfreeze", { user: String(userId) });
	expect((await person.call("POST", "/auth/api-keys", HMAC)).status).toBe(201);
});

test("sign-up closed by its setting", async () => {
	const closed = new RunningExchange({ SIGN_UP: "0" });
	try {
		await closed.start();
		const { status, body } = await new Person(closed.url).signUp(newEmail(), PASSWORD);
		expect([status, body.code]).toEqual([403, -1002]);
	} finally {
		await closed.dispose();
	}
});
