import { ownText } from "../../schemas/own-text.ts";
import { ApiError } from "../api-error.ts";

/** Names and values as sent, decoded; without a prototype, so that no name means anything. */
export type ParameterValues = Record<string, string>;

export interface RequestParameters {
	/** Without empty values and without the signature. */
	readonly values: ParameterValues;
	/** The bytes a signature covers, as text: raw query, then raw body, less `signature`. */
	readonly payload: string;
	/** "" when there is none. */
	readonly signature: string;
}

interface Part {
	readonly values: ParameterValues;
	readonly unsigned: string;
	readonly signature: string;
	readonly hasEmpty: boolean;
	/** A pair has no "=". */
	readonly hasBare: boolean;
}

/**
 * Reads the parameters of a call from its raw query and its raw form body. A name in both is taken
 * from the query; an empty value counts as not sent. Query and body are signed as one text, without anything between
 * them: what is cut there within a pair could be read as another call than the one that was signed.
 *
 * @throws ApiError -1101 for a name repeated within one of them, or for too many, -1100 for a broken percent-encoding,
 * and for a pair without "=" where there are both
 */
export function parseParameters(query: string, body: string): RequestParameters {
	const fromQuery = parsePart(query);
	if (body === "") {
		const values = fromQuery.hasEmpty ? merged(fromQuery.values, emptyValues()) : fromQuery.values;
		return { values, payload: fromQuery.unsigned, signature: fromQuery.signature };
	}
	const fromBody = parsePart(body);
	if (query !== "" && (fromQuery.hasBare || fromBody.hasBare)) throw cutWithin();
	return {
		values: merged(fromQuery.values, fromBody.values),
		payload: fromQuery.unsigned + fromBody.unsigned,
		signature: fromQuery.signature === "" ? fromBody.signature : fromQuery.signature,
	};
}

/** A record that inherits nothing. */
export function emptyValues(): ParameterValues {
	return Object.create(null) as ParameterValues;
}

function merged(first: ParameterValues, second: ParameterValues): ParameterValues {
	const values = emptyValues();
	for (const name in second) if (second[name] !== "") values[name] = second[name]!;
	for (const name in first) if (first[name] !== "") values[name] = first[name]!;
	return values;
}

/**
 * Names that were sent before. Text that is cut out anew is hashed before it can name a field, and that
 * costs more than all else here; one that is found again in this way has been hashed already.
 */
const seenNames = new Array<string>(256).fill("");

/** The name from `start` to `end`, which is longer than nothing. */
function nameIn(text: string, start: number, end: number): string {
	const length = end - start;
	const ends = text.charCodeAt(start) * 7 + text.charCodeAt(end - 1);
	const place = (ends + length * 31) & 255;
	const seen = seenNames[place]!;
	if (seen.length === length && text.startsWith(seen, start)) return seen;
	const name = text.slice(start, end);
	if (length <= LONGEST_KEPT_NAME && text.length <= LONGEST_HELD) seenNames[place] = name;
	return name;
}

const LONGEST_KEPT_NAME = 32;

function parsePart(text: string): Part {
	const values = emptyValues();
	/** Decoding changes nothing of it. */
	const plain = !text.includes("%") && !text.includes("+");
	const isLong = text.length > LONGEST_HELD;
	let unsigned = text;
	let signature: string | null = null;
	let hasEmpty = false;
	let hasBare = false;
	let names = 0;
	let start = 0;
	while (start < text.length) {
		let end = text.indexOf("&", start);
		if (end < 0) end = text.length;
		if (end > start) {
			if (++names > MOST_PARAMETERS) throw tooManyParameters();
			const equals = text.indexOf("=", start);
			const split = equals < 0 || equals > end ? end : equals;
			hasBare ||= split === end;
			const sent = split > start ? nameIn(text, start, split) : "";
			const name = plain ? sent : decode(sent);
			const raw = split < end ? text.slice(split + 1, end) : "";
			if (name === "signature") {
				if (signature !== null) throw duplicate();
				// A base64 "+" that was not encoded is not a space.
				signature = plain ? raw : decodePercent(raw);
				if (isLong) signature = ownText(signature);
				unsigned = without(text, start, end);
			} else {
				if (name in values) throw duplicate();
				const value = plain ? raw : decode(raw);
				values[name] = isLong ? ownText(value) : value;
				hasEmpty ||= value === "";
			}
		}
		start = end + 1;
	}
	return { values, unsigned, signature: signature ?? "", hasEmpty, hasBare };
}

/**
 * Of a text that is longer than a call's own parameters, values are copies: whoever keeps a part of it would keep all.
 * Of others, who keeps one copies it.
 */
const LONGEST_HELD = 1_024;

/** The text less the pair from `start` to `end` and one "&" beside it. */
function without(text: string, start: number, end: number): string {
	if (end === text.length) return text.slice(0, Math.max(0, start - 1));
	return text.slice(0, start) + text.slice(end + 1);
}

function decode(text: string): string {
	return decodePercent(text.includes("+") ? text.replaceAll("+", " ") : text);
}

function decodePercent(text: string): string {
	if (!text.includes("%")) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		throw new ApiError(-1100, "Illegal characters found in a parameter.");
	}
}

/** Several times what any call has: thousands of names cost more to read than what they ask for. */
export const MOST_PARAMETERS = 100;

export function tooManyParameters(): ApiError {
	return new ApiError(-1101, "Too many parameters sent for this endpoint.");
}

function cutWithin(): ApiError {
	return new ApiError(
		-1100,
		"A parameter without '=' is taken in the query or in the body only, not beside the other.",
	);
}

function duplicate(): ApiError {
	return new ApiError(-1101, "Duplicate values for a parameter detected.");
}
