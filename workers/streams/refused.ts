import { InvariantViolation } from "../../schemas/invariant.ts";
import { UserStreamError } from "./control.ts";
import { ControlError } from "./control-message.ts";

/** An answer instead of a connection: `{"code":…,"msg":…}` as REST has it. */
export function refused(
	status: number,
	code: number,
	message: string,
	headers: Readonly<Record<string, string>> = {},
): Response {
	return Response.json({ code, msg: message }, { status, headers });
}

/** 429 with `Retry-After` in seconds. */
export function tooManyConnections(retryAfterMs: number): Response {
	return refused(429, -1003, "Too many connection attempts; try again later.", {
		"Retry-After": String(Math.ceil(retryAfterMs / 1_000)),
	});
}

/**
 * Why the streams of an address could not be had.
 *
 * @throws InvariantViolation when it was one
 */
export function refusedFor(error: unknown): Response {
	if (error instanceof InvariantViolation) throw error;
	if (error instanceof UserStreamError && error.fault === "unknownListenKey") {
		return refused(400, -1125, error.text);
	}
	if (error instanceof ControlError && !(error instanceof UserStreamError)) {
		return refused(400, -1130, error.message);
	}
	return refused(503, -1001, "Internal error; unable to process your request. Please try again.");
}
