import type { Fill, OrderState } from "../../schemas/order-state.ts";
import type { FillRange, OrderRange } from "../../schemas/ports/order-log.ts";

/**
 * The account worker has what is open or finished lately, the order log what was written; they overlap
 * and the worker is never behind. Together they are complete.
 */

/**
 * Orders of both, ascending by id; of one that both have, the one that a later event changed. Within
 * the range; with a start or an id the oldest `limit`, else the newest.
 */
export function mergeOrders(
	recent: readonly OrderState[],
	logged: readonly OrderState[],
	range: OrderRange,
): readonly OrderState[] {
	const byId = new Map<number, OrderState>();
	for (const order of logged) byId.set(order.orderId, order);
	for (const order of recent) {
		const other = byId.get(order.orderId);
		if (other === undefined || other.evSeq < order.evSeq) byId.set(order.orderId, order);
	}
	const within = [...byId.values()].filter(
		(order) =>
			order.orderId > 0 &&
			order.orderId >= range.fromOrderId &&
			inTime(order.createdAtMs, range.startMs, range.endMs),
	);
	within.sort((a, b) => a.orderId - b.orderId);
	return page(within, range.limit, range.fromOrderId > 0 || range.startMs > 0);
}

/**
 * Fills of both, ascending by trade; each side of a trade once. Within the range; with a start or an
 * id the oldest `limit`, else the newest. A page by id has the other side of its last trade too, as one
 * row more: the client goes on from the next id.
 *
 * @param logged a page of `limit` + 1
 */
export function mergeFills(
	recent: readonly Fill[],
	logged: readonly Fill[],
	range: FillRange,
): readonly Fill[] {
	const bySide = new Map<string, Fill>();
	for (const fill of [...logged, ...recent]) bySide.set(`${fill.tradeId}/${fill.side}`, fill);
	const within = [...bySide.values()].filter(
		(fill) =>
			(range.orderId === 0 || fill.orderId === range.orderId) &&
			fill.tradeId >= range.fromTradeId &&
			inTime(fill.ts, range.startMs, range.endMs),
	);
	within.sort((a, b) => a.tradeId - b.tradeId || a.side - b.side);
	const fromStart = range.fromTradeId > 0 || range.startMs > 0;
	return page(within, range.limit + (cutsTrade(within, range) ? 1 : 0), fromStart);
}

/** True for a page by id that would end between the two sides of a trade of an account with itself. */
function cutsTrade(fills: readonly Fill[], { fromTradeId, limit }: FillRange): boolean {
	return fromTradeId > 0 && fills[limit]?.tradeId === fills[limit - 1]?.tradeId;
}

function inTime(ts: number, startMs: number, endMs: number): boolean {
	return (startMs === 0 || ts >= startMs) && (endMs === 0 || ts <= endMs);
}

function page<T>(rows: readonly T[], limit: number, fromStart: boolean): readonly T[] {
	if (rows.length <= limit) return rows;
	return fromStart ? rows.slice(0, limit) : rows.slice(rows.length - limit);
}
