import type { ApiError } from "../api-error.ts";
import type { Authenticated, Authenticator } from "../auth/signed.ts";
import { NOBODY } from "../auth/signed.ts";
import { Call, type Calls, changesOrders } from "../call.ts";
import type { IpLimits } from "../limits/ip-limits.ts";
import type { HttpMethod, Operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { readBody } from "./body.ts";
import { errorBody, toApiError } from "./errors.ts";
import { jsonHeaders, orderCountHeader } from "./headers.ts";
import type { OperationMetrics } from "./metrics.ts";
import { parseParameters, type RequestParameters } from "./parameters.ts";
import type { RequestLog } from "./request-log.ts";
import { inMicroseconds } from "./time-unit.ts";

/** What all routes of an edge share. */
export interface HandlerParts {
	readonly services: EdgeServices;
	readonly limits: IpLimits;
	readonly authenticator: Authenticator;
	readonly calls: Calls;
	readonly log: RequestLog;
}

export type RequestHandler = (request: Request, ip: string) => Promise<Response>;

/** One operation on one REST route: from the raw request to the answer, errors included. */
export class OperationHandler {
	private readonly parts: HandlerParts;
	private readonly operation: Operation;
	private readonly method: HttpMethod;
	private readonly path: string;
	private readonly metrics: OperationMetrics;
	/** A signature may ask for it once only, and a failure of ours leaves its outcome unknown. */
	private readonly once: boolean;

	constructor(
		parts: HandlerParts,
		operation: Operation,
		route: { readonly method: HttpMethod; readonly path: string },
		metrics: OperationMetrics,
	) {
		this.parts = parts;
		this.operation = operation;
		this.method = route.method;
		this.path = route.path;
		this.metrics = metrics;
		this.once = changesOrders(operation);
	}

	async handle(request: Request, ip: string): Promise<Response> {
		const { clock } = this.parts.services;
		const startedMs = clock.monotonicMs();
		const call = new Call(this.parts.services, ip);
		let status = 200;
		let response: Response;
		try {
			const result = await this.answer(call, request);
			response = this.success(call, request, result);
		} catch (error) {
			response = this.failure(call, error);
			status = response.status;
		}
		const ms = clock.monotonicMs() - startedMs;
		this.metrics.observe(status, ms);
		this.parts.log.write({
			method: this.method,
			path: this.path,
			operation: this.metrics.name,
			status,
			ms,
			ip,
			authenticated: call.authenticated,
		});
		return response;
	}

	private async answer(call: Call, request: Request): Promise<unknown> {
		this.parts.limits.admit(call.ip);
		const body = await readBody(request, this.parts.services.settings.maxBodyBytes);
		const parameters = parseParameters(queryOf(request.url), body);
		if (this.operation.security !== "none") {
			call.authenticated = await this.authenticate(call, request, parameters);
		}
		return await this.parts.calls.run(call, this.operation, parameters.values);
	}

	private authenticate(
		call: Call,
		request: Request,
		parameters: RequestParameters,
	): Authenticated | Promise<Authenticated> {
		const { security } = this.operation;
		if (security === "none") return NOBODY;
		const apiKey = request.headers.get("x-mbx-apikey") ?? "";
		if (security === "key") return this.parts.authenticator.known(apiKey, call.ip);
		return this.parts.authenticator.signed({
			apiKey,
			ip: call.ip,
			values: parameters.values,
			payload: parameters.payload,
			signature: parameters.signature,
			scope: security,
			once: this.once,
		});
	}

	private success(call: Call, request: Request, result: unknown): Response {
		const headers = this.headers(call);
		for (const count of call.orderCounts) {
			headers[orderCountHeader(count)] = String(count.count);
		}
		const micro = request.headers.get("x-mbx-time-unit")?.toUpperCase() === "MICROSECOND";
		return new Response(JSON.stringify(micro ? inMicroseconds(result) : result), { headers });
	}

	private failure(call: Call, thrown: unknown): Response {
		const error = toApiError(thrown, this.parts.services, this.metrics.name, this.once);
		if (error.status !== 429 && error.status !== 418 && call.owedOnFailure > 0) {
			this.parts.limits.chargeFailed(call.ip, call.owedOnFailure);
		}
		return errorResponse(error, this.headers(call));
	}

	private headers(call: Call): Record<string, string> {
		const headers = jsonHeaders(this.parts.limits.usedWeight(call.ip));
		if (this.operation.security === "none") headers["access-control-allow-origin"] = "*";
		return headers;
	}
}

/** The error as Binance writes it, with Retry-After where there is one. */
export function errorResponse(error: ApiError, headers: Record<string, string>): Response {
	if (error.retryAfterMs !== undefined) {
		headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
	}
	return new Response(JSON.stringify(errorBody(error)), { status: error.status, headers });
}

/** What stands behind the "?", as it was sent. */
export function queryOf(url: string): string {
	const start = url.indexOf("?");
	return start < 0 ? "" : url.slice(start + 1);
}
