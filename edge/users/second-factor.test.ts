import { beforeEach, describe, expect, test } from "bun:test";
import { Secret, TOTP } from "otpauth";
import { createEdge, type Edge } from "../app.ts";
import { callAsPerson } from "../testing/call-as-person.ts";
import { type FakeServices, fakeServices } from "../testing/fake-services.ts";

const PASSWORD = "correct horse battery";
const WHO = { email: "ann@example.com", password: PASSWORD };
const STEP_MS = 30_000;
const HERE = "1.2.3.4";

type Headers = Record<string, string>;

let services: FakeServices;
let edge: Edge;

beforeEach(async () => {
	services = fakeServices();
	edge = createEdge(services, []);
	await send("POST", "/auth/sign-up", WHO);
});

async function send(
	method: string,
	path: string,
	body: unknown = null,
	headers: Headers = {},
	ip = HERE,
) {
	const { text, ...answer } = await callAsPerson(edge, method, path, body, headers, ip);
	return { ...answer, body: JSON.parse(text) };
}

const post = (path: string, body: object, session: Headers) => send("POST", path, body, session);
const signIn = (more: object = {}, ip = HERE) =>
	send("POST", "/auth/sign-in", { ...WHO, bearer: true, ...more }, {}, ip);
const bearer = ({ body }: { body: { token: string } }) => ({
	authorization: `Bearer ${body.token}`,
});
const session = async (more: object = {}) => bearer(await signIn(more));
const seen = (headers: Headers) => send("GET", "/auth/session", null, headers);
const actions = () => services.audit.records.map(({ action }) => action);

