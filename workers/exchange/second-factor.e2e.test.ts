/** A second factor through HTTP: put in force, kept over a restart, taken off by the operator, who also sets passwords. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ApiClient } from "./testing/api-client.ts";
import { appCode } from "./testing/app-code.ts";
import { Person } from "./testing/person.ts";
import { RunningExchange } from "./testing/running-exchange.ts";

const EMAIL = `ann-${crypto.randomUUID()}@example.com`;
const PASSWORD = "correct horse battery staple";
const exchange = new RunningExchange({ SIGN_UP: "1" });
/** Of the app. */
let secret = "";
/** The code that put it in force. */
let first = "";
let recoveryCodes: string[] = [];

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

const signedIn = async (more: object) => {
	const person = new Person(exchange.url);
	const { status, body } = await person.signIn(EMAIL, PASSWORD, more);
	return { person, status, body };
};

test("put in force by a first code, which ends the other sessions", async () => {
	const person = new Person(exchange.url);
	await person.signUp(EMAIL, PASSWORD);
	await person.signIn(EMAIL, PASSWORD);
	const other = await signedIn({});
	const started = await person.call("POST", "/auth/totp", { password: PASSWORD });
	secret = started.body.secret;
	expect(started.body.uri).toStartWith(`otpauth://totp/Castle:${encodeURIComponent(EMAIL)}?`);
	first = appCode(secret);
	const { status, body, set } = await person.call("POST", "/auth/totp/confirm", { code: first });
	expect([status, set.startsWith("__Host-session=")]).toEqual([200, true]);
	recoveryCodes = body.recoveryCodes;
	expect((await person.call("GET", "/auth/session")).body.totp).toBe(true);
	expect((await other.person.call("GET", "/auth/session")).status).toBe(401);
});

test("a restart keeps it, and what was used up", async () => {
	expect((await signedIn({ code: recoveryCodes[0] })).status).toBe(200);
	expect(await exchange.stop()).toBe(0);
	await exchange.start();
	for (const code of [undefined, first, recoveryCodes[0], appCode(secret, 3)]) {
		const { status, body } = await signedIn({ code });
		expect([status, body.code, body.msg]).toEqual([401, -1002, expect.stringMatching(/^code: /)]);
	}
	// The next one, also where the first was that of this very step.
	const { person, status } = await signedIn({ code: appCode(secret, 1) });
	expect(status).toBe(200);
	const wanted = { password: PASSWORD, type: "hmac", label: "bot", scopes: ["read"] };
	expect((await person.call("POST", "/auth/api-keys", wanted)).status).toBe(401);
	const code = recoveryCodes[1];
	const made = await person.call("POST", "/auth/api-keys", { ...wanted, code });
	expect(made.status).toBe(201);
	const api = new ApiClient(exchange.url, made.body);
	expect((await api.call("GET", "/api/v3/account")).status).toBe(200);
});

test("the operator takes it off: sessions end, and the password is enough", async () => {
	const { person, body } = await signedIn({ code: recoveryCodes[2] });
	const user = String(body.userId);
	await exchange.operator("user", "remove-totp", "--user", user);
	expect((await person.call("GET", "/auth/session")).status).toBe(401);
	const after = await signedIn({});
	expect((await after.person.call("GET", "/auth/session")).body.totp).toBe(false);
});

test("a password that the operator has set signs in, and the one before no longer", async () => {
	const { person, body } = await signedIn({});
	const wanted = ["--user", String(body.userId), "--password", "another horse battery"];
	await exchange.operator("user", "set-password", ...wanted);
	expect((await person.call("GET", "/auth/session")).status).toBe(401);
	expect((await signedIn({})).status).toBe(401);
	const { status } = await new Person(exchange.url).signIn(EMAIL, "another horse battery");
	expect(status).toBe(200);
});
