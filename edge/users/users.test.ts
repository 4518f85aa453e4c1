import { beforeEach, describe, expect, test } from "bun:test";
import { keyChanges } from "../../schemas/key-changes.ts";
import { KeyValueUnavailable } from "../../schemas/ports/key-value.ts";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { createEdge, type Edge } from "../app.ts";
import type { EdgeSettings } from "../settings.ts";
import { callAsPerson } from "../testing/call-as-person.ts";
import { fakeOperations } from "../testing/fake-operations.ts";
import { type FakeServices, fakeServices } from "../testing/fake-services.ts";

const PASSWORD = "correct horse battery";
const WHO = { email: "Ann@Example.com ", password: PASSWORD };
const PAGE = { origin: "http://castle.test" };

let services: FakeServices;
let edge: Edge;

function start(settings: Partial<EdgeSettings> = {}): void {
	services = fakeServices(settings);
	edge = createEdge(services, []);
}

beforeEach(() => start());

async function send(
	method: string,
	path: string,
	body: unknown = null,
	headers: Record<string, string> = PAGE,
	ip = "1.2.3.4",
) {
	const { text, ...answer } = await callAsPerson(edge, method, path, body, headers, ip);
	return { ...answer, body: JSON.parse(text) };
}

/** Signs up and in; the headers that carry the session. */
async function signedIn(bearer = false): Promise<Record<string, string>> {
	await send("POST", "/auth/sign-up", WHO);
	const answer = await send("POST", "/auth/sign-in", { ...WHO, bearer });
	if (bearer) return { authorization: `Bearer ${answer.body.token}` };
	return { ...PAGE, cookie: answer.headers.get("set-cookie")!.split(";")[0]! };
}

describe("signing up and in", () => {
	test("an account by its address in lower case, once", async () => {
		const first = await send("POST", "/auth/sign-up", WHO);
		expect(first.status).toBe(201);
		expect(first.body).toEqual({ userId: 1, email: "ann@example.com" });
		expect((await send("POST", "/auth/sign-up", { ...WHO, email: "ANN@example.com" })).status).toBe(
			409,
		);
	});

	test("passwords of 12 to 128 characters, real addresses", async () => {
		const tries: [string, string][] = [
			["a@b.cd", "x".repeat(11)],
			["a@b.cd", "x".repeat(129)],
			["a@b", PASSWORD],
			["nobody", PASSWORD],
		];
		for (const [email, password] of tries) {
			expect((await send("POST", "/auth/sign-up", { email, password })).status).toBe(400);
		}
		expect(services.users.users).toEqual([]);
	});

	test("closed to the public when so set", async () => {
		start({ signUpOpen: false });
		expect((await send("POST", "/auth/sign-up", WHO)).status).toBe(403);
	});

	test("the cookie is the browser's alone, and the token is stored hashed", async () => {
		await send("POST", "/auth/sign-up", WHO);
		const { headers, body } = await send("POST", "/auth/sign-in", WHO);
		const cookie = headers.get("set-cookie")!;
		expect(cookie).toMatch(
			/^__Host-session=[A-Za-z0-9]{43}; Path=\/; Max-Age=43200; HttpOnly; Secure; SameSite=Strict$/,
		);
		expect(body.token).toBeUndefined();
		const token = /=([^;]+)/.exec(cookie)![1]!;
		expect(JSON.stringify([...services.keyValue.entries])).not.toContain(token);
	});

	test("a wrong password and an unknown user get the same answer and the same work", async () => {
		await send("POST", "/auth/sign-up", WHO);
		const verified: string[] = [];
		const { verify } = services.passwords;
		services.passwords.verify = async (password, stored) => {
			verified.push(stored.slice(0, 9));
			return await verify(password, stored);
		};
		const wrong = await send("POST", "/auth/sign-in", { ...WHO, password: "wrong" });
		const unknown = await send("POST", "/auth/sign-in", { ...WHO, email: "no@body.com" });
		expect(wrong.status).toBe(401);
		expect(unknown.body).toEqual(wrong.body);
		expect(verified).toEqual(["hash of c", "$argon2id"]);
	});

	test("five wrong ones, then even the right one waits, known user or not", async () => {
		await send("POST", "/auth/sign-up", WHO);
		for (const email of [WHO.email, "no@body.com"]) {
			const attempt = { email, password: "wrong" };
			for (let i = 0; i < 5; i++) {
				expect((await send("POST", "/auth/sign-in", attempt)).status).toBe(401);
			}
			const refused = await send("POST", "/auth/sign-in", { email, password: PASSWORD });
			expect(refused.status).toBe(429);
			expect(refused.headers.get("retry-after")).toBe("300");
		}
		services.time.advance(300_000);
		expect((await send("POST", "/auth/sign-in", WHO)).status).toBe(200);
	});

	test("attempts at the same time do not get around the bound", async () => {
		await send("POST", "/auth/sign-up", WHO);
		const attempts = Array.from({ length: 9 }, () =>
			send("POST", "/auth/sign-in", { ...WHO, password: "wrong" }),
		);
		const statuses = (await Promise.all(attempts)).map(({ status }) => status).sort();
		expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429]);
	});

	test("a right one forgets the wrong ones before it", async () => {
		await send("POST", "/auth/sign-up", WHO);
		for (let round = 0; round < 3; round++) {
			for (let i = 0; i < 4; i++) {
				await send("POST", "/auth/sign-in", { ...WHO, password: "wrong" });
			}
			expect((await send("POST", "/auth/sign-in", WHO)).status).toBe(200);
		}
	});

	test("an address has a bound over all accounts", async () => {
		start({ signInsPerIp: 3 });
		for (let i = 0; i < 3; i++) {
			const attempt = { email: `a${i}@b.cd`, password: "wrong" };
			expect((await send("POST", "/auth/sign-in", attempt)).status).toBe(401);
		}
		const attempt = { email: "z@b.cd", password: "wrong" };
		expect((await send("POST", "/auth/sign-in", attempt)).status).toBe(429);
		expect((await send("POST", "/auth/sign-in", attempt, PAGE, "5.5.5.5")).status).toBe(401);
	});

	test("accounts are opened within the same bound", async () => {
		start({ signInsPerIp: 2 });
		const open = (n: number, ip?: string) =>
			send("POST", "/auth/sign-up", { email: `a${n}@b.cd`, password: PASSWORD }, PAGE, ip);
		expect([(await open(1)).status, (await open(2)).status]).toEqual([201, 201]);
		expect((await open(3)).status).toBe(429);
		expect((await send("POST", "/auth/sign-in", WHO)).status).toBe(429);
		expect((await open(3, "5.5.5.5")).status).toBe(201);
	});

	test("nobody signs in when the counters are away", async () => {
		await send("POST", "/auth/sign-up", WHO);
		services.keyValue.increment = async () => {
			throw new Error("cache away");
		};
		expect((await send("POST", "/auth/sign-in", WHO)).status).toBe(500);
	});
});

