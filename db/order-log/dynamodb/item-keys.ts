import type { Amendment, Fill, OrderState, PreventedMatch } from "../../../schemas/order-state.ts";

/**
 * Where what stands in the table. All that one query reads has one partition key; numbers are padded,
 * so that text sorts as they do.
 *
 * | pk | sk | is |
 * |---|---|---|
 * | ended/USER/SYMBOL | ORDER | an order that has ended |
 * | ended-client/USER/SYMBOL/CLIENT ID | ORDER | one that had that client id at its end |
 * | fill/USER/SYMBOL | TRADE/ORDER | a fill; never changed |
 * | amendment/USER/SYMBOL/ORDER | EXECUTION | an amendment of an order; never changed |
 * | prevented/USER/SYMBOL | MATCH | a prevented match; never changed |
 * | prevented/USER/SYMBOL/ORDER | MATCH | the same, for each of its orders |
 * | open-page/PARTITION/BUCKET | EVSEQ/WRITER/N | orders that may be open, as of that event; never changed |
 * | minute/SYMBOL | MINUTE | the lowest order id and trade id of that minute |
 * | position/2 | PARTITION | how far a partition is written |
 */
export interface ItemKey {
	readonly pk: string;
	readonly sk: string;
}

/** A partition's open orders are spread over these, since one key takes 1,000 KB a second. */
export const OPEN_BUCKETS = 16;
/** Its number is that of this form of the table: one of an earlier form is written anew, from the log's beginning. */
const POSITION = "position/2";
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
	return `ended/${userId}/${symbolId}`;
}

export function orderKey(o: Pick<OrderState, "userId" | "symbolId" | "orderId">): ItemKey {
	return { pk: ordersPk(o.userId, o.symbolId), sk: padded(o.orderId) };
}

export function clientPk(userId: number, symbolId: number, clientOrderId: string): string {
	return `ended-client/${userId}/${symbolId}/${clientOrderId}`;
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

export function amendmentsPk(userId: number, symbolId: number, orderId: number): string {
	return `amendment/${userId}/${symbolId}/${orderId}`;
}

export function amendmentKey(a: Amendment): ItemKey {
	return { pk: amendmentsPk(a.userId, a.symbolId, a.orderId), sk: padded(a.executionId) };
}

export function preventedMatchesPk(userId: number, symbolId: number, orderId?: number): string {
	const ofSymbol = `prevented/${userId}/${symbolId}`;
	return orderId === undefined ? ofSymbol : `${ofSymbol}/${orderId}`;
}

/** Where a prevented match is found: by its own id, and by each of its orders. */
export function preventedMatchKeys(m: PreventedMatch): readonly ItemKey[] {
	return [undefined, m.makerOrderId, m.takerOrderId].map((orderId) => ({
		pk: preventedMatchesPk(m.userId, m.symbolId, orderId),
		sk: padded(m.preventedMatchId),
	}));
}

export function openPagePk(partition: number, bucket: number): string {
	return `open-page/${partition}/${bucket}`;
}

export function isPageOf(partition: number, { pk }: ItemKey): boolean {
	return pk.startsWith(`open-page/${partition}/`);
}

/** @param n of the pages that the writer makes of one batch, from 0 */
export function openPageKey(partition: number, evSeq: number, writer: string, n: number): ItemKey {
	const pk = openPagePk(partition, (evSeq + n) % OPEN_BUCKETS);
	return { pk, sk: `${padded(evSeq)}/${writer}/${padded(n)}` };
}

export function minutesPk(symbolId: number): string {
	return `minute/${symbolId}`;
}

export function minuteOf(ts: number): string {
	return padded(Math.floor(ts / MINUTE_MS));
}

export function positionKey(partition: number): ItemKey {
	return { pk: POSITION, sk: padded(partition) };
}
