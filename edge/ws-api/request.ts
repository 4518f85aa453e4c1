import { numberSources } from "../../schemas/number-sources.ts";
import { type IdText, idTextOf, NO_ID } from "../../schemas/request-id.ts";
import { parseJson } from "../../schemas/shallow-json.ts";
import { ApiError } from "../api-error.ts";
import {
	emptyValues,
	MOST_PARAMETERS,
	type ParameterValues,
	tooManyParameters,
} from "../http/parameters.ts";

export interface WsRequest {
	readonly id: IdText;
	/** Without "v3/". */
	readonly method: string;
	/** As sent, all as text, without the signature; empty ones only in `payload`. */
	readonly values: ParameterValues;
	/** What a signature covers: numbers as they were sent. */
	readonly payload: string;
	readonly signature: string;
}

/** A frame that is no request; the id, if at least that could be read. */
export class BadRequest {
	readonly id: IdText;
	readonly error: ApiError;

	constructor(id: IdText, error: ApiError) {
		this.id = id;
		this.error = error;
	}
}

const MAX_ID_LENGTH = 64;

/** A number that may be written otherwise than JavaScript would: with a fraction or an exponent. */
const OWN_SPELLING = /[:,\s]-?\d+[.eE]/;

/** Reads a frame. Numbers and truth values count as text; a signature covers numbers as they were sent. */
export function readRequest(text: string): WsRequest | BadRequest {
	let frame: unknown;
	try {
		frame = parseJson(text);
	} catch {
		return new BadRequest(NO_ID, invalidJson());
	}
	if (!isRecord(frame)) return new BadRequest(NO_ID, invalidJson());
	const id = idTextOf(text, frame["id"], MAX_ID_LENGTH);
	if (id === undefined) {
		const said = "Invalid 'id' in JSON request; expected an integer, a short string, or null.";
		return new BadRequest(NO_ID, new ApiError(-1135, said));
	}
	try {
		return readFrame(id, frame, OWN_SPELLING.test(text) ? spellingsIn(text) : AS_USUAL);
	} catch (error) {
		if (error instanceof ApiError) return new BadRequest(id, error);
		throw error;
	}
}

function readFrame(
	id: IdText,
	frame: Readonly<Record<string, unknown>>,
	spellings: ReadonlyMap<string, string>,
): WsRequest {
	const method = frame["method"];
	if (typeof method !== "string") {
		throw new ApiError(-1135, "Invalid 'method' in JSON request; expected a string.");
	}
	const params = frame["params"] ?? {};
	if (!isRecord(params)) {
		throw new ApiError(-1135, "Invalid 'params' in JSON request; expected an object.");
	}
	const values = emptyValues();
	const signed: string[] = [];
	let signature = "";
	const names = Object.keys(params);
	if (names.length > MOST_PARAMETERS) throw tooManyParameters();
	for (const name of names.sort()) {
		// In what is signed, one name of this kind would stand for several parameters.
		if (name.includes("&") || name.includes("=")) throw illegalCharacters();
		const value = asText(params[name]);
		if (value === null) continue;
		if (name === "signature") {
			signature = value;
		} else {
			signed.push(`${name}=${spellings.get(name) ?? value}`);
			if (value !== "") values[name] = value;
		}
	}
	return {
		id,
		method: method.startsWith("v3/") ? method.slice(3) : method,
		values,
		payload: signed.join("&"),
		signature,
	};
}

const AS_USUAL: ReadonlyMap<string, string> = new Map();

/** The numbers among the frame's params, by name, as they were sent: 1.0 is what Python makes of 1. */
function spellingsIn(text: string): ReadonlyMap<string, string> {
	return numberSources(text, (frame) => (frame as { params?: unknown }).params);
}

/** null for what counts as not sent. */
function asText(value: unknown): string | null {
	if (typeof value === "string") return value;
	if (value === null || value === undefined) return null;
	if (typeof value === "boolean") return String(value);
	if (Array.isArray(value)) return JSON.stringify(value);
	if (typeof value !== "number") throw illegalCharacters();
	// Its digits are lost already: better no answer than one about another number.
	if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
		throw new ApiError(-1108, "A parameter's number is too large; send it as a string.");
	}
	return String(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function illegalCharacters(): ApiError {
	return new ApiError(-1100, "Illegal characters found in a parameter.");
}

function invalidJson(): ApiError {
	return new ApiError(-1135, "Invalid JSON Request");
}
