import * as v from "valibot";
import { KLINE_INTERVALS } from "../market.ts";
import {
	CANCEL_REPLACE_MODE_NAMES,
	cancelReplaceModeOf,
	cancelRestrictionOf,
	ORDER_TYPE_NAMES,
	orderTypeOf,
	SIDE_NAMES,
	STP_MODE_NAMES,
	sideOf,
	stpModeOf,
	TIME_IN_FORCE_NAMES,
	timeInForceOf,
} from "./order-names.ts";
import { fault, illegalCharacters, MALFORMED, NOT_VALID } from "./param-fault.ts";
import { withQuickFields, withQuickRead } from "./quick-read.ts";

/**
 * The kinds of parameters. Every value arrives as text, whatever the transport; each kind says what it
 * takes, in Binance's own ranges, and which code the rest gets.
 */

const DECIMAL = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";
const WHOLE = "^[0-9]{1,20}$";
const CLIENT_ID = "^[\\.A-Z\\:/a-z0-9_-]{1,36}$";
const SYMBOL = "^[A-Z0-9-_.]{1,20}$";
const SYMBOLS = '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}")*\\]$';
const PERMISSION = "^[A-Z0-9_]{1,40}$";
const PERMISSIONS = '^([A-Z0-9_]{1,40}|\\["[A-Z0-9_]{1,40}"(,"[A-Z0-9_]{1,40}")*\\])$';

/** What the OpenAPI document says of a parameter; it has to stand before any transformation. */
interface About {
	readonly description?: string;
	readonly examples?: readonly string[];
}

function text(range: string, about: About = {}) {
	const legal = new RegExp(range);
	const schema = v.pipe(
		v.string(fault(...MALFORMED)),
		v.regex(legal, illegalCharacters(range)),
		v.metadata({ ...about }),
	);
	return withQuickRead(schema, (sent) => (legal.test(sent) ? sent : undefined));
}

function wholeNumber(least: number, description: string) {
	const legal = new RegExp(WHOLE);
	const schema = v.pipe(
		text(WHOLE),
		v.metadata({ type: "integer", minimum: least, description }),
		v.transform(Number),
		v.check((n) => n >= least && Number.isSafeInteger(n), fault(...NOT_VALID)),
	);
	return withQuickRead(schema, (sent) => {
		const n = legal.test(sent) ? Number(sent) : Number.NaN;
		return n >= least && Number.isSafeInteger(n) ? n : undefined;
	});
}

/** A plain decimal: no sign, exponent, space or NaN. What it is a multiple of, the symbol knows. */
export const decimal = text(DECIMAL, { description: "A decimal number of at most 8 places." });

/** A whole number that counts or names something. */
export const whole = wholeNumber(0, "A whole number.");

/** The id of an order or trade that is meant: they start at 1. */
export const existingId = wholeNumber(1, "An id, from 1.");

/** Of 16 digits, as microseconds are since 2001. A time of fewer is milliseconds, however far ahead. */
const LEAST_MICROSECONDS = 1_000_000_000_000_000;

const asSent = wholeNumber(0, "Milliseconds since 1970; microseconds, where it has 16 digits.");

/** A time in milliseconds or microseconds up to which something is asked for; ms afterwards. */
export const endTime = v.pipe(
	asSent,
	v.transform((t) => (t >= LEAST_MICROSECONDS ? Math.floor(t / 1000) : t)),
);

/**
 * A time from which on something is asked for, as `endTime`. Whoever pages in microseconds asks from one
 * after the last row's: that millisecond is over for it, or it would get that row again, for ever.
 */
export const startTime = v.pipe(
	asSent,
	v.transform((t) => (t >= LEAST_MICROSECONDS ? Math.ceil(t / 1000) : t)),
);

/** How many rows: from 1; more than `most` is taken as `most`. */
export function limit(most: number, otherwise: number) {
	return v.optional(
		v.pipe(
			wholeNumber(1, `At most ${most}; more is taken as ${most}.`),
			v.transform((n) => Math.min(n, most)),
		),
		String(otherwise),
	);
}

/** A client order id. */
export const clientId = text(CLIENT_ID, { description: "An id of the client's choice." });

export const symbol = text(SYMBOL, { examples: ["BTCUSDT"] });

/** Several symbols: JSON text, or the array itself. */
export const symbols = v.pipe(
	v.union([v.string(), v.array(v.string())], illegalCharacters(SYMBOLS)),
	v.metadata({ description: "A JSON list.", examples: ['["BTCUSDT","ETHUSDT"]'] }),
	v.rawTransform(({ dataset, addIssue, NEVER }) => {
		const names = namesOf(dataset.value);
		if (names === null || !names.every((name) => new RegExp(SYMBOL).test(name))) {
			addIssue({
				message: illegalCharacters(SYMBOLS),
			});
			return NEVER;
		}
		if (new Set(names).size < names.length) {
			addIssue({ message: fault(-1151, "Symbol is present multiple times in the list.") });
			return NEVER;
		}
		return names;
	}),
);

