import { type BaseIssue, type GenericSchema, getDotPath, safeParse } from "valibot";
import { fault, MALFORMED } from "../schemas/api/param-fault.ts";
import { ApiError } from "./api-error.ts";

/**
 * The parameters of a call as its schema reads them.
 *
 * @param input texts by name, empty ones left out
 * @throws ApiError for the first fault, with the code its schema gives it
 */
export function readParams<P>(schema: GenericSchema<unknown, P>, input: unknown): P {
	const result = safeParse(schema, input, { abortEarly: true, abortPipeEarly: true });
	if (!result.success) throw paramError(result.issues);
	return result.output;
}

/** What a client is told of the first issue: "<code> <text>" with `%s` for the parameter's name. */
export function paramError(
	issues: readonly [BaseIssue<unknown>, ...BaseIssue<unknown>[]],
): ApiError {
	const issue = issues[0];
	const name = getDotPath(issue)?.split(".")[0] ?? "params";
	const told = /^(-\d{4}) (.*)$/s.exec(issue.message) ?? /^(-\d{4}) (.*)$/s.exec(fault(...MALFORMED));
	return new ApiError(Number(told?.[1]), (told?.[2] ?? "").replaceAll("%s", name));
}
