import { afterAll, expect, test } from "bun:test";
import { DOCS_SCRIPT } from "./docs-script.ts";

interface Sent {
	url: string;
	method: string;
	headers: Record<string, string>;
}
type Interceptor = (request: Sent) => Promise<Sent>;

const ACCOUNT = "/api/v3/account";
const OLD = new Map<string, unknown>();

afterAll(() => {
	for (const [name, value] of OLD) Reflect.set(globalThis, name, value);
});

function setGlobal(name: string, value: unknown): void {
	if (!OLD.has(name)) OLD.set(name, Reflect.get(globalThis, name));
	Reflect.set(globalThis, name, value);
}

/** Runs the page's script among as much of a browser as it touches; what it signs requests with. */
async function interceptor(key: string, secret: string, isSecureContext: boolean) {
	const texts: Record<string, string> = { "api-key": key, secret };
	const element = (id: string) => ({
		value: texts[id] ?? "",
		textContent: "",
		classList: { toggle() {} },
		addEventListener() {},
	});
	setGlobal("document", { getElementById: element, documentElement: element("root") });
	setGlobal("location", { href: "http://x/docs" });
	setGlobal("matchMedia", () => ({ matches: false, addEventListener() {} }));
	setGlobal("isSecureContext", isSecureContext);
	const account = { get: { "x-security": "read", parameters: [] } };
	setGlobal("fetch", async () =>
		Response.json({ paths: { [ACCOUNT]: account }, components: { securitySchemes: {} } }),
	);
	let found: Interceptor | undefined;
	setGlobal("SwaggerUIBundle", (settings: { requestInterceptor: Interceptor }) => {
		found = settings.requestInterceptor;
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
	const sent = await (await interceptor("k", "s", true))(request());
	expect(sent.headers).toEqual({ "X-MBX-APIKEY": "k" });
	expect(sent.url).toMatch(/^http:\/\/x\/api\/v3\/account\?timestamp=\d+&signature=[0-9a-f]{64}$/);
});

test("what cannot be signed goes out all the same, for the answer to say what is missing", async () => {
	for (const [key, secret, isSecure] of [
		["", "", true],
		["k", "", true],
		["k", "s", false],
	] as const) {
		const sent = await (await interceptor(key, secret, isSecure))(request());
		expect(sent.headers).toEqual(key === "" ? {} : { "X-MBX-APIKEY": "k" });
		expect(sent.url).toMatch(/^http:\/\/x\/api\/v3\/account\?timestamp=\d+$/);
	}
});
