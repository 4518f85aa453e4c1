/** Secrets go through every door of the exchange; none of them is in its log or its files. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ApiClient, queryOf } from "./testing/api-client.ts";
import { appCode } from "./testing/app-code.ts";
import { Person } from "./testing/person.ts";
import { KEY_FILE, RunningExchange } from "./testing/running-exchange.ts";
import { StreamClient } from "./testing/stream-client.ts";
import { openWsApi, signedParams } from "./testing/ws-api-client.ts";

/** With servers of its own where it has servers: their files are searched too. */
const exchange = new RunningExchange({ LOG_ONE_IN: "1", SERVERS: "" });
/** What nobody may find, and what it is. */
const secrets = new Map<string, string>();
const email = `secretive-${crypto.randomUUID()}@example.com`;
let apiKey = "";

beforeAll(async () => {
	await exchange.start();
});
afterAll(() => exchange.dispose());

function keep(what: string, secret: string): string {
	expect(secret.length).toBeGreaterThan(15);
	secrets.set(secret, what);
	return secret;
}

test("people and their keys", async () => {
	const person = new Person(exchange.url);
	const password = keep("password", "the password of this very test");
	await person.signUp(email, password);
	await person.signIn(email, keep("wrong password", "no password of this very test"));
	const { status } = await person.signIn(email, password);
	expect(status).toBe(200);
	keep("session token by cookie", person.cookie.split("=")[1] ?? "");
	const { body } = await person.signIn(email, password, { bearer: true });
	keep("session token by bearer", body.token);
	const headers = { authorization: `Bearer ${body.token}`, cookie: "" };
	const wanted = { password, type: "hmac", label: "bot", scopes: ["read", "trade"] };
	const made = await person.call("POST", "/auth/api-keys", wanted, headers);
	apiKey = made.body.apiKey;
	keep("API secret", made.body.secret);
	// A second factor, and its codes right and wrong.
	const { body: totp } = await person.call("POST", "/auth/totp", { password }, headers);
	keep("TOTP secret", totp.secret);
	const code = appCode(totp.secret);
	const inForce = await person.call("POST", "/auth/totp/confirm", { code }, headers);
	keep("session token of after", inForce.body.token);
	for (const typed of inForce.body.recoveryCodes) {
		keep("recovery code", typed);
		keep("recovery code without its dashes", typed.replaceAll("-", ""));
	}
	const [recoveryCode] = inForce.body.recoveryCodes;
	expect((await person.signIn(email, password, { code: recoveryCode })).status).toBe(200);
	expect((await person.signIn(email, password, { code: recoveryCode })).status).toBe(401);
	expect((await person.signIn(email, password, { code: totp.secret })).status).toBe(401);
	// Bad input, in the hope that somebody writes it down.
	await person.call("POST", `/auth/sign-in?password=${encodeURIComponent(password)}`, {});
	await fetch(`${exchange.url}/auth/sign-in`, {
		method: "POST",
		headers: { "content-type": "application/json", origin: exchange.url },
		body: `{"email": "${email}", "password": "${password}"`,
	});
	// The operator's own command line, too.
	await exchange.operator(
		...["user", "create", "--email", `o-${email}`],
		...["--password", keep("password by the operator", "the operator chose this password")],
	);
});

test("signed calls, good and bad, over REST and WebSocket", async () => {
	const secret = [...secrets].find(([, what]) => what === "API secret")?.[0] ?? "";
	const api = new ApiClient(exchange.url, { apiKey, secret });
	const order = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC" };
	for (const price of ["100", "bad"]) {
		const query = queryOf({ ...order, quantity: "1", price, timestamp: Date.now() });
		const signature = keep(`signature of price ${price}`, api.sign(query));
		await api.send("POST", "/api/v3/order", `${query}&signature=${signature}`);
		await api.send("POST", "/api/v3/order", "", `${query}&signature=${signature}`);
	}
	const ws = await openWsApi(exchange.url);
	const params = signedParams({ apiKey, secret, keyId: 0 });
	keep("signature over WebSocket", String(params["signature"]));
	expect((await ws.ask("account.status", params)).status).toBe(200);
	await ws.ask("order.place", { ...params, price: "bad" });
	ws.send(`not even JSON ${params["signature"]}`);
	await ws.close();
	const { body } = await api.send("POST", "/api/v3/userDataStream", "");
	const listenKey = keep("listen key", body.listenKey);
	const stream = await StreamClient.open(exchange.url, `/ws/${listenKey}`);
	await stream.close();
	await api.send("PUT", "/api/v3/userDataStream", queryOf({ listenKey }));
});

test("the log has lines of all of that and none of the secrets", async () => {
	expect(statSync(join(exchange.dataDir, "operator.json")).mode & 0o777).toBe(0o600);
	const { token } = await Bun.file(join(exchange.dataDir, "operator.json")).json();
	keep("operator's token", token);
	const ready = await fetch(`${exchange.url}/metrics`);
	const metrics = await ready.text();
	expect(await exchange.stop()).toBe(0);
	const log = exchange.log();
	for (const line of log.trim().split("\n")) expect(JSON.parse(line)).toBeObject();
	for (const path of ["/auth/sign-in", "/api/v3/order", "/ws-api/v3"]) expect(log).toContain(path);
	// In a file of the data folder these must be, and nowhere else.
	const keys = readFileSync(join(exchange.dataDir, KEY_FILE), "utf8").match(/[0-9a-f]{64}/gi) ?? [];
	expect(keys.length).toBeGreaterThan(0);
	const ofVenue = keys.map((key) => [key, "a key of the venue's own"] as const);
	for (const [secret, what] of [...secrets, ...ofVenue]) {
		for (const [where, text] of [
			["log", log],
			["metrics", metrics],
			["printed", exchange.printed()],
		] as const) {
			expect([where, what, text.includes(secret)]).toEqual([where, what, false]);
		}
	}
});

test("no file of the data folder has one either, and what must be secret is ours alone", () => {
	const found = new Set<string>();
	for (const name of readdirSync(exchange.dataDir, { recursive: true, encoding: "utf8" })) {
		const content = readOr(join(exchange.dataDir, name));
		if (content === null) continue;
		if (content.includes(email)) found.add("the email, which shows that this search can find");
		for (const [secret, what] of secrets) {
			if (content.includes(secret)) found.add(`${what} in ${name}`);
		}
	}
	expect([...found]).toEqual(["the email, which shows that this search can find"]);
	expect(statSync(join(exchange.dataDir, KEY_FILE)).mode & 0o777).toBe(0o600);
});

/** null for folders and sockets. */
function readOr(file: string): Buffer | null {
	try {
		return readFileSync(file);
	} catch {
		return null;
	}
}
