import type { Amendment, OrderState } from "../../schemas/order-state.ts";

/** Those of the orders. An amendment does not say of which partition it is: whatever is amended changes. */
export function amendmentsOfOrders(
	amendments: readonly Amendment[],
	orders: readonly OrderState[],
): Amendment[] {
	const names = new Set(orders.map(nameOf));
	return amendments.filter((amendment) => names.has(nameOf(amendment)));
}

function nameOf({ symbolId, orderId }: { symbolId: number; orderId: number }): string {
	return `${symbolId}/${orderId}`;
}
