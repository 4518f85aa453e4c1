import { type GenericSchema, type InferOutput, safeParse } from "valibot";
import { queryOf } from "../../schemas/api/url-parts.ts";
import { parseJson } from "../../schemas/shallow-json.ts";
import { ApiError } from "../api-error.ts";
import type { KeyCache } from "../auth/key-cache.ts";
import { readBody } from "../http/body.ts";
import type { PlainRoute } from "../plain-route.ts";
import type { EdgeServices } from "../services.ts";
import { checkSameSite, type SentToken, sentToken } from "./session-token.ts";
import type { Session, Sessions } from "./sessions.ts";

/** What a route of the accounts API knows of its request. */
export interface UserCall<B> {
	readonly services: EdgeServices;
	readonly sessions: Sessions;
	readonly keys: KeyCache;
	readonly request: Request;
	readonly ip: string;
	readonly body: B;
	/** The token as sent, whether or not it is a session's; null without one. */
	readonly token: SentToken | null;
}

export interface UserAnswer {
	readonly status: number;
	readonly body: unknown;
	readonly cookie?: string;
}

/** One call of the accounts API for people: JSON in, JSON out, a session instead of a key. */
export interface UserRoute {
	readonly method: "GET" | "POST" | "DELETE";
	readonly path: string;
	readonly summary: string;
	readonly needsSession: boolean;
	/** Its body, and its parameters in the query; null for none. */
	readonly body: GenericSchema | null;
	readonly query: GenericSchema | null;
	readonly result: GenericSchema;
	respond(call: UserCall<unknown>, session: Session | null): Promise<UserAnswer>;
}

/** A route that anybody may call. */
export function openRoute<S extends GenericSchema>(route: {
	readonly path: string;
	readonly summary: string;
	readonly body: S;
	readonly result: GenericSchema;
	respond(call: UserCall<InferOutput<S>>): Promise<UserAnswer>;
}): UserRoute {
	return { ...route, method: "POST", needsSession: false, query: null } as UserRoute;
}

/** A route for who is signed in. Its input is the body of a POST, the query of the others. */
export function sessionRoute<S extends GenericSchema>(route: {
	readonly method: "GET" | "POST" | "DELETE";
	readonly path: string;
	readonly summary: string;
	readonly input: S | null;
	readonly result: GenericSchema;
	respond(call: UserCall<InferOutput<S>>, session: Session): Promise<UserAnswer>;
}): UserRoute {
	const { input, ...rest } = route;
	const body = route.method === "POST" ? input : null;
	const query = route.method === "POST" ? null : input;
	return { ...rest, needsSession: true, body, query } as UserRoute;
}

/** Of each call: more than most reads, since it asks the store of sessions or the database, or hashes. */
const WEIGHT = 10;

/** The route as the router takes it: session, CSRF, body and answer are the same for all. */
export function toPlainRoute(route: UserRoute, sessions: Sessions, keys: KeyCache): PlainRoute {
	return {
		method: route.method,
		path: route.path,
		weight: WEIGHT,
		async respond(services, request, _path, connection) {
			const token = sentToken(request.headers);
			if (route.method !== "GET") checkSameSite(request, token?.byCookie ?? false);
			const session = token === null ? null : await sessions.find(token.token);
			if (route.needsSession && session === null) {
				throw new ApiError(-1002, "Sign in first.", 401);
			}
			const input = await readInput(route, request, services);
			const call = { services, sessions, keys, request, ip: connection.ip, body: input, token };
			return toResponse(await route.respond(call, session));
		},
	};
}

async function readInput(
	route: UserRoute,
	request: Request,
	services: EdgeServices,
): Promise<unknown> {
	if (route.query !== null) {
		return parsed(route.query, Object.fromEntries(new URLSearchParams(queryOf(request.url))));
	}
	if (route.body === null) return null;
	// A form of another site cannot send this type.
	const type = request.headers.get("content-type") ?? "";
	if (!/^application\/json\s*(;|$)/i.test(type)) {
		throw new ApiError(-1135, "The body must be application/json.", 415);
	}
	const text = await readBody(request, services.settings.maxBodyBytes);
	try {
		return parsed(route.body, parseJson(text));
	} catch (error) {
		if (error instanceof SyntaxError) throw new ApiError(-1135, "Invalid JSON Request.");
		throw error;
	}
}

function parsed(schema: GenericSchema, value: unknown): unknown {
	const result = safeParse(schema, value);
	if (result.success) return result.output;
	const issue = result.issues[0];
	const name = issue.path?.[0]?.key;
	if (name === undefined) throw new ApiError(-1130, "The body must be a JSON object.");
	// The schema of the whole says it of a member that is not there.
	const what = issue.type === "object" ? "must be sent" : issue.message;
	throw new ApiError(-1130, `${String(name)}: ${what}`);
}

function toResponse(answer: UserAnswer): Response {
	const headers: Record<string, string> = {
		"content-type": "application/json;charset=UTF-8",
		"cache-control": "no-store",
		"x-content-type-options": "nosniff",
	};
	if (answer.cookie !== undefined) headers["set-cookie"] = answer.cookie;
	return new Response(JSON.stringify(answer.body), { status: answer.status, headers });
}
