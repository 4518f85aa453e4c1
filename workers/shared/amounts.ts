import { hasLimitPrice, Side } from "../../schemas/order.ts";
import { leavesLots, type OrderState } from "../../schemas/order-state.ts";
import type { SymbolSpec } from "../../schemas/symbol.ts";

/** A product of whole numbers, exact also beyond 2^53. */
export function product(a: number, b: number): bigint {
	const fast = a * b;
	return fast <= Number.MAX_SAFE_INTEGER ? BigInt(fast) : BigInt(a) * BigInt(b);
}

/** Price × quantity in the quote asset's smallest units. */
export function quoteAmount(spec: SymbolSpec, priceTicks: number, qtyLots: number): bigint {
	return tickLotAmount(spec, priceTicks * qtyLots, priceTicks, qtyLots);
}

/** Tick-lots in the quote asset's smallest units. */
export function budgetAmount(spec: SymbolSpec, tickLots: number): bigint {
	return product(tickLots, spec.quoteUnitsPerTickLot);
}

/** Lots in the base asset's smallest units. */
export function baseAmount(spec: SymbolSpec, qtyLots: number): bigint {
	return product(qtyLots, spec.baseUnitsPerLot);
}

/** What an admitted, open order holds, by its row of the hold table. */
export function heldBy(spec: SymbolSpec, order: OrderState): bigint {
	const left = leavesLots(order);
	if (order.side === Side.Sell) return baseAmount(spec, left);
	if (hasLimitPrice(order.type)) return quoteAmount(spec, order.priceTicks, left);
	return budgetAmount(spec, order.capTickLots - order.cumTickLots - order.preventedTickLots);
}

function tickLotAmount(spec: SymbolSpec, tickLots: number, price: number, lots: number): bigint {
	return tickLots <= Number.MAX_SAFE_INTEGER
		? product(tickLots, spec.quoteUnitsPerTickLot)
		: BigInt(price) * BigInt(lots) * BigInt(spec.quoteUnitsPerTickLot);
}
