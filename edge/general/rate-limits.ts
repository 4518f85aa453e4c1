import { namedInterval } from "../../schemas/api/named-interval.ts";
import type { OrderCount } from "../../schemas/ports/account-service.ts";
import type { EdgeSettings } from "../settings.ts";

/** The venue's limits as exchangeInfo shows them; clients know these three types only, so connections stay out. */
export function rateLimitList(settings: EdgeSettings): readonly object[] {
	return [
		rateLimit("REQUEST_WEIGHT", 60_000, settings.requestWeightPerMinute),
		rateLimit("ORDERS", 10_000, settings.ordersPer10Seconds),
		rateLimit("ORDERS", 86_400_000, settings.ordersPerDay),
		rateLimit("RAW_REQUESTS", 300_000, settings.rawRequestsPer5Minutes),
	];
}

/** How far an account is into its ORDERS limits. */
export function orderCountList(counts: readonly OrderCount[]): readonly object[] {
	return counts.map(({ intervalMs, limit, count }) => ({
		...rateLimit("ORDERS", intervalMs, limit),
		count,
	}));
}

function rateLimit(rateLimitType: string, intervalMs: number, limit: number): object {
	return { rateLimitType, ...namedInterval(intervalMs), limit };
}