/** What the app shows so many steps from now. */
function codeOf(secret: string, steps = 0): string {
	const timestamp = services.clock.nowMs() + steps * STEP_MS;
	return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

/** Puts TOTP in force; the step of now is used up by it. */
async function withTotp() {
	const before = await session();
	const { body: started } = await post("/auth/totp", { password: PASSWORD }, before);
	const secret: string = started.secret;
	const answer = await post("/auth/totp/confirm", { code: codeOf(secret) }, before);
	expect(answer.status).toBe(200);
	const recoveryCodes: string[] = answer.body.recoveryCodes;
	return { secret, recoveryCodes, mine: bearer(answer), before, started, answer };
}

describe("TOTP", () => {
	test("is in force from its first code on: all sessions end, this one is replaced", async () => {
		const other = await session();
		const { secret, recoveryCodes, mine, before, started, answer } = await withTotp();
		expect(started).toEqual({ secret, uri: expect.stringMatching(/^otpauth:\/\/totp\/Castle:/) });
		expect(Object.keys(answer.body)).toEqual(["recoveryCodes", "endsAt", "token"]);
		expect(recoveryCodes).toHaveLength(10);
		expect([(await seen(before)).status, (await seen(other)).status]).toEqual([401, 401]);
		expect((await seen(mine)).body).toMatchObject({ totp: true });
		expect(actions()).toContain("totp.confirm");
		expect((await signIn()).body.msg).toBe(
			"code: must be sent: that of your app, or a recovery code",
		);
		services.time.advance(STEP_MS);
		expect((await signIn({ code: codeOf(secret) })).status).toBe(200);
	});

	test("is not in force before its first code, nor by a wrong one, nor too late", async () => {
		const mine = await session();
		expect((await post("/auth/totp/confirm", { code: "000000" }, mine)).status).toBe(409);
		const { body } = await post("/auth/totp", { password: PASSWORD }, mine);
		expect((await seen(mine)).body).toMatchObject({ totp: false });
		expect((await signIn()).status).toBe(200);
		for (const code of [codeOf(body.secret, 2), "", "ABCD-EFGH-IJKL-MNOP"]) {
			expect((await post("/auth/totp/confirm", { code }, mine)).status).toBe(401);
		}
		const guess = () => post("/auth/totp/confirm", { code: codeOf(body.secret, 2) }, mine);
		expect([(await guess()).status, (await guess()).status]).toEqual([401, 429]);
		services.time.advance(600_000);
		expect((await post("/auth/totp/confirm", { code: codeOf(body.secret) }, mine)).status).toBe(
			409,
		);
		expect((await signIn()).status).toBe(200);
	});

	test("asks for the password, and for a session", async () => {
		const mine = await session();
		for (const path of ["/auth/totp", "/auth/totp/remove"]) {
			expect((await post(path, { password: "wrong" }, mine)).status).toBe(401);
			expect((await post(path, {}, mine)).status).toBe(400);
			expect((await post(path, { password: PASSWORD }, {})).status).toBe(401);
		}
		expect((await post("/auth/totp/confirm", { code: "000000" }, {})).status).toBe(401);
		expect((await post("/auth/totp/remove", { password: PASSWORD }, mine)).status).toBe(409);
	});

	test("that is in force is not replaced, by two at once neither", async () => {
		const mine = await session();
		const { body } = await post("/auth/totp", { password: PASSWORD }, mine);
		const confirm = () => post("/auth/totp/confirm", { code: codeOf(body.secret) }, mine);
		const both = await Promise.all([confirm(), confirm()]);
		expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
		const next = bearer(both.find(({ status }) => status === 200)!);
		const again = await post("/auth/totp", { password: PASSWORD }, next);
		expect([again.status, again.body.msg]).toEqual([
			409,
			"TOTP is in force already: remove it first.",
		]);
	});

	test("is removed by password and code: all sessions end, this one is replaced", async () => {
		const { secret, mine } = await withTotp();
		services.time.advance(STEP_MS);
		const other = await session({ code: codeOf(secret) });
		const remove = (more: object) =>
			post("/auth/totp/remove", { password: PASSWORD, ...more }, mine);
		expect((await remove({})).status).toBe(401);
		expect((await remove({ code: codeOf(secret) })).status).toBe(401);
		services.time.advance(STEP_MS);
		expect((await remove({ code: codeOf(secret), password: "wrong" })).status).toBe(401);
		const answer = await remove({ code: codeOf(secret) });
		expect(answer.status).toBe(200);
		expect([(await seen(mine)).status, (await seen(other)).status]).toEqual([401, 401]);
		expect((await seen(bearer(answer))).body).toMatchObject({ totp: false });
		expect((await signIn()).status).toBe(200);
		expect(actions()).toContain("totp.remove");
		await withTotp();
	});

	test("is answered by a cookie where a cookie was sent", async () => {
		const { headers } = await signIn({ bearer: false });
		const cookie = headers.get("set-cookie")!.split(";")[0]!;
		const page = { cookie, origin: "http://castle.test" };
		const { body } = await post("/auth/totp", { password: PASSWORD }, page);
		const answer = await post("/auth/totp/confirm", { code: codeOf(body.secret) }, page);
		expect(answer.body.token).toBeUndefined();
		const next = answer.headers.get("set-cookie")!.split(";")[0]!;
		expect((await seen({ ...page, cookie: next })).body).toMatchObject({ totp: true });
	});

	test("put in force during a sign-in without a code leaves that sign-in without a session", async () => {
		const forget = services.keyValue.delete;
		const mine = await session();
		const { body } = await post("/auth/totp", { password: PASSWORD }, mine);
		// Between the look for a second factor and the session.
		services.keyValue.delete = async (key) => {
			services.keyValue.delete = forget;
			await services.keyValue.delete(key);
			await post("/auth/totp/confirm", { code: codeOf(body.secret) }, mine);
		};
		expect((await signIn()).status).toBe(401);
		expect(actions()).toContain("totp.confirm");
	});

	test("neither secret nor recovery codes are stored as they are, or told to anybody", async () => {
		const { secret, recoveryCodes } = await withTotp();
		const stored = JSON.stringify([...services.users.totps.values()]);
		expect(services.users.totps.get(1)?.sealedSecret).toBe(`sealed ${secret}`);
		for (const code of recoveryCodes) {
			expect(stored).not.toContain(code.replaceAll("-", ""));
			expect(stored).not.toContain(code);
		}
		const told = JSON.stringify([services.audit.records, services.logger.lines]);
		for (const text of [secret, ...recoveryCodes]) expect(told).not.toContain(text);
	});
});

describe("an app's code", () => {
	test("is taken one step either way, each step once, none after a later one", async () => {
		const { secret } = await withTotp();
		const tried = async (steps: number) => (await signIn({ code: codeOf(secret, steps) })).status;
		expect(await tried(0)).toBe(401);
		services.time.advance(10 * STEP_MS);
		expect([await tried(-2), await tried(2)]).toEqual([401, 401]);
		expect([await tried(-1), await tried(-1)]).toEqual([200, 401]);
		expect([await tried(1), await tried(1), await tried(0)]).toEqual([200, 401, 401]);
	});

	test("sent twice at once is taken once", async () => {
		const { secret } = await withTotp();
		services.time.advance(STEP_MS);
		const both = await Promise.all([1, 2].map(() => signIn({ code: codeOf(secret) })));
		expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
	});

	test("is asked for only where the password is right, and does not stand in for it", async () => {
		const { secret } = await withTotp();
		services.time.advance(STEP_MS);
		const wrong = await signIn({ password: "wrong" });
		expect([wrong.status, wrong.body.msg]).toEqual([401, "Wrong email or password."]);
		const code = codeOf(secret);
		expect((await signIn({ password: "wrong", code })).body).toEqual(wrong.body);
		// It was not used up by that.
		expect((await signIn({ code })).status).toBe(200);
	});

	test("has five tries from all addresses together, also at once; a recovery code lets the owner in", async () => {
		const { secret, recoveryCodes } = await withTotp();
		services.time.advance(STEP_MS);
		const guess = { code: codeOf(secret) === "000000" ? "000001" : "000000" };
		const tries = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => signIn(guess, `6.6.6.${n}`)));
		expect(tries.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 429]);
		const right = await signIn({ code: codeOf(secret) });
		expect([right.status, right.headers.get("retry-after")]).toEqual([429, "300"]);
		expect((await signIn({ code: recoveryCodes[0] })).status).toBe(200);
		services.time.advance(300_000);
		expect((await signIn({ code: codeOf(secret) })).status).toBe(200);
	});

	test("that is right forgets the wrong ones before it", async () => {
		const { secret } = await withTotp();
		for (let round = 0; round < 3; round++) {
			services.time.advance(STEP_MS);
			for (let i = 0; i < 4; i++)
				expect((await signIn({ code: codeOf(secret, 5) })).status).toBe(401);
			expect((await signIn({ code: codeOf(secret) })).status).toBe(200);
		}
	});

	test("is not guessed where the counters are away", async () => {
		const { secret } = await withTotp();
		services.time.advance(STEP_MS);
		const { increment } = services.keyValue;
		services.keyValue.increment = async (key, ...of) => {
			if (key.startsWith("codes:")) throw new Error("cache away");
			return await increment.call(services.keyValue, key, ...of);
		};
		expect((await signIn({ code: codeOf(secret) })).status).toBe(500);
	});
});