describe("sessions", () => {
	test("by cookie and by bearer token", async () => {
		const cookie = await signedIn();
		expect((await send("GET", "/auth/session", null, cookie)).body.email).toBe("ann@example.com");
		const bearer = await signedIn(true);
		expect((await send("GET", "/auth/session", null, bearer)).body.userId).toBe(1);
		expect((await send("GET", "/auth/session")).status).toBe(401);
	});

	test("end after half an hour of nothing, not before", async () => {
		const session = await signedIn();
		services.time.advance(1_799_999);
		expect((await send("GET", "/auth/session", null, session)).status).toBe(200);
		services.time.advance(1_799_999);
		expect((await send("GET", "/auth/session", null, session)).status).toBe(200);
		services.time.advance(1_800_000);
		expect((await send("GET", "/auth/session", null, session)).status).toBe(401);
	});

	test("of a clock that was an hour ahead does not end while it is used", async () => {
		services.time.wrongMs = 3_600_000;
		const session = await signedIn();
		services.time.wrongMs = 0;
		for (let minutes = 0; minutes < 60; minutes += 20) {
			expect((await send("GET", "/auth/session", null, session)).status).toBe(200);
			services.time.advance(1_200_000);
		}
	});

	test("end after twelve hours, however busy", async () => {
		const session = await signedIn();
		for (let minutes = 0; minutes < 720; minutes += 20) {
			expect((await send("GET", "/auth/session", null, session)).status).toBe(200);
			services.time.advance(1_200_000);
		}
		expect((await send("GET", "/auth/session", null, session)).status).toBe(401);
	});

	test("end in time even when the store forgets nothing", async () => {
		for (const waits of [[1_800_000], Array<number>(24).fill(1_799_999)]) {
			start();
			const session = await signedIn();
			for (const ms of waits) {
				await send("GET", "/auth/session", null, session);
				for (const entry of services.keyValue.entries.values()) entry.untilMs = Infinity;
				services.time.advance(ms);
			}
			await send("GET", "/auth/session", null, session);
			services.time.advance(waits.length);
			expect((await send("GET", "/auth/session", null, session)).status).toBe(401);
		}
	});

	test("sign-out ends it, and signing in again ends the one before", async () => {
		const first = await signedIn();
		const again = await send("POST", "/auth/sign-in", WHO, first);
		const second = { ...PAGE, cookie: again.headers.get("set-cookie")!.split(";")[0]! };
		expect((await send("GET", "/auth/session", null, first)).status).toBe(401);
		const out = await send("POST", "/auth/sign-out", null, second);
		expect(out.headers.get("set-cookie")).toContain("__Host-session=; Path=/; Max-Age=0");
		expect((await send("GET", "/auth/session", null, second)).status).toBe(401);
	});
});

