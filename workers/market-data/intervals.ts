import type { KlineInterval } from "../../schemas/market.ts";

/**
 * Where bars begin and end. All in UTC, or shifted from it by a time zone's offset; weeks begin on
 * Monday, months on their first. Calendar arithmetic is done here, on whole numbers.
 */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 5 January 1970. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Lengths of the intervals that have one; months do not. */
const LENGTH_MS: Readonly<Record<Exclude<KlineInterval, "1M">, number>> = {
	"1s": SECOND_MS,
	"1m": MINUTE_MS,
	"3m": 3 * MINUTE_MS,
	"5m": 5 * MINUTE_MS,
	"15m": 15 * MINUTE_MS,
	"30m": 30 * MINUTE_MS,
	"1h": HOUR_MS,
	"2h": 2 * HOUR_MS,
	"4h": 4 * HOUR_MS,
	"6h": 6 * HOUR_MS,
	"8h": 8 * HOUR_MS,
	"12h": 12 * HOUR_MS,
	"1d": DAY_MS,
	"3d": 3 * DAY_MS,
	"1w": WEEK_MS,
};

/** Intervals that tile a day, longest first: what shifted bars can be put together from. */
const TILES: readonly Exclude<KlineInterval, "1M">[] = [
	"12h",
	"8h",
	"6h",
	"4h",
	"2h",
	"1h",
	"30m",
	"15m",
	"5m",
	"3m",
	"1m",
	"1s",
];

/** Opening time of the bar that a moment falls into. */
export function barOpen(interval: KlineInterval, ms: number, offsetMs = 0): number {
	const local = ms + offsetMs;
	if (interval === "1M") return monthStart(monthOf(local)) - offsetMs;
	const length = LENGTH_MS[interval];
	const origin = interval === "1w" ? FIRST_MONDAY_MS : 0;
	return Math.floor((local - origin) / length) * length + origin - offsetMs;
}

/** Opening time of the bar `count` after (before, if negative) the one that opens at `openMs`. */
export function barAfter(interval: KlineInterval, openMs: number, offsetMs = 0, count = 1): number {
	if (interval !== "1M") return openMs + count * LENGTH_MS[interval];
	return monthStart(monthOf(openMs + offsetMs) + count) - offsetMs;
}

/**
 * The longest interval whose UTC bars put together give the bars of `interval` at this offset; itself
 * when the shift moves no boundary.
 */
export function baseInterval(interval: KlineInterval, offsetMs: number): KlineInterval {
	if (offsetMs === 0) return interval;
	const length = interval === "1M" || interval === "1w" ? DAY_MS : LENGTH_MS[interval];
	if (length <= DAY_MS && interval !== "1w" && interval !== "1M" && offsetMs % length === 0) {
		return interval;
	}
	for (const tile of TILES) {
		if (offsetMs % LENGTH_MS[tile] === 0 && length % LENGTH_MS[tile] === 0) return tile;
	}
	return "1s";
}

/** Months since January of year 0. */
function monthOf(ms: number): number {
	// Days to civil date, with years that begin in March so that the leap day is a year's last.
	const days = Math.floor(ms / DAY_MS) + 719_468;
	const era = Math.floor(days / 146_097);
	const dayOfEra = days - era * 146_097;
	const yearOfEra = Math.floor(
		(dayOfEra -
			Math.floor(dayOfEra / 1_460) +
			Math.floor(dayOfEra / 36_524) -
			Math.floor(dayOfEra / 146_096)) /
			365,
	);
	const dayOfYear =
		dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
	const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
	return (era * 400 + yearOfEra) * 12 + monthFromMarch + 2;
}

/** First moment of a month given as months since January of year 0. */
function monthStart(month: number): number {
	const fromMarch = month - 2;
	const year = Math.floor(fromMarch / 12);
	const monthFromMarch = fromMarch - year * 12;
	const era = Math.floor(year / 400);
	const yearOfEra = year - era * 400;
	const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5);
	const dayOfEra =
		yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
	return (era * 146_097 + dayOfEra - 719_468) * DAY_MS;
}
