import type { ApiError } from "../api-error.ts";
import type { Authenticator } from "../auth/signed.ts";
import { type Call, type Calls, changesOrders } from "../call.ts";
import type { IpLimits } from "../limits/ip-limits.ts";
import type { HttpMethod, Operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { errorBody } from "./errors.ts";
import { AnswerHeaders, jsonHeaders, orderCountHeader } from "./headers.ts";
import type { OperationMetrics } from "./metrics.ts";
import type { RequestLog } from "./request-log.ts";
import { RestCall } from "./rest-call.ts";

/** What all routes of an edge share. */
export interface HandlerParts {
	readonly services: EdgeServices;
	readonly limits: IpLimits;
	readonly authenticator: Authenticator;
	readonly calls: Calls;
	readonly log: RequestLog;
}

/** One operation on one REST route. */
export class OperationHandler {
	readonly parts: HandlerParts;
	readonly operation: Operation;
	readonly metrics: OperationMetrics;
	/** A signature may ask for it once only, and a failure of ours leaves its outcome unknown. */
	readonly once: boolean;
	private readonly method: HttpMethod;
	private readonly path: string;
	private readonly headers: AnswerHeaders;
	/** Anyone may call it, so any page may. */
	private readonly open: boolean;

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
		this.open = operation.security === "none";
		this.headers = new AnswerHeaders(this.open ? ANY_ORIGIN : {});
	}

	/** Never rejects. */
	handle(request: Request, ip: string): Promise<Response> {
		return new Promise((resolve) => new RestCall(this, request, ip, resolve).begin());
	}

	/** 200 with this JSON. */
	answer(json: string, call: Call): Response {
		const usedWeight = this.parts.limits.usedWeight(call.ip);
		return new Response(json, { headers: this.headers.of(usedWeight, call.orderCounts) });
	}

	/** What of the call was done nevertheless, a replacement placed, still counts as an order. */
	refusal(error: ApiError, call: Call): Response {
		const headers = jsonHeaders(this.parts.limits.usedWeight(call.ip));
		for (const count of call.orderCounts) headers[orderCountHeader(count)] = String(count.count);
		return errorResponse(error, this.open ? { ...headers, ...ANY_ORIGIN } : headers);
	}

	/** For metrics and log; `ms` is how long it took. */
	note(call: Call, status: number, ms: number): void {
		this.metrics.observe(status, ms);
		this.parts.log.write({
			method: this.method,
			path: this.path,
			operation: this.metrics.name,
			status,
			ms,
			ip: call.ip,
			authenticated: call.authenticated,
			outcome: call.outcome,
		});
	}
}

const ANY_ORIGIN = { "access-control-allow-origin": "*" } as const;

/** The error as Binance writes it, with Retry-After where there is one. */
export function errorResponse(error: ApiError, headers: Record<string, string>): Response {
	if (error.retryAfterMs !== undefined) {
		headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
	}
	return new Response(JSON.stringify(errorBody(error)), { status: error.status, headers });
}