describe("requests that another site may have caused", () => {
	test("a cookie alone changes nothing", async () => {
		const { cookie } = await signedIn();
		const sent = { cookie: cookie! };
		expect((await send("POST", "/auth/sign-out", null, sent)).status).toBe(403);
		const elsewhere = { ...sent, origin: "https://evil.test" };
		expect((await send("POST", "/auth/sign-out", null, elsewhere)).status).toBe(403);
		expect((await send("POST", "/auth/sign-out", null, { ...sent, origin: "null" })).status).toBe(
			403,
		);
		expect((await send("GET", "/auth/session", null, sent)).status).toBe(200);
		const script = { ...sent, "x-requested-with": "script" };
		expect((await send("POST", "/auth/sign-out", null, script)).status).toBe(200);
	});

	test("a bearer token is no cookie", async () => {
		const bearer = await signedIn(true);
		expect((await send("POST", "/auth/sign-out", null, bearer)).status).toBe(200);
	});

	test("a body that a form can send is refused", async () => {
		const request = new Request("http://castle.test/auth/sign-in", {
			method: "POST",
			headers: { "content-type": "text/plain" },
			body: JSON.stringify(WHO),
		});
		expect((await edge.fetch(request, { ip: "1.2.3.4" })).status).toBe(415);
	});

	test("broken JSON is 400", async () => {
		const request = new Request("http://castle.test/auth/sign-in", {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: "{",
		});
		expect((await edge.fetch(request, { ip: "1.2.3.4" })).status).toBe(400);
	});
});

