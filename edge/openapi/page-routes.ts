import type { Operation } from "../operation.ts";
import type { PlainRoute } from "../plain-route.ts";
import { USER_ROUTES } from "../users/routes.ts";
import { DOCS_HTML } from "./docs-html.ts";
import { DOCS_SCRIPT } from "./docs-script.ts";
import { openApiDocument } from "./document.ts";
import { landingHtml } from "./landing-html.ts";
import { LANDING_SCRIPT } from "./landing-script.ts";
import { STYLE } from "./style.ts";

/** Scripts of ours only, nothing from elsewhere; the viewer sets styles on its elements. */
const CONTENT_SECURITY_POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self' 'unsafe-inline'",
	"img-src 'self' data:",
	"font-src 'self' data:",
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join("; ");

const SAFETY = {
	"content-security-policy": CONTENT_SECURITY_POLICY,
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
};

/** Files of the pages that are made here; all others come from `services.asset`. */
const OWN_FILES: Readonly<Record<string, readonly [type: string, text: string]>> = {
	"castle.css": ["text/css; charset=utf-8", STYLE],
	"try-it.js": ["text/javascript; charset=utf-8", DOCS_SCRIPT],
	"landing.js": ["text/javascript; charset=utf-8", LANDING_SCRIPT],
};

/** The tickers of all symbols, as for each of some twenty alone. */
const MARKETS_WEIGHT = 40;
/** Some 200 KB. */
const DOCUMENT_WEIGHT = 10;

/** The pages of the API: `/`, `/docs` to try it, `/openapi.json`. */
export function pageRoutes(operations: readonly Operation[]): readonly PlainRoute[] {
	const document = JSON.stringify(openApiDocument(operations, USER_ROUTES));
	return [
		{
			method: "GET",
			path: "/",
			weight: MARKETS_WEIGHT,
			respond: async (services) => page(await landingHtml(services)),
		},
		{ method: "GET", path: "/docs", respond: () => page(DOCS_HTML) },
		{
			method: "GET",
			path: "/docs/:file",
			async respond(services, _request, { file = "" }) {
				const own = Object.hasOwn(OWN_FILES, file) ? OWN_FILES[file] : undefined;
				if (own !== undefined) return reply(own[1], own[0], 60);
				const asset = await services.asset(file);
				if (asset === null) return new Response("Not found", { status: 404 });
				return reply(asset.bytes, asset.type, 3_600);
			},
		},
		{
			method: "GET",
			path: "/openapi.json",
			weight: DOCUMENT_WEIGHT,
			respond: () => reply(document, "application/json; charset=utf-8", 0),
		},
	];
}

function page(html: string): Response {
	return reply(html, "text/html; charset=utf-8", 0);
}

function reply(body: string | Uint8Array<ArrayBuffer>, type: string, maxAgeS: number): Response {
	const cacheControl = maxAgeS === 0 ? "no-cache" : `public, max-age=${maxAgeS}`;
	return new Response(body, {
		headers: { ...SAFETY, "content-type": type, "cache-control": cacheControl },
	});
}
