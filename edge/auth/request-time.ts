import { ApiError } from "../api-error.ts";
import { mandatory } from "../http/errors.ts";
import type { ParameterValues } from "../http/parameters.ts";

const DEFAULT_RECV_WINDOW_MS = 5_000;
const MAX_RECV_WINDOW_MS = 60_000;
const MAX_AHEAD_MS = 1_000;

export interface RequestTime {
	readonly timestampMs: number;
	readonly recvWindowMs: number;
}

/**
 * `timestamp` (ms, or µs with 16 digits) and `recvWindow` (ms, up to three decimals) of a signed
 * call, checked against the wall clock.
 *
 * @throws ApiError -1102 without a timestamp, -1131 for a bad window, -1021 outside of it
 */
export function checkTime(values: ParameterValues, nowMs: number): RequestTime {
	const timestamp = values["timestamp"];
	if (timestamp === undefined || !/^\d{1,16}$/.test(timestamp)) throw mandatory("timestamp");
	const timestampMs =
		timestamp.length === 16 ? Math.floor(Number(timestamp) / 1_000) : Number(timestamp);
	const recvWindowMs = recvWindow(values["recvWindow"]);
	if (timestampMs >= nowMs + MAX_AHEAD_MS) {
		throw new ApiError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
	}
	if (nowMs - timestampMs > recvWindowMs) {
		throw new ApiError(-1021, "Timestamp for this request is outside of the recvWindow.");
	}
	return { timestampMs, recvWindowMs };
}

function recvWindow(text: string | undefined): number {
	if (text === undefined) return DEFAULT_RECV_WINDOW_MS;
	if (!/^\d{1,9}(\.\d{1,3})?$/.test(text)) throw new ApiError(-1131, "Invalid recvWindow.");
	const ms = Number(text);
	if (ms > MAX_RECV_WINDOW_MS) {
		throw new ApiError(-1131, "recvWindow must be less than 60000.");
	}
	return ms;
}
