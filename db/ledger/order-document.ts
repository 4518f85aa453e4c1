import type { OrderState } from "../../schemas/order-state.ts";

/** All of an order but what it still holds, which is money and has a numeric column. */
type DocumentField = Exclude<keyof OrderState, "heldAmount">;

/**
 * The fields of a document, each at its place. They are in the database: their order never changes, a
 * new field goes last, and reads as undefined from older rows, so give it a default here then. An array
 * is a fifth of the bytes of an object with names, in the log of the database as in the statement.
 */
const FIELDS = [
	"side",
	"type",
	"timeInForce",
	"byQuote",
	"priceTicks",
	"qtyLots",
	"capTickLots",
	"stopPriceTicks",
	"displayLots",
	"stpMode",
	"makerFeePpm",
	"takerFeePpm",
	"clientOrderId",
	"clientIdGiven",
	"strategyId",
	"strategyType",
	"partition",
	"symbolId",
	"shard",
	"seq",
	"orderId",
	"userId",
	"status",
	"expiryReason",
	"cumQtyLots",
	"cumTickLots",
	"preventedLots",
	"preventedTickLots",
	"preventedMatchId",
	"holdAssetId",
	"createdAtMs",
	"updatedAtMs",
	"workingAtMs",
	"evSeq",
] as const satisfies readonly DocumentField[];

/** JSON text: an array of values at the places of `FIELDS`. */
export function orderDocument(order: OrderState): string {
	return JSON.stringify(FIELDS.map((field) => order[field]));
}

/** The order that `orderDocument` was made of. */
export function orderOfDocument(document: string, heldAmount: bigint): OrderState {
	const values: readonly unknown[] = JSON.parse(document);
	const fields = Object.fromEntries(FIELDS.map((field, place) => [field, values[place]]));
	// An order's field that has no place would be missing here: it does not compile.
	return { ...(fields as Pick<OrderState, (typeof FIELDS)[number]>), heldAmount };
}
