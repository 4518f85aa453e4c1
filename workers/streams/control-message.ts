import { type IdText, idTextOf } from "../../schemas/request-id.ts";
import { parseJson } from "../../schemas/shallow-json.ts";

const METHODS = [
	"SUBSCRIBE",
	"UNSUBSCRIBE",
	"LIST_SUBSCRIPTIONS",
	"SET_PROPERTY",
	"GET_PROPERTY",
] as const;

/** What a client's frame asks for. */
export type ControlRequest =
	| { readonly method: "SUBSCRIBE" | "UNSUBSCRIBE"; readonly names: readonly string[] }
	| { readonly method: "LIST_SUBSCRIPTIONS" }
	| { readonly method: "SET_PROPERTY"; readonly combined: boolean }
	| { readonly method: "GET_PROPERTY" };

/**
 * Binance's codes: 0 unknown property, 1 wrong type of value, 2 invalid request, 3 not JSON. Carries
 * the id when it could be read.
 */
export class ControlError extends Error {
	override readonly name = "ControlError";
	readonly code: 0 | 1 | 2 | 3;

	constructor(code: 0 | 1 | 2 | 3, message: string) {
		super(message);
		this.code = code;
	}
}

/** Stream names are short; the longest is a listen key. */
const MAX_NAME_LENGTH = 100;
const MAX_ID_LENGTH = 36;

/** A frame that is at least an object of JSON. */
export interface ControlFrame {
	readonly id: IdText | undefined;
	readonly fields: Readonly<Record<string, unknown>>;
}

/** @throws ControlError */
export function controlFrameOf(text: string): ControlFrame {
	const fields = parsed(text);
	if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
		throw new ControlError(2, "Invalid request: expected an object");
	}
	return {
		id: idTextOf(text, (fields as { id?: unknown }).id, MAX_ID_LENGTH),
		fields: { ...fields },
	};
}

/**
 * @param maxNames of one request
 * @throws ControlError
 */
export function controlRequestOf(frame: ControlFrame, maxNames: number): ControlRequest {
	const method = frame.fields["method"] as (typeof METHODS)[number] | undefined;
	const params = frame.fields["params"];
	if (frame.id === undefined) {
		throw new ControlError(
			2,
			"Invalid request: request ID must be an integer, a string of at most 36 characters or null",
		);
	}
	if (method === undefined) throw new ControlError(2, "Invalid request: missing field `method`");
	switch (method) {
		case "SUBSCRIBE":
		case "UNSUBSCRIBE":
			return { method, names: namesOf(params, maxNames) };
		case "LIST_SUBSCRIPTIONS":
			return { method };
		case "GET_PROPERTY":
			propertyOf(params, 1);
			return { method };
		case "SET_PROPERTY":
			return { method, combined: booleanOf(propertyOf(params, 2)) };
		default:
			throw new ControlError(
				2,
				`Invalid request: unknown variant ${JSON.stringify(method)}, expected one of ${METHODS.join(", ")}`,
			);
	}
}

/** `{"result":…,"id":…}` */
export function resultText(id: IdText, result: unknown): string {
	return `{"result":${JSON.stringify(result)},"id":${id}}`;
}

/** `{"code":…,"msg":…,"id":…}`, the id where it is known. */
export function errorText(id: IdText | undefined, error: ControlError): string {
	const known = id === undefined ? "" : `,"id":${id}`;
	return `{"code":${error.code},"msg":${JSON.stringify(error.message)}${known}}`;
}

function parsed(text: string): unknown {
	try {
		return parseJson(text);
	} catch (error) {
		throw new ControlError(3, `Invalid JSON: ${error instanceof Error ? error.message : "?"}`);
	}
}

function namesOf(params: unknown, maxNames: number): string[] {
	if (!Array.isArray(params)) throw new ControlError(2, "Invalid request: params must be an array");
	if (params.length > maxNames) throw new ControlError(2, "Invalid request: too many parameters");
	for (const name of params) {
		if (typeof name !== "string" || name === "" || name.length > MAX_NAME_LENGTH) {
			throw new ControlError(2, "Invalid request: a stream name must be a string");
		}
	}
	return [...new Set(params as string[])];
}

function propertyOf(params: unknown, count: 1 | 2): readonly unknown[] {
	if (!Array.isArray(params) || typeof params[0] !== "string") {
		throw new ControlError(2, "Invalid request: property name must be a string");
	}
	if (params.length > count) throw new ControlError(2, "Invalid request: too many parameters");
	if (params[0] !== "combined") throw new ControlError(0, "Unknown property");
	return params;
}

function booleanOf(params: readonly unknown[]): boolean {
	if (typeof params[1] !== "boolean") {
		throw new ControlError(1, "Invalid value type: expected Boolean");
	}
	return params[1];
}
