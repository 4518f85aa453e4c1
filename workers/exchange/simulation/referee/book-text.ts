import type { Engine } from "../../../../engine/engine.ts";
import type { ModelSymbol } from "./model-symbol.ts";

/** A book's levels, by which two of them are compared. */
export function levelsText(
	book: { readonly bids: unknown; readonly asks: unknown } | undefined,
): string {
	return JSON.stringify({ bids: book?.bids, asks: book?.asks });
}

/** The levels that the events have made, best first. */
export function ownLevelsText({ levels: [bids, asks] }: ModelSymbol): string {
	return levelsText({
		bids: [...bids].sort((a, b) => b[0] - a[0]),
		asks: [...asks].sort((a, b) => a[0] - b[0]),
	});
}

/** 16 and 17: an engine at the end of `trades` has the levels and the open orders of its events; null when it has. */
export function engineFault(symbol: ModelSymbol, engine: Engine | undefined): string | null {
	const { spec, open, orders } = symbol;
	const own = ownLevelsText(symbol);
	const inEngine = levelsText(engine?.depth(spec.symbolId));
	if (inEngine !== own) return `16: ${spec.symbol}: the engine has ${inEngine}, the events ${own}`;
	let count = 0;
	for (const view of engine?.openOrders() ?? []) {
		if (view.symbolId !== spec.symbolId) continue;
		count += 1;
		const order = orders.get(view.orderId);
		const left = view.stop ? view.qtyLots : view.leavesLots;
		const same = order?.leavesLots === left && order.userId === view.userId && !order.ended;
		if (!same) return `17: ${spec.symbol}: order ${view.orderId} is another in the engine`;
	}
	if (count === open.size) return null;
	return `17: ${spec.symbol}: ${count} orders in the engine, ${open.size} are open`;
}
