import type { Fill, OrderState } from "../../../schemas/order-state.ts";

/**
 * Where what stands in the table. All that one query reads has one partition key; numbers are padded,
 * so that text sorts as they do.
 *
 * | pk | sk | is |
 * |---|---|---|
 * | order/USER/SYMBOL | ORDER/EVSEQ | an order as of that event; never changed, the newest counts |
 * | client/USER/SYMBOL/CLIENT ID | ORDER | an order that had that client id at some time |
 * | fill/USER/SYMBOL | TRADE/ORDER | a fill; never changed |
 * | open/PARTITION/BUCKET | SYMBOL/ORDER | an order that may be open, with its user |
 * | minute/SYMBOL | MINUTE | the lowest order id and trade id of that minute |
 * | position | PARTITION | how far a partition is written |
 */
export interface ItemKey {
	readonly pk: string;
	readonly sk: string;
}

/** A partition's open orders are spread over these, since one key takes 1,000 writes a second. */
export const OPEN_BUCKETS = 16;
const DIGITS = 16;
const MINUTE_MS = 60_000;

/** Smaller than any padded number; no key may be empty. */
export const FIRST = " ";
/** Larger than any padded number, and than anything that follows one. */
export const LAST = "~";

export function padded(value: number): string {
	return String(value).padStart(DIGITS, "0");
}

export function ordersPk(userId: number, symbolId: number): string {
	return `order/${userId}/${symbolId}`;
}

export function orderKey(o: OrderState): ItemKey {
	return { pk: ordersPk(o.userId, o.symbolId), sk: `${padded(o.orderId)}/${padded(o.evSeq)}` };
}

export function clientPk(userId: number, symbolId: number, clientOrderId: string): string {
	return `client/${userId}/${symbolId}/${clientOrderId}`;
}

export function clientKey(o: OrderState): ItemKey {
	return { pk: clientPk(o.userId, o.symbolId, o.clientOrderId), sk: padded(o.orderId) };
}

export function fillsPk(userId: number, symbolId: number): string {
	return `fill/${userId}/${symbolId}`;
}

export function fillKey(f: Fill): ItemKey {
	return { pk: fillsPk(f.userId, f.symbolId), sk: `${padded(f.tradeId)}/${padded(f.orderId)}` };
}

export function openPk(partition: number, bucket: number): string {
	return `open/${partition}/${bucket}`;
}

export function openKey(o: OrderState): ItemKey {
	return {
		pk: openPk(o.partition, o.orderId % OPEN_BUCKETS),
		sk: `${padded(o.symbolId)}/${padded(o.orderId)}`,
	};
}

export function minutesPk(symbolId: number): string {
	return `minute/${symbolId}`;
}

export function minuteOf(ts: number): string {
	return padded(Math.floor(ts / MINUTE_MS));
}

export function positionKey(partition: number): ItemKey {
	return { pk: "position", sk: padded(partition) };
}