describe("a recovery code", () => {
	test("is taken once, however it is typed, and is written down", async () => {
		const { recoveryCodes } = await withTotp();
		const [first, second] = recoveryCodes as [string, string];
		expect((await signIn({ code: first })).status).toBe(200);
		expect(actions().slice(-2)).toEqual(["recovery-code.use", "login"]);
		expect((await signIn({ code: first })).status).toBe(401);
		expect((await signIn({ code: second.replaceAll("-", " ").toLowerCase() })).status).toBe(200);
		expect((await signIn({ code: "ABCD-EFGH-IJKL-MNOP" })).status).toBe(401);
	});

	test("sent twice at once is taken once", async () => {
		const { recoveryCodes } = await withTotp();
		const both = await Promise.all([1, 2].map(() => signIn({ code: recoveryCodes[0] })));
		expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
	});

	test("is one of ten new ones after they were asked for, by password and code", async () => {
		const { recoveryCodes, mine } = await withTotp();
		const renew = (more: object) =>
			post("/auth/totp/recovery-codes", { password: PASSWORD, ...more }, mine);
		const [first, second] = recoveryCodes as [string, string];
		expect((await renew({})).status).toBe(401);
		expect((await renew({ code: first, password: "wrong" })).status).toBe(401);
		const answer = await renew({ code: first });
		expect([answer.status, Object.keys(answer.body)]).toEqual([200, ["recoveryCodes"]]);
		const fresh: string[] = answer.body.recoveryCodes;
		expect(new Set([...fresh, ...recoveryCodes]).size).toBe(20);
		expect(actions().slice(-2)).toEqual(["recovery-code.use", "recovery-codes.renew"]);
		expect((await seen(mine)).body).toMatchObject({ totp: true });
		expect((await signIn({ code: second })).status).toBe(401);
		expect((await signIn({ code: fresh[0] })).status).toBe(200);
		const told = JSON.stringify([services.users.totps.get(1), services.audit.records]);
		for (const code of fresh) expect(told).not.toContain(code.replaceAll("-", ""));
	});

	test("is made anew for nobody without TOTP, and not of one that is taken away meanwhile", async () => {
		const path = "/auth/totp/recovery-codes";
		const without = await session();
		expect((await post(path, { password: PASSWORD }, without)).status).toBe(409);
		const { recoveryCodes, mine } = await withTotp();
		services.users.setRecoveryCodes = async () => false;
		const asked = { password: PASSWORD, code: recoveryCodes[0] };
		expect((await post(path, asked, mine)).status).toBe(409);
		expect(actions()).not.toContain("recovery-codes.renew");
	});

	test("takes TOTP off whose app is lost", async () => {
		const { recoveryCodes } = await withTotp();
		const mine = await session({ code: recoveryCodes[0] });
		const remove = (code: string) => post("/auth/totp/remove", { password: PASSWORD, code }, mine);
		expect((await remove(recoveryCodes[0]!)).status).toBe(401);
		expect((await remove(recoveryCodes[1]!)).status).toBe(200);
		expect((await signIn()).status).toBe(200);
	});
});

