import { namedInterval } from "../../schemas/api/named-interval.ts";
import type { OrderCount } from "../../schemas/ports/account-service.ts";
import type { IdText } from "../../schemas/request-id.ts";
import type { ApiError } from "../api-error.ts";
import { errorBody } from "../http/errors.ts";

/** State of one limit, as replies show it. */
export interface RateLimitState {
	readonly rateLimitType: "REQUEST_WEIGHT" | "ORDERS";
	readonly interval: string;
	readonly intervalNum: number;
	readonly limit: number;
	readonly count: number;
}

export function weightState(limit: number, used: number): RateLimitState {
	return {
		rateLimitType: "REQUEST_WEIGHT",
		interval: "MINUTE",
		intervalNum: 1,
		limit,
		count: used,
	};
}

export function orderState({ intervalMs, limit, count }: OrderCount): RateLimitState {
	return { rateLimitType: "ORDERS", ...namedInterval(intervalMs), limit, count };
}

/** @param limits null where the client wants none */
export function resultReply(
	id: IdText,
	result: unknown,
	limits: readonly RateLimitState[] | null,
): string {
	return withId(
		id,
		limits === null ? { status: 200, result } : { status: 200, result, rateLimits: limits },
	);
}

/** 429 and 418 say when to come back. */
export function errorReply(
	id: IdText,
	error: ApiError,
	limits: readonly RateLimitState[] | null,
	nowMs: number,
): string {
	const body: Record<string, unknown> = { ...errorBody(error) };
	if (error.retryAfterMs !== undefined) {
		body["data"] = { serverTime: nowMs, retryAfter: nowMs + error.retryAfterMs };
	}
	const reply = { status: error.status, error: body };
	return withId(id, limits === null ? reply : { ...reply, rateLimits: limits });
}

/** The id comes first, as its text. */
function withId(id: IdText, reply: object): string {
	return `{"id":${id},${JSON.stringify(reply).slice(1)}`;
}
