import type { BaseIssue } from "valibot";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { ApiError } from "../api-error.ts";
import { LinkFull, NoAnswer } from "../link/worker-link.ts";
import type { EdgeServices } from "../services.ts";

/** -1102 for a parameter that has to be there. */
export function mandatory(name: string): ApiError {
	return new ApiError(
		-1102,
		`Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
	);
}

/**
 * The error of a parameter that its schema refused: what `fault` of schemas/api/param-fault.ts wrote
 * into the issue, with the parameter's name for `%s`. Any other message (a missing one has none of
 * its own) means -1102.
 */
export function parameterError(issue: BaseIssue<unknown>): ApiError {
	const name = String(issue.path?.[0]?.key ?? "parameters");
	const coded = /^(-\d{4}) (.+)$/s.exec(issue.message);
	if (coded === null) return mandatory(name);
	return new ApiError(
		Number(coded[1]),
		coded[2]!.replaceAll("%s", () => name),
	);
}

/**
 * What the client is told of anything thrown. -1007 where a worker did not answer, and of an order call that failed for a
 * reason of ours: it may have happened. A broken invariant stops the process.
 *
 * @param maybeDone true for calls that change something
 */
export function toApiError(
	error: unknown,
	services: EdgeServices,
	what: string,
	maybeDone: boolean,
): ApiError {
	if (error instanceof ApiError) return error;
	if (error instanceof NoAnswer || error instanceof LinkFull) {
		// A worker is away, not this edge at fault: it will be asked again.
		services.logger.warn("no answer from a worker", { what, why: error.message });
		return statusUnknown();
	}
	const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
	services.logger.error("request failed", { what, error: text });
	if (error instanceof InvariantViolation) services.fatal(error);
	return maybeDone ? statusUnknown() : new ApiError(-1000, UNKNOWN_ERROR, 500);
}

const UNKNOWN_ERROR = "An unknown error occurred while processing the request.";

/** -1000, HTTP 404. */
export function pathNotFound(): ApiError {
	return new ApiError(-1000, "Path not found.", 404);
}

/** -1007, HTTP 503: it may have happened or not. */
export function statusUnknown(): ApiError {
	return new ApiError(
		-1007,
		"Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
		503,
	);
}

/** Binance's shape of an error. */
export function errorBody(error: ApiError): object {
	return error.data === undefined
		? { code: error.code, msg: error.message }
		: { code: error.code, msg: error.message, data: error.data };
}