describe("where TOTP is in force", () => {
	const KEY = { password: PASSWORD, type: "hmac", label: "bot", scopes: ["read"] };
	const CHANGE = { currentPassword: PASSWORD, newPassword: "another horse battery" };

	test.each([
		["an API key is made", "/auth/api-keys", KEY, 201],
		["a password is changed", "/auth/password", CHANGE, 200],
	] as const)("%s with a code only", async (_what, path, asked, done) => {
		const { secret, recoveryCodes, mine } = await withTotp();
		services.time.advance(STEP_MS);
		const missing = await post(path, asked, mine);
		expect([missing.status, missing.body.msg]).toEqual([
			...[401, "code: must be sent: that of your app, or a recovery code"],
		]);
		for (const code of [codeOf(secret, 5), "ABCD-EFGH-IJKL-MNOP"]) {
			expect((await post(path, { ...asked, code }, mine)).status).toBe(401);
		}
		expect(services.users.keys).toEqual([]);
		const code = path === "/auth/password" ? recoveryCodes[0] : codeOf(secret);
		expect((await post(path, { ...asked, code }, mine)).status).toBe(done);
	});

	test("a key is revoked and sessions are ended without one", async () => {
		const { secret, mine } = await withTotp();
		services.time.advance(STEP_MS);
		const { body } = await post("/auth/api-keys", { ...KEY, code: codeOf(secret) }, mine);
		const revoked = await send("DELETE", `/auth/api-keys?keyId=${body.keyId}`, null, mine);
		expect(revoked.status).toBe(200);
		expect((await send("POST", "/auth/sign-out-everywhere", null, mine)).status).toBe(200);
	});
});