describe("API keys", () => {
	const HMAC = { password: PASSWORD, type: "hmac", label: "bot", scopes: ["read", "trade"] };

	test("an hmac key shows its secret once, and stores it sealed", async () => {
		const session = await signedIn();
		const made = await send("POST", "/auth/api-keys", HMAC, session);
		expect(made.status).toBe(201);
		expect(made.body.apiKey).toMatch(/^[A-Za-z0-9]{64}$/);
		expect(made.body.secret).toMatch(/^[A-Za-z0-9]{64}$/);
		expect(services.users.keys[0]?.material).toBe(`sealed ${made.body.secret}`);
		const listed = await send("GET", "/auth/api-keys", null, session);
		expect(listed.body).toHaveLength(1);
		expect(JSON.stringify(listed.body)).not.toContain(made.body.secret);
	});

	test("a body that lacks a member, or is no object, is told so", async () => {
		const session = await signedIn();
		const { label: _label, ...unnamed } = HMAC;
		for (const [body, msg] of [
			[unnamed, "label: must be sent"],
			[{}, "password: must be sent"],
			["hmac", "The body must be a JSON object."],
			[{ ...HMAC, label: 7 }, "label: must be a text"],
		] as const) {
			const { status, body: answer } = await send("POST", "/auth/api-keys", body, session);
			expect({ status, ...answer }).toEqual({ status: 400, code: -1130, msg });
		}
	});

	test("who has a session and not the password makes none; guesses count as at sign-in", async () => {
		const session = await signedIn();
		const { password: _password, ...unproven } = HMAC;
		expect((await send("POST", "/auth/api-keys", unproven, session)).status).toBe(400);
		const wrong = { ...HMAC, password: "wrong" };
		for (let i = 0; i < 5; i++) {
			const { status, body } = await send("POST", "/auth/api-keys", wrong, session);
			expect([status, body]).toEqual([401, { code: -1002, msg: "Wrong password." }]);
		}
		expect((await send("POST", "/auth/api-keys", HMAC, session)).status).toBe(429);
		expect(services.users.keys).toEqual([]);
	});

	test("an ed25519 key is given as PEM, and must be one", async () => {
		const session = await signedIn();
		const pair = (await crypto.subtle.generateKey("Ed25519", true, [
			"sign",
			"verify",
		])) as CryptoKeyPair;
		const der = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
		const base64 = btoa(String.fromCharCode(...der));
		const publicKey = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----`;
		const wanted = { ...HMAC, type: "ed25519" };
		expect((await send("POST", "/auth/api-keys", wanted, session)).status).toBe(400);
		expect(
			(await send("POST", "/auth/api-keys", { ...wanted, type: "rsa", publicKey }, session)).status,
		).toBe(400);
		expect((await send("POST", "/auth/api-keys", { ...HMAC, publicKey }, session)).status).toBe(
			400,
		);
		const made = await send("POST", "/auth/api-keys", { ...wanted, publicKey }, session);
		expect(made.status).toBe(201);
		expect(made.body.secret).toBeUndefined();
	});

	test("the right to withdraw only from named addresses", async () => {
		const session = await signedIn();
		const wanted = { ...HMAC, scopes: ["withdraw"] };
		expect((await send("POST", "/auth/api-keys", wanted, session)).status).toBe(400);
		const bound = { ...wanted, ips: ["1.2.3.4"] };
		expect((await send("POST", "/auth/api-keys", bound, session)).status).toBe(201);
		expect((await send("POST", "/auth/api-keys", { ...bound, ips: ["x"] }, session)).status).toBe(
			400,
		);
	});

	test("revoking tells the account worker, then everyone, then the user", async () => {
		const session = await signedIn();
		const { body } = await send("POST", "/auth/api-keys", HMAC, session);
		services.pubsub.subscribe(keyChanges, ({ apiKey }) => {
			services.accountCalls.push(`changed ${apiKey === body.apiKey}`);
		});
		const path = `/auth/api-keys?keyId=${body.keyId}`;
		expect((await send("DELETE", path, null, session)).body.revoked).toBe(true);
		expect(services.accountCalls).toEqual(["raise 1 to 2", "changed true", "no listen key of 1"]);
		const actions = services.audit.records.map(({ action }) => action);
		expect(actions).toEqual(["user.create", "login", "key.create", "key.revoke"]);
	});

	test("its edge forgets a revoked key at once, whenever pub/sub tells", async () => {
		edge = createEdge(
			services,
			fakeOperations(async () => ({})),
		);
		const session = await signedIn();
		const { body } = await send("POST", "/auth/api-keys", HMAC, session);
		const used = () => send("POST", "/api/v3/keyed", null, { "x-mbx-apikey": body.apiKey });
		expect((await used()).status).toBe(200);
		services.pubsub.publish = () => {};
		await send("DELETE", `/auth/api-keys?keyId=${body.keyId}`, null, session);
		const { status, body: refused } = await used();
		expect([status, refused.code]).toEqual([401, -2015]);
	});

	test("a revocation does not wait for the store of listen keys", async () => {
		const session = await signedIn();
		const { body } = await send("POST", "/auth/api-keys", HMAC, session);
		services.listenKeys = {
			...services.listenKeys,
			closeOf: () => Promise.reject(new KeyValueUnavailable("away")),
		};
		const path = `/auth/api-keys?keyId=${body.keyId}`;
		expect((await send("DELETE", path, null, session)).body.revoked).toBe(true);
		expect(services.accountCalls).toEqual(["raise 1 to 2"]);
		expect(services.logger.lines.map(({ message }) => message)).toContain(
			"a listen key lives on after a revocation: revoke the key again",
		);
	});

	test("a revocation whose account worker is away is in the audit log, once", async () => {
		const session = await signedIn();
		const { body } = await send("POST", "/auth/api-keys", HMAC, session);
		const path = `/auth/api-keys?keyId=${body.keyId}`;
		const { accounts } = services;
		services.accounts = () =>
			({ raiseKeyGeneration: () => Promise.reject(new Error("away")) }) as never;
		expect((await send("DELETE", path, null, session)).status).toBe(500);
		services.accounts = accounts;
		expect((await send("DELETE", path, null, session)).status).toBe(200);
		const actions = services.audit.records.map(({ action }) => action);
		expect(actions).toEqual(["user.create", "login", "key.create", "key.revoke"]);
	});

	test("a revocation whose entry or answer was lost is in the audit log when it is said again, once", async () => {
		const session = await signedIn();
		const { append, appendOnce } = services.audit;
		const { revokeKey } = services.users;
		const lost = () => Promise.reject(new LedgerUnavailable("no answer"));
		const doneButLost: typeof revokeKey = async (...of) => {
			await revokeKey.apply(services.users, of);
			return lost();
		};
		for (const lose of [
			() => Object.assign(services.audit, { append: lost, appendOnce: lost }),
			() => Object.assign(services.users, { revokeKey: doneButLost }),
		]) {
			const { body } = await send("POST", "/auth/api-keys", HMAC, session);
			const path = `/auth/api-keys?keyId=${body.keyId}`;
			lose();
			expect((await send("DELETE", path, null, session)).status).toBe(500);
			Object.assign(services.audit, { append, appendOnce });
			Object.assign(services.users, { revokeKey });
			for (let n = 0; n < 2; n += 1) {
				expect((await send("DELETE", path, null, session)).status).toBe(200);
			}
		}
		const revoked = services.audit.records.filter(({ action }) => action === "key.revoke");
		expect(revoked.map(({ subject }) => subject)).toEqual(["key:1", "key:2"]);
	});

	test("revoking again finishes what failed before; another's key is a 404", async () => {
		const session = await signedIn();
		const { body } = await send("POST", "/auth/api-keys", HMAC, session);
		const path = `/auth/api-keys?keyId=${body.keyId}`;
		await services.users.revokeKey(1, body.keyId);
		expect((await send("DELETE", path, null, session)).status).toBe(200);
		expect(services.accountCalls).toEqual(["raise 1 to 2", "no listen key of 1"]);
		services.users.keys.push({ ...services.users.keys[0]!, keyId: 99, userId: 5, revoked: false });
		expect((await send("DELETE", "/auth/api-keys?keyId=99", null, session)).status).toBe(404);
		expect((await send("DELETE", "/auth/api-keys?keyId=x", null, session)).status).toBe(400);
	});

	test("a frozen user makes none", async () => {
		const session = await signedIn();
		services.users.users[0] = { ...services.users.users[0]!, frozen: true };
		expect((await send("POST", "/auth/api-keys", HMAC, session)).status).toBe(403);
		expect(services.users.keys).toEqual([]);
	});

	test("two made at once are no more keys than the setting says", async () => {
		start({ keysPerUser: 1 });
		const session = await signedIn();
		const both = Promise.withResolvers<void>();
		const { seal } = services.secretBox;
		let sealing = 0;
		services.secretBox.seal = async (text) => {
			sealing += 1;
			if (sealing === 2) both.resolve();
			await both.promise;
			return await seal(text);
		};
		const made = await Promise.all([
			send("POST", "/auth/api-keys", HMAC, session),
			send("POST", "/auth/api-keys", HMAC, session),
		]);
		expect(made.map(({ status }) => status).sort()).toEqual([201, 400]);
		expect(services.users.keys).toHaveLength(1);
	});

	test("making and revoking have bounds, each its own, with a time to wait", async () => {
		start({ keysPerUser: 2 });
		const session = await signedIn();
		const make = () => send("POST", "/auth/api-keys", HMAC, session);
		const revoke = (keyId: number) =>
			send("DELETE", `/auth/api-keys?keyId=${keyId}`, null, session);
		for (let n = 1; n <= 30; n++) {
			expect((await make()).status).toBe(201);
			expect((await revoke(n)).status).toBe(200);
		}
		const refused = await make();
		expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "300"]);
		for (let n = 30; n < 100; n++) expect((await revoke(1)).status).toBe(200);
		expect((await revoke(1)).status).toBe(429);
		services.time.advance(300_000);
		expect((await make()).status).toBe(201);
	});

	test("as many keys as the setting says", async () => {
		start({ keysPerUser: 1 });
		const session = await signedIn();
		expect((await send("POST", "/auth/api-keys", HMAC, session)).status).toBe(201);
		expect((await send("POST", "/auth/api-keys", HMAC, session)).status).toBe(400);
		expect((await send("POST", "/auth/api-keys", HMAC)).status).toBe(401);
	});
});
