const UNITS = [
	["DAY", 86_400_000],
	["HOUR", 3_600_000],
	["MINUTE", 60_000],
	["SECOND", 1_000],
	["MILLISECOND", 1],
] as const;

/** An interval as Binance names it: 10 SECOND, 1 DAY. Binance has none below a second. */
export interface NamedInterval {
	readonly interval: (typeof UNITS)[number][0];
	readonly intervalNum: number;
}

/** By the largest unit of which it is a whole multiple. */
export function namedInterval(intervalMs: number): NamedInterval {
	const [interval, unitMs] = UNITS.find(([, ms]) => intervalMs % ms === 0) ?? UNITS[4];
	return { interval, intervalNum: intervalMs / unitMs };
}