/** What an account may need to trade a symbol: one name, JSON text of several, or the array itself. */
export const permissions = v.pipe(
	v.union([v.string(), v.array(v.string())], illegalCharacters(PERMISSIONS)),
	v.metadata({ description: "One, or a JSON list.", examples: ["SPOT", '["MARGIN","SPOT"]'] }),
	v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
		const isOne = typeof value === "string" && new RegExp(PERMISSION).test(value);
		const names = isOne ? [value] : namesOf(value);
		if (names?.every((name) => new RegExp(PERMISSION).test(name))) return names;
		addIssue({ message: illegalCharacters(PERMISSIONS) });
		return NEVER;
	}),
);

/** The state that a symbol has to have. */
export const symbolStatus = v.picklist(
	["TRADING", "HALT", "BREAK"],
	fault(-1122, "Invalid symbolStatus."),
);

function namesOf(value: string | readonly string[]): readonly string[] | null {
	if (typeof value !== "string") return value.length > 0 ? value : null;
	if (!/^\["[^"\\]*"(,\s*"[^"\\]*")*\]$/.test(value)) return null;
	return JSON.parse(value);
}

export const flag = v.pipe(
	v.string(fault(...MALFORMED)),
	v.regex(/^(true|false)$/i, fault(...NOT_VALID)),
	v.metadata({ type: "boolean" }),
	v.transform((value) => value.toLowerCase() === "true"),
);

/** A closed list of words; any other gets `message`. */
function word<const Names extends readonly string[], Word>(
	names: Names,
	wordOf: (name: string) => Word | undefined,
	message: string,
) {
	const schema = v.pipe(
		v.picklist(names, message),
		v.transform((name) => wordOf(name) as Word),
	);
	const words = new Map<string, Word | undefined>(names.map((name) => [name, wordOf(name)]));
	return withQuickRead(schema, (sent) => words.get(sent));
}

export const side = word(SIDE_NAMES, sideOf, fault(-1117, "Invalid side."));
export const orderType = word(ORDER_TYPE_NAMES, orderTypeOf, fault(-1116, "Invalid orderType."));
export const timeInForce = word(
	TIME_IN_FORCE_NAMES,
	timeInForceOf,
	fault(-1115, "Invalid timeInForce."),
);
export const stpMode = word(STP_MODE_NAMES, stpModeOf, fault(...NOT_VALID));
export const cancelRestriction = word(
	["ONLY_NEW", "ONLY_PARTIALLY_FILLED"] as const,
	cancelRestrictionOf,
	fault(-1145, "cancelRestrictions has to be either ONLY_NEW or ONLY_PARTIALLY_FILLED."),
);
export const cancelReplaceMode = word(
	CANCEL_REPLACE_MODE_NAMES,
	cancelReplaceModeOf,
	fault(...NOT_VALID),
);
/** What cancel-replace does when the account has too many unfilled orders. */
export const limitExceededMode = withQuickRead(
	v.picklist(["DO_NOTHING", "CANCEL_ONLY"], fault(...NOT_VALID)),
	(sent) => (sent === "DO_NOTHING" || sent === "CANCEL_ONLY" ? sent : undefined),
);
export const interval = v.picklist(KLINE_INTERVALS, fault(-1120, "Invalid interval."));
export const responseType = withQuickRead(
	v.picklist(["ACK", "RESULT", "FULL"], fault(...NOT_VALID)),
	(sent) => (sent === "ACK" || sent === "RESULT" || sent === "FULL" ? sent : undefined),
);
export const tickerType = v.picklist(["FULL", "MINI"], fault(-1139, "Invalid ticker type."));

/** Milliseconds of a `timeZone` parameter: "8", "-3", "05:45"; from -12:00 to +14:00. */
export const timeZone = v.pipe(
	v.string(fault(...MALFORMED)),
	v.regex(/^[+-]?\d{1,2}(:[0-5]\d)?$/, fault(...NOT_VALID)),
	v.metadata({ description: "From -12:00 to +14:00.", examples: ["0", "-03:30"] }),
	v.transform((zone) => {
		const [hours, minutes] = zone.replace(/^[+-]/, "").split(":");
		const size = (Number(hours) * 60 + Number(minutes ?? 0)) * 60_000;
		return zone.startsWith("-") ? -size : size;
	}),
	v.minValue(-12 * 3_600_000, fault(...NOT_VALID)),
	v.maxValue(14 * 3_600_000, fault(...NOT_VALID)),
);

/** Ticker windows in ms: 1m to 59m, 1h to 23h, 1d to 7d. */
export const windowSize = v.pipe(
	v.string(fault(...MALFORMED)),
	v.regex(/^([1-5]?\d[m]|1?\dh|2[0-3]h|[1-7]d)$/, fault(...NOT_VALID)),
	v.metadata({ description: "1m to 59m, 1h to 23h, 1d to 7d." }),
	v.transform((size) => {
		const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[size.at(-1) as "m" | "h" | "d"];
		return Number(size.slice(0, -1)) * unit;
	}),
	v.minValue(60_000, fault(...NOT_VALID)),
);

/** The parameters of a call: unknown names are dropped, missing ones named in the error. */
export function params<const Entries extends v.ObjectEntries>(entries: Entries) {
	return withQuickFields(v.object(entries, fault(...MALFORMED)), entries);
}
