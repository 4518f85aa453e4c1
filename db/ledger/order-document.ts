import type { OrderState } from "../../schemas/order-state.ts";

/** All of an order but what it still holds, which is money and has a numeric column. */
type DocumentField = Exclude<keyof OrderState, "heldAmount">;

/**
 * The places in the document. They are in the database: they never change, a new field goes last, and
 * reads as undefined from older rows, so give it a default here then. An array is a fifth of the bytes
 * of an object with names, in the log of the database as in the statement.
 */
const PLACES: Readonly<Record<DocumentField, number>> = {
	side: 0,
	type: 1,
	timeInForce: 2,
	byQuote: 3,
	priceTicks: 4,
	qtyLots: 5,
	capTickLots: 6,
	stopPriceTicks: 7,
	displayLots: 8,
	stpMode: 9,
	makerFeePpm: 10,
	takerFeePpm: 11,
	clientOrderId: 12,
	clientIdGiven: 13,
	strategyId: 14,
	strategyType: 15,
	partition: 16,
	symbolId: 17,
	shard: 18,
	seq: 19,
	orderId: 20,
	userId: 21,
	status: 22,
	expiryReason: 23,
	cumQtyLots: 24,
	cumTickLots: 25,
	preventedLots: 26,
	preventedTickLots: 27,
	preventedMatchId: 28,
	holdAssetId: 29,
	createdAtMs: 30,
	updatedAtMs: 31,
	workingAtMs: 32,
	evSeq: 33,
};

const FIELDS = (Object.keys(PLACES) as DocumentField[]).sort((a, b) => PLACES[a] - PLACES[b]);

/** Values at their `PLACES`. */
export type OrderDocument = readonly (number | boolean | string)[];

export function orderDocument(order: OrderState): OrderDocument {
	return FIELDS.map((field) => order[field]);
}

/** The order that `orderDocument` was made of. */
export function orderOfDocument(document: OrderDocument, heldAmount: bigint): OrderState {
	const order: Record<string, unknown> = { heldAmount };
	for (let i = 0; i < FIELDS.length; i += 1) order[FIELDS[i]!] = document[i];
	return order as unknown as OrderState;
}
