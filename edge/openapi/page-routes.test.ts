import { describe, expect, test } from "bun:test";
import { operations } from "../operations.ts";
import { fakeServices } from "../testing/ops-fakes.ts";
import { USER_ROUTES } from "../users/routes.ts";
import { pageRoutes } from "./page-routes.ts";

const ROUTES = pageRoutes(operations);

function get(path: string, given: Record<string, string> = {}, services = fakeServices()) {
	const route = ROUTES.find((r) => r.path === path);
	if (route === undefined) throw new Error(`no route ${path}`);
	return route.respond(services, new Request("http://x/"), given, { ip: "127.0.0.1" });
}

interface Parameter {
	readonly name: string;
	readonly required: boolean;
	readonly schema: {
		readonly type?: string;
		readonly default?: unknown;
		readonly examples?: unknown;
	};
}
interface Content {
	readonly content: Record<
		string,
		{ readonly schema: { required: string[]; properties: Record<string, object> } }
	>;
}
interface Call {
	readonly operationId: string;
	readonly summary: string;
	readonly description: string;
	readonly parameters: readonly Parameter[];
	readonly requestBody?: Content;
	readonly responses: Record<string, Content>;
	readonly security?: unknown;
}

async function document() {
	return (await (await get("/openapi.json")).json()) as {
		openapi: string;
		paths: Record<string, Record<string, Call>>;
	};
}

describe("the document", () => {
	test("has every route of every operation, each with a name of its own", async () => {
		const { openapi, paths } = await document();
		expect(openapi).toBe("3.1.0");
		const routes = [...operations.flatMap((o) => o.http), ...USER_ROUTES].map(
			({ method, path }) => `${method} ${path}`,
		);
		const listed = Object.entries(paths).flatMap(([path, calls]) =>
			Object.keys(calls).map((method) => `${method.toUpperCase()} ${path}`),
		);
		expect(listed.sort()).toEqual(routes.sort());
		const ids = Object.values(paths).flatMap((p) => Object.values(p).map((c) => c.operationId));
		expect(new Set(ids).size).toBe(ids.length);
		expect(ids).toContain("putOrderAmendKeepPriority");
	});

	test("says what a call takes, in the types it stands for", async () => {
		const { paths } = await document();
		const klines = paths["/api/v3/klines"]?.["get"];
		const byName = new Map(klines?.parameters.map((p) => [p.name, p]));
		expect(byName.get("symbol")?.required).toBe(true);
		expect(byName.get("startTime")).toMatchObject({ required: false, schema: { type: "integer" } });
		expect(byName.get("limit")?.schema).toMatchObject({
			type: "integer",
			default: 500,
			minimum: 1,
		});
		expect(byName.has("signature")).toBe(false);
		expect(klines?.security).toBeUndefined();
	});

	test("says that a call is signed, what it weighs and how WebSocket calls it", async () => {
		const { paths } = await document();
		const place = paths["/api/v3/order"]?.["post"];
		expect(place?.parameters.slice(-3).map((p) => p.name)).toEqual([
			"recvWindow",
			"timestamp",
			"signature",
		]);
		expect(place?.security).toEqual([{ apiKey: [] }]);
		expect(place?.description).toContain("Request weight 1 when it fails, else 0.");
		expect(place?.description).toContain("`order.place`");
		expect(paths["/api/v3/depth"]?.["get"]?.description).toContain("weight 5 to 250.");
		expect(paths["/api/v3/ticker/24hr"]?.["get"]?.description).toContain("weight 2 to 80.");
		expect(paths["/api/v3/ticker"]?.["get"]?.description).toContain("weight 4 to 200.");
		expect(paths["/api/v3/myTrades"]?.["get"]?.description).toContain("weight 5 to 20.");
	});

	test("says what a call for people takes and answers, and that it needs a session", async () => {
		const { paths } = await document();
		const add = paths["/auth/api-keys"]?.["post"];
		const body = add?.requestBody?.content["application/json"]?.schema;
		expect(body?.required).toEqual(["password", "type", "label", "scopes"]);
		expect(body?.properties["type"]).toMatchObject({ enum: ["hmac", "ed25519", "rsa"] });
		expect(body?.properties["label"]).toMatchObject({ minLength: 1, maxLength: 64 });
		expect(add?.security).toEqual([{ sessionCookie: [] }, { sessionToken: [] }]);
		expect(add?.responses["2XX"]?.content["application/json"]?.schema.properties).toHaveProperty(
			"secret",
		);
		const drop = paths["/auth/api-keys"]?.["delete"];
		expect(drop?.parameters.map(({ name, required }) => [name, required])).toEqual([
			["keyId", true],
		]);
		expect(drop?.requestBody).toBeUndefined();
		const signIn = paths["/auth/sign-in"]?.["post"];
		expect(signIn?.security).toBeUndefined();
		expect(signIn?.summary).toBe(
			"Start a session: a cookie, or with bearer a token in the answer for Authorization: Bearer",
		);
	});

	test("says of a list that it is one text, not the same name again and again", async () => {
		const { paths } = await document();
		const prices = paths["/api/v3/ticker/price"]?.["get"];
		const symbols = prices?.parameters.find(({ name }) => name === "symbols");
		expect(symbols?.schema).toEqual({ type: "string", examples: ['["BTCUSDT","ETHUSDT"]'] });
	});
});

describe("the pages", () => {
	test("let nothing in but what is served here", async () => {
		for (const path of ["/", "/docs"]) {
			const response = await get(path);
			const policy = response.headers.get("content-security-policy");
			expect(policy).toContain("script-src 'self';");
			expect(policy).toContain("default-src 'none';");
			const html = await response.text();
			expect(html).not.toMatch(/<script(?![^>]*src=)/);
			expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
		}
	});

	test("the front page has the markets and says whether orders are taken", async () => {
		expect(await (await get("/")).text()).toContain("Taking orders");
		const html = await (
			await get("/", {}, fakeServices({ services: { ready: () => false } }))
		).text();
		expect(html).toContain("Not ready yet");
		expect(html).toContain('data-symbol="BTCUSDT"');
		expect(html).toContain("59700.00<");
		expect(html).toContain('class="takes">TRADING<');
	});

	test("the front page has neither price nor change of a market without trades", async () => {
		const services = fakeServices();
		const ticker = await services.marketData.ticker(1, 1, 1);
		services.marketData.ticker = async () => ({ ...ticker, openTicks: 0, lastTicks: 0 });
		const html = await (await get("/", {}, services)).text();
		expect(html).toContain('<td class="last">–</td><td class="change ">–</td>');
	});

	test("files are ours, or of the viewer, or not found", async () => {
		const services = fakeServices({
			services: {
				asset: async (name) =>
					name === "swagger-ui.css" ? { type: "text/css", bytes: new Uint8Array([97]) } : null,
			},
		});
		expect((await get("/docs/:file", { file: "try-it.js" }, services)).status).toBe(200);
		const css = await get("/docs/:file", { file: "swagger-ui.css" }, services);
		expect([css.headers.get("content-type"), await css.text()]).toEqual(["text/css", "a"]);
		for (const file of ["constructor", "../package.json", ""]) {
			expect((await get("/docs/:file", { file }, services)).status).toBe(404);
		}
	});
});
