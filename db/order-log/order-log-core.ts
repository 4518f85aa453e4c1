import type { OrderLogFile } from "./order-log-file.ts";
import { decodeOrderLogRows } from "./order-state-codec.ts";

/** What the order log's thread serves. */
export function orderLogCore(file: OrderLogFile) {
	return {
		write: (texts: readonly string[]) => file.writeRows(decodeOrderLogRows(texts)),
		position: file.position.bind(file),
		orderById: file.orderById.bind(file),
		orderByClientId: file.orderByClientId.bind(file),
		orders: file.orders.bind(file),
		fills: file.fills.bind(file),
		amendments: file.amendments.bind(file),
		preventedMatches: file.preventedMatches.bind(file),
		openOrders: file.openOrders.bind(file),
		changesAfter: file.changesAfter.bind(file),
		sync: file.sync.bind(file),
		close: file.close.bind(file),
	};
}

export type OrderLogCore = ReturnType<typeof orderLogCore>;
