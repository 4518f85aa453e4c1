import { safeParse } from "valibot";
import type { Operation, Security } from "../operation.ts";
import type { UserRoute } from "../users/user-route.ts";
import { errorResponse, idOf, jsonAnswer, queryParameters } from "./call-parts.ts";
import { inputSchema } from "./json-schema.ts";
import { USER_GROUP, USER_SECURITY_SCHEMES, userCallOf } from "./user-calls.ts";

const VERSION = "0.1.0";

const ABOUT = `The REST API of a spot exchange, as Binance Spot's clients speak it.

Decimals are texts, ids and times are numbers. Parameters go into the query, or for POST, PUT and DELETE
into a form body; empty ones count as not sent and unknown ones are ignored.

**Signing.** A signed call carries the API key in \`X-MBX-APIKEY\`, its time in \`timestamp\`, and as its
last parameter \`signature\`: over the query followed by the body, exactly as sent, without
\`signature\` itself. HMAC-SHA256 keys sign in hex; Ed25519 and RSA (PKCS#1 v1.5, SHA-256) keys in
base64. A signature of an order call counts once.

**WebSocket.** The same calls answer on \`/ws-api/v3\` by the method names given here; market data and
user events stream on \`/ws\` and \`/stream\`.

**Accounts.** The calls of \`/auth\` are for people, who sign in there and make their keys. They take JSON,
and a session: its cookie, or its token as \`Authorization: Bearer\`.`;

const SECURITY_TEXTS: Readonly<Record<Security, string>> = {
	none: "Open to anyone.",
	key: "Needs an API key, unsigned.",
	read: "Signed, by a key that may read.",
	trade: "Signed, by a key that may trade.",
};

/** What every signed call has besides its own parameters; the page fills them in itself. */
const SIGNING_PARAMETERS = [
	{
		name: "recvWindow",
		in: "query",
		required: false,
		description: "For how many ms after `timestamp` the request is good; 5000 when not sent.",
		schema: { type: "number", minimum: 0, maximum: 60_000 },
	},
	{
		name: "timestamp",
		in: "query",
		required: true,
		description: "Milliseconds since 1970; microseconds, where it has 16 digits.",
		schema: { type: "integer" },
		"x-signing": true,
	},
	{
		name: "signature",
		in: "query",
		required: true,
		description: "Over everything else, as sent.",
		schema: { type: "string" },
		"x-signing": true,
	},
] as const;

/** The OpenAPI 3.1 document of these calls: everything in it comes from their descriptions. */
export function openApiDocument(
	operations: readonly Operation[],
	userRoutes: readonly UserRoute[],
): object {
	const paths: Record<string, Record<string, object>> = {};
	const add = (method: string, path: string, call: object) => {
		paths[path] = { ...paths[path], [method.toLowerCase()]: call };
	};
	for (const operation of operations) {
		for (const { method, path } of operation.http) {
			add(method, path, callOf(operation, method, path));
		}
	}
	for (const route of userRoutes) add(route.method, route.path, userCallOf(route));
	const groups = operations.map((operation) => operation.group);
	if (userRoutes.length > 0) groups.push(USER_GROUP);
	return {
		openapi: "3.1.0",
		info: { title: "Castle exchange", version: VERSION, description: ABOUT },
		servers: [{ url: "/" }],
		tags: [...new Set(groups)].map((name) => ({ name })),
		paths,
		components: {
			securitySchemes: {
				apiKey: {
					type: "apiKey",
					in: "header",
					name: "X-MBX-APIKEY",
					description: "With `timestamp` and `signature` where a call is signed.",
				},
				...USER_SECURITY_SCHEMES,
			},
			schemas: {
				Error: {
					type: "object",
					properties: {
						code: { type: "integer", description: "Negative." },
						msg: { type: "string" },
					},
					required: ["code", "msg"],
				},
			},
		},
	};
}

function callOf(operation: Operation, method: string, path: string): object {
	const { security } = operation;
	return {
		tags: [operation.group],
		summary: operation.summary,
		description: descriptionOf(operation),
		operationId: idOf(method, path),
		parameters: [
			...queryParameters(operation.params),
			...(security === "read" || security === "trade" ? SIGNING_PARAMETERS : []),
		],
		...(security !== "none" && { security: [{ apiKey: [] }] }),
		"x-security": security,
		responses: {
			"200": {
				description: "Done.",
				headers: {
					"X-MBX-USED-WEIGHT-1M": {
						description: "Weight that the address has used in this minute.",
						schema: { type: "integer" },
					},
				},
				content: jsonAnswer(operation.result),
			},
			"4XX": errorResponse("Refused: nothing happened, but for 409 of cancelReplace.", {
				code: -1121,
				msg: "Invalid symbol.",
			}),
			"429": errorResponse("A limit was passed: wait for `Retry-After` seconds.", {
				code: -1003,
				msg: "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
			}),
			"5XX": errorResponse("The outcome is unknown: look it up.", {
				code: -1007,
				msg: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
			}),
		},
	};
}

function descriptionOf(operation: Operation): string {
	const weight = `Request weight ${weightText(operation)}${operation.freeOnSuccess ? " when it fails, else 0" : ""}.`;
	const methods = operation.ws.map((method) => `\`${method}\``).join(", ");
	const socket = methods === "" ? "" : ` WebSocket: ${methods}.`;
	return `${SECURITY_TEXTS[operation.security]} ${weight}${socket}`;
}

/** Enough for any call that has more than optional parameters. */
const ANY_CALL = {
	symbol: "BTCUSDT",
	interval: "1m",
	fromId: "1",
	orderId: "1",
	side: "BUY",
	type: "MARKET",
	cancelReplaceMode: "STOP_ON_FAILURE",
	newQty: "1",
	listenKey: "k",
};

/** Optional parameters that a weight may depend on, as they make it the least or the most. */
const WEIGHING = [
	{},
	{ symbol: "BTCUSDT" },
	{ symbols: JSON.stringify(Array.from({ length: 100 }, (_, i) => `A${i}`)) },
	{ orderId: "1" },
	{ limit: "5000" },
	{ computeCommissionRates: "true" },
];

/** "2", or "2 to 80" where it depends on what is asked. */
function weightText(operation: Operation): string {
	const { properties = {}, required = [] } = inputSchema(operation.params);
	const given = Object.fromEntries(
		Object.entries(ANY_CALL).filter(([name]) => required.includes(name)),
	);
	const weights = WEIGHING.filter((more) => Object.keys(more).every((name) => name in properties))
		.map((more) => safeParse(operation.params, { ...given, ...more }))
		.flatMap(({ success, output }) => (success ? [operation.weight(output)] : []));
	const [least, most] = [Math.min(...weights), Math.max(...weights)];
	return least === most ? `${least}` : `${least} to ${most}`;
}
