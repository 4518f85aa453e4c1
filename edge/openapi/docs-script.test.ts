import { afterAll, expect, test } from "bun:test";
import { DOCS_SCRIPT } from "./docs-script.ts";
import { BrowserGlobals } from "./testing/browser-globals.ts";

interface Sent {
	url: string;
	method: string;
	headers: Record<string, string>;
}
/** What the viewer is started with. */
interface Viewer {
	readonly spec: { readonly paths: Record<string, Record<string, object>> };
	requestInterceptor(request: Sent): Promise<Sent>;
}

const ACCOUNT = "/api/v3/account";
const browser = new BrowserGlobals();

afterAll(() => browser.restore());

/** Runs the page's script among as much of a browser as it touches; what it starts the viewer with. */
async function viewer(key: string, secret: string, isSecureContext: boolean): Promise<Viewer> {
	const texts: Record<string, string> = { "api-key": key, secret };
	const element = (id: string) => ({
		value: texts[id] ?? "",
		textContent: "",
		classList: { toggle() {} },
		addEventListener() {},
	});
	browser.set("document", { getElementById: element, documentElement: element("root") });
	browser.set("location", { href: "http://x/docs" });
	browser.set("matchMedia", () => ({ matches: false, addEventListener() {} }));
	browser.set("isSecureContext", isSecureContext);
	const signIn = { post: { "x-security": "session", parameters: [] } };
	const account = { get: { "x-security": "read", parameters: [], security: [{ apiKey: [] }] } };
	browser.set("fetch", async () =>
		Response.json({
			paths: { [ACCOUNT]: account, "/auth/sign-in": signIn },
			components: { securitySchemes: {} },
		}),
	);
	let found: Viewer | undefined;
	browser.set("SwaggerUIBundle", (settings: Viewer) => {
		found = settings;
	});
	const url = URL.createObjectURL(new Blob([DOCS_SCRIPT], { type: "text/javascript" }));
	await import(url);
	if (found === undefined) throw new Error("the viewer was not started");
	return found;
}

function request(): Sent {
	return { url: ACCOUNT, method: "GET", headers: {} };
}

test("a signed call goes out with key, time and signature", async () => {
	const sent = await (await viewer("k", "s", true)).requestInterceptor(request());
	expect(sent.headers).toEqual({ "X-MBX-APIKEY": "k" });
	expect(sent.url).toMatch(/^http:\/\/x\/api\/v3\/account\?timestamp=\d+&signature=[0-9a-f]{64}$/);
});

test("what cannot be signed goes out all the same, for the answer to say what is missing", async () => {
	for (const [key, secret, isSecure] of [
		["", "", true],
		["k", "", true],
		["k", "s", false],
	] as const) {
		const sent = await (await viewer(key, secret, isSecure)).requestInterceptor(request());
		expect(sent.headers).toEqual(key === "" ? {} : { "X-MBX-APIKEY": "k" });
		expect(sent.url).toMatch(/^http:\/\/x\/api\/v3\/account\?timestamp=\d+$/);
	}
});

test("a call for people goes out as it is: the browser has its session", async () => {
	const sent = { url: "/auth/sign-in", method: "POST", headers: {} };
	expect(await (await viewer("k", "s", true)).requestInterceptor({ ...sent })).toEqual(sent);
});

test("no call has a lock to open: the bar has the key", async () => {
	const { spec } = await viewer("", "", true);
	expect(spec.paths[ACCOUNT]?.["get"]).toEqual({ "x-security": "read", parameters: [] });
});
