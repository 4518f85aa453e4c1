import { INVALID_TIME_UNIT, type TimeUnit, timeUnitOf } from "../../schemas/api/time-unit.ts";
import { ApiError } from "../api-error.ts";

/** Fields of answers that are times, in ms. */
const TIME_FIELDS = new Set([
	"serverTime",
	"time",
	"updateTime",
	"workingTime",
	"trailingTime",
	"transactTime",
	"transactionTime",
	"timestamp",
	"openTime",
	// Where no openTime stands beside it: an average's last trade.
	"closeTime",
	"authorizedSince",
	"connectedSince",
	// Of an aggregate trade; user events have their own way to microseconds.
	"T",
]);
/** Columns of a kline. */
const KLINE_COLUMNS = 12;
const KLINE_OPEN_TIME = 0;
const KLINE_CLOSE_TIME = 6;

/**
 * The unit that a client asks for; milliseconds when it says none.
 *
 * @throws ApiError -1194 for a word that is no unit
 */
export function askedTimeUnit(asked: string | null): TimeUnit {
	const unit = timeUnitOf(asked);
	if (unit === null) throw new ApiError(-1194, INVALID_TIME_UNIT);
	return unit;
}

/**
 * The answer with its times in microseconds. They are whole milliseconds in here, so the digits added
 * are zeros, but for the end of a bar or window: that is its last microsecond.
 */
export function inMicroseconds(value: unknown): unknown {
	if (Array.isArray(value)) {
		return isKline(value) ? klineInMicroseconds(value) : value.map(inMicroseconds);
	}
	if (typeof value !== "object" || value === null) return value;
	const result: Record<string, unknown> = {};
	const isWindow = "openTime" in value;
	for (const [name, field] of Object.entries(value)) {
		if (typeof field !== "number") result[name] = inMicroseconds(field);
		else if (isWindow && name === "closeTime") result[name] = lastMicrosecond(field);
		else result[name] = TIME_FIELDS.has(name) && field > 0 ? field * 1_000 : field;
	}
	return result;
}

/** The same error, with the times of its extra body in microseconds. */
export function errorInMicroseconds(error: ApiError): ApiError {
	const { code, message, status, data, retryAfterMs } = error;
	return new ApiError(code, message, status, inMicroseconds(data), retryAfterMs);
}

function isKline(row: readonly unknown[]): boolean {
	return row.length === KLINE_COLUMNS && typeof row[KLINE_OPEN_TIME] === "number";
}

function klineInMicroseconds(row: readonly unknown[]): unknown[] {
	return row.map((field, column) => {
		if (column === KLINE_OPEN_TIME) return (field as number) * 1_000;
		return column === KLINE_CLOSE_TIME ? lastMicrosecond(field as number) : field;
	});
}

function lastMicrosecond(ms: number): number {
	return ms * 1_000 + 999;
}
