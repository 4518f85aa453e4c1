import type { OrderCount } from "../../schemas/ports/account-service.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** An interval as Binance names it: 10 SECOND, 1 DAY. */
export interface NamedInterval {
	readonly interval: "SECOND" | "MINUTE" | "HOUR" | "DAY";
	readonly intervalNum: number;
}

export function namedInterval(intervalMs: number): NamedInterval {
	if (intervalMs % DAY_MS === 0) return { interval: "DAY", intervalNum: intervalMs / DAY_MS };
	if (intervalMs % HOUR_MS === 0) return { interval: "HOUR", intervalNum: intervalMs / HOUR_MS };
	if (intervalMs % MINUTE_MS === 0) {
		return { interval: "MINUTE", intervalNum: intervalMs / MINUTE_MS };
	}
	return { interval: "SECOND", intervalNum: intervalMs / SECOND_MS };
}

/** By interval: a venue has two, and every order's answer names them. */
const countHeaders = new Map<number, string>();

/** x-mbx-order-count-10s and its like. */
export function orderCountHeader({ intervalMs }: OrderCount): string {
	let header = countHeaders.get(intervalMs);
	if (header === undefined) {
		const { interval, intervalNum } = namedInterval(intervalMs);
		header = `x-mbx-order-count-${intervalNum}${interval[0]!.toLowerCase()}`;
		countHeaders.set(intervalMs, header);
	}
	return header;
}

/** Headers of a JSON answer with the weight used so far. */
export function jsonHeaders(usedWeight: number): Record<string, string> {
	return {
		"content-type": "application/json;charset=UTF-8",
		"cache-control": "no-cache, no-store, must-revalidate",
		"x-content-type-options": "nosniff",
		"x-mbx-used-weight-1m": String(usedWeight),
	};
}
