import { beforeEach, describe, expect, test } from "bun:test";
import { createEdge, type Edge } from "../app.ts";
import { pageRoutes } from "../openapi/page-routes.ts";
import type { EdgeSettings } from "../settings.ts";
import { callAsPerson } from "../testing/call-as-person.ts";
import { type FakeServices, fakeServices } from "../testing/fake-services.ts";

const PASSWORD = "correct horse battery";
const OTHER = "another horse battery";
const WHO = { email: "ann@example.com", password: PASSWORD };
const HERE = "1.2.3.4";

let services: FakeServices;
let edge: Edge;

beforeEach(() => start());

function start(settings: Partial<EdgeSettings> = {}): void {
	services = fakeServices(settings);
	edge = createEdge(services, []);
}

async function send(
	method: string,
	path: string,
	body: unknown = null,
	headers: Record<string, string> = {},
	ip = HERE,
) {
	return await callAsPerson(edge, method, path, body, headers, ip);
}

async function signIn(body: object = WHO, ip = HERE) {
	return await send("POST", "/auth/sign-in", { bearer: true, ...body }, {}, ip);
}

async function session(body: object = WHO): Promise<Record<string, string>> {
	return { authorization: `Bearer ${JSON.parse((await signIn(body)).text).token}` };
}

async function isSignedIn(headers: Record<string, string>): Promise<boolean> {
	return (await send("GET", "/auth/session", null, headers)).status === 200;
}

describe("strangers who guess", () => {
	const wrong = { ...WHO, password: "wrong" };

	test("from elsewhere do not lock the owner out", async () => {
		await send("POST", "/auth/sign-up", WHO);
		for (let i = 0; i < 5; i++) expect((await signIn(wrong, "6.6.6.6")).status).toBe(401);
		expect((await signIn(WHO, "6.6.6.6")).status).toBe(429);
		expect((await signIn(WHO)).status).toBe(200);
	});

	test("from many addresses are bound together; who signed in from where he is goes on", async () => {
		await send("POST", "/auth/sign-up", WHO);
		expect((await signIn(WHO)).status).toBe(200);
		for (const [email, more] of [
			[WHO.email, 99],
			["no@body.com", 100],
		] as const) {
			for (let n = 0; n < more; n++) {
				expect((await signIn({ ...wrong, email }, `6.6.6.${n}`)).status).toBe(401);
			}
			const refused = await signIn({ ...WHO, email }, "7.7.7.7");
			expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "3600"]);
		}
		expect((await signIn(WHO)).status).toBe(200);
		services.time.advance(3_600_000);
		expect((await signIn(WHO, "7.7.7.7")).status).toBe(200);
	});
});

