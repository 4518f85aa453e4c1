import type { TimeUnit } from "../../schemas/api/time-unit.ts";

/** How a connection wants its payloads: bare or with the stream's name, times in ms or µs. */
export interface PayloadForm {
	readonly combined: boolean;
	readonly unit: TimeUnit;
}

/** All of them, so that a form has a number. */
export const PAYLOAD_FORMS: readonly PayloadForm[] = [
	{ combined: false, unit: "MILLISECOND" },
	{ combined: true, unit: "MILLISECOND" },
	{ combined: false, unit: "MICROSECOND" },
	{ combined: true, unit: "MICROSECOND" },
];

/** The place of a form in PAYLOAD_FORMS. */
export function formNumber(form: PayloadForm): number {
	return (form.combined ? 1 : 0) + (form.unit === "MICROSECOND" ? 2 : 0);
}

/** The server's topic of a stream in a form. */
export function topicOf(stream: string, formNumber: number): string {
	return `${formNumber}${stream}`;
}

/** A market payload as a form has it. */
export function inForm(form: PayloadForm, stream: string, payload: string): string {
	const timed = form.unit === "MICROSECOND" ? inMicroseconds(payload) : payload;
	return form.combined ? wrapped(stream, timed) : timed;
}

/** `{"stream":…,"data":…}` around JSON text. */
export function wrapped(stream: string, payload: string): string {
	return `{"stream":${JSON.stringify(stream)},"data":${payload}}`;
}

/** The keys of times, by event; "t" is a trade's id, so not every event's letters are times. */
const TIME_KEYS: readonly (readonly [event: RegExp, keys: RegExp])[] = [
	[/^(?:trade|aggTrade|avgPrice|depthUpdate)$/, /"([ET])":(\d+)/g],
	[/^kline$/, /"([EtT])":(\d+)/g],
	[/Ticker$/, /"([EOC])":(\d+)/g],
];

function inMicroseconds(payload: string): string {
	const event = /^\[?\{"e":"(\w+)"/.exec(payload)?.[1];
	const keys = TIME_KEYS.find(([name]) => event !== undefined && name.test(event))?.[1];
	if (keys === undefined) return payload;
	// A bar ends one unit before the next opens, whatever the unit.
	const end = event === "kline" ? "999" : "000";
	return payload.replace(keys, (_, key, ms) =>
		key === "T" ? `"T":${ms}${end}` : `"${key}":${ms}000`,
	);
}
