import { Hono } from "hono";
import { pathOf } from "../../schemas/api/url-parts.ts";
import { ApiError } from "../api-error.ts";
import { NOBODY } from "../auth/signed.ts";
import type { HttpMethod, Operation } from "../operation.ts";
import type { Connection, PlainRoute } from "../plain-route.ts";
import { pathNotFound, toApiError } from "./errors.ts";
import { jsonHeaders } from "./headers.ts";
import type { EdgeMetrics } from "./metrics.ts";
import { errorResponse, type HandlerParts, OperationHandler } from "./operation-handler.ts";
import { PlainHandler } from "./plain-handler.ts";

type Env = { Bindings: Connection };

/** Everything of the API may be read from a page of any origin; nothing else may be. */
const PREFLIGHT_HEADERS = {
	"access-control-allow-origin": "*",
	"access-control-allow-methods": "GET",
	"access-control-allow-headers": "x-mbx-time-unit",
	"access-control-max-age": "86400",
};

/**
 * The routes. Each is a single handler without middleware; all that is common stands in the handlers.
 * The paths of operations have no parameters, so they are looked up as they are sent; Hono has whatever
 * is written in another way, the pages, and what is not there.
 */
export class Router {
	private readonly operations = new Map<string, Map<string, OperationHandler>>();
	private readonly rest: Hono<Env>;

	constructor(
		parts: HandlerParts,
		operations: readonly Operation[],
		pages: readonly PlainRoute[],
		metrics: EdgeMetrics,
	) {
		const handlers = operations.flatMap((operation) =>
			operation.http.map((route) => {
				const name = `${route.method} ${route.path}`;
				return {
					...route,
					handler: new OperationHandler(parts, operation, route, metrics.of(name)),
				};
			}),
		);
		for (const { method, path, handler } of handlers) {
			const methods = this.operations.get(path) ?? new Map<string, OperationHandler>();
			this.operations.set(path, methods.set(method, handler));
		}
		this.rest = honoRoutes(parts, handlers, pages, metrics);
	}

	/** Answers any request; never rejects. */
	fetch(request: Request, ip: string): Promise<Response> {
		const handler = this.operations.get(pathOf(request.url))?.get(request.method);
		if (handler !== undefined) return handler.handle(request, ip);
		return Promise.resolve(this.rest.fetch(request, { ip }));
	}
}

interface OperationRoute {
	readonly method: HttpMethod;
	readonly path: string;
	readonly handler: OperationHandler;
}

function honoRoutes(
	parts: HandlerParts,
	routes: readonly OperationRoute[],
	pages: readonly PlainRoute[],
	metrics: EdgeMetrics,
): Hono<Env> {
	const app = new Hono<Env>();
	const methodsOf = new Map<string, string[]>();
	const anyoneReads = new Set<string>();
	for (const { method, path, handler } of routes) {
		app.on(method, path, (c) => handler.handle(c.req.raw, c.env.ip));
		addMethod(methodsOf, path, method);
		if (handler.operation.security === "none") anyoneReads.add(path);
	}
	for (const page of pages) {
		const name = `${page.method} ${page.path}`;
		const handler = new PlainHandler(parts, page, metrics.of(name));
		app.on(page.method, page.path, (c) => handler.handle(c.req.raw, c.req.param(), c.env));
		addMethod(methodsOf, page.path, page.method);
	}
	app.options("*", (c) =>
		anyoneReads.has(c.req.path)
			? new Response(null, { status: 204, headers: PREFLIGHT_HEADERS })
			: new Response(null, { status: 403 }),
	);
	const unknown = metrics.of("unknown path");
	app.notFound((c) => {
		const response = notFound(parts, methodsOf.get(c.req.path), c.env.ip);
		unknown.observe(response.status, 0);
		parts.log.write({
			method: c.req.method,
			path: loggedPath(c.req.path),
			operation: unknown.name,
			status: response.status,
			ms: 0,
			ip: c.env.ip,
			authenticated: NOBODY,
			outcome: null,
		});
		return response;
	});
	app.onError((error, c) => {
		const told = toApiError(error, parts.services, "router", false);
		return errorResponse(told, jsonHeaders(parts.limits.usedWeight(c.env.ip)));
	});
	return app;
}

/** A path that anybody may have made up: in short, and without what may be a listen key or token. */
function loggedPath(path: string): string {
	return path.slice(0, LONGEST_LOGGED_PATH).replaceAll(/[A-Za-z0-9]{32,}/g, "…");
}

const LONGEST_LOGGED_PATH = 200;

function addMethod(methodsOf: Map<string, string[]>, path: string, method: string): void {
	const methods = methodsOf.get(path);
	if (methods === undefined) methodsOf.set(path, [method]);
	else methods.push(method);
}

/** 404, or 405 where other methods are known; counted against the address like any request. */
function notFound(parts: HandlerParts, methods: string[] | undefined, ip: string): Response {
	let error =
		methods === undefined
			? pathNotFound()
			: new ApiError(-1020, "This operation is not supported.", 405);
	try {
		parts.limits.admit(ip);
		parts.limits.charge(ip, 1);
	} catch (refused) {
		error = toApiError(refused, parts.services, "unknown path", false);
	}
	const headers = jsonHeaders(parts.limits.usedWeight(ip));
	if (error.status === 405 && methods !== undefined) headers["allow"] = methods.join(", ");
	return errorResponse(error, headers);
}