describe("a password", () => {
	const changed = { currentPassword: PASSWORD, newPassword: OTHER };

	test("is changed by who knows it: all sessions end, this one is replaced", async () => {
		await send("POST", "/auth/sign-up", WHO);
		const [mine, other] = [await session(), await session()];
		const answer = await send("POST", "/auth/password", changed, mine);
		expect(answer.status).toBe(200);
		expect([await isSignedIn(mine), await isSignedIn(other)]).toEqual([false, false]);
		const { token } = JSON.parse(answer.text);
		expect(await isSignedIn({ authorization: `Bearer ${token}` })).toBe(true);
		expect((await signIn()).status).toBe(401);
		expect((await signIn({ ...WHO, password: OTHER })).status).toBe(200);
		expect(services.audit.records.map(({ action }) => action)).toContain("password.change");
	});

	test("is answered by a cookie where a cookie was sent", async () => {
		await send("POST", "/auth/sign-up", WHO);
		const { headers } = await signIn({ ...WHO, bearer: false });
		const cookie = headers.get("set-cookie")!.split(";")[0]!;
		const page = { cookie, origin: "http://castle.test" };
		const elsewhere = { cookie, origin: "http://evil.test" };
		expect((await send("POST", "/auth/password", changed, elsewhere)).status).toBe(403);
		const answer = await send("POST", "/auth/password", changed, page);
		expect(JSON.parse(answer.text).token).toBeUndefined();
		const next = answer.headers.get("set-cookie")!.split(";")[0]!;
		expect(await isSignedIn({ ...page, cookie: next })).toBe(true);
		expect(await isSignedIn(page)).toBe(false);
	});

	test("stays where the current one is wrong, which is counted as at sign-in", async () => {
		await send("POST", "/auth/sign-up", WHO);
		const mine = await session();
		const guess = { ...changed, currentPassword: "wrong" };
		for (let i = 0; i < 5; i++) {
			expect((await send("POST", "/auth/password", guess, mine)).status).toBe(401);
		}
		const refused = await send("POST", "/auth/password", changed, mine);
		expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "300"]);
		expect(await isSignedIn(mine)).toBe(true);
		expect((await send("POST", "/auth/password", changed)).status).toBe(401);
		const short = { ...changed, newPassword: "short" };
		expect((await send("POST", "/auth/password", short, mine)).status).toBe(400);
	});

	test("changed by two at once is changed once", async () => {
		await send("POST", "/auth/sign-up", WHO);
		const mine = await session();
		const answers = await Promise.all(
			[OTHER, "a third horse battery"].map((newPassword) =>
				send("POST", "/auth/password", { ...changed, newPassword }, mine),
			),
		);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
	});

	test("changed during a sign-in with the one before leaves that sign-in without a session", async () => {
		await send("POST", "/auth/sign-up", WHO);
		const mine = await session();
		const { verify } = services.passwords;
		services.passwords.verify = async (password, stored) => {
			const right = await verify(password, stored);
			services.passwords.verify = verify;
			await send("POST", "/auth/password", changed, mine);
			return right;
		};
		expect((await signIn()).status).toBe(401);
	});
});

describe("signing out everywhere", () => {
	test("ends every session of this user, and of no other", async () => {
		const joe = { ...WHO, email: "joe@example.com" };
		await send("POST", "/auth/sign-up", WHO);
		await send("POST", "/auth/sign-up", joe);
		const [mine, other, his] = [await session(), await session(), await session(joe)];
		const answer = await send("POST", "/auth/sign-out-everywhere", null, mine);
		expect(answer.status).toBe(200);
		expect(answer.headers.get("set-cookie")).toContain("__Host-session=; Path=/; Max-Age=0");
		expect([await isSignedIn(mine), await isSignedIn(other)]).toEqual([false, false]);
		expect(await isSignedIn(his)).toBe(true);
		expect(await isSignedIn(await session())).toBe(true);
		expect(services.audit.records.map(({ action }) => action)).toContain("logout.everywhere");
	});

	test("ends none that began long after another", async () => {
		await send("POST", "/auth/sign-up", WHO);
		await session();
		services.time.advance(43_000_000);
		const late = await session();
		services.time.advance(1_000_000);
		expect(await isSignedIn(late)).toBe(true);
	});
});

describe("request weight", () => {
	test("is taken of calls about accounts, before they are worked on", async () => {
		start({ requestWeightPerMinute: 20 });
		expect((await send("POST", "/auth/sign-up", WHO)).status).toBe(201);
		expect((await signIn()).status).toBe(200);
		const refused = await signIn();
		expect(refused.status).toBe(429);
		expect(refused.headers.has("retry-after")).toBe(true);
		expect((await signIn(WHO, "5.5.5.5")).status).toBe(200);
	});

	test("is taken of pages, not of probes", async () => {
		services = fakeServices({ requestWeightPerMinute: 11 });
		edge = createEdge(services, [], pageRoutes([]));
		for (const [path, status] of [
			["/openapi.json", 200],
			["/docs", 200],
			["/docs", 429],
			["/health/live", 200],
		] as const) {
			expect((await send("GET", path)).status).toBe(status);
		}
	});
});
