import type { Amendment, Fill, OrderState, PreventedMatch } from "../../schemas/order-state.ts";
import type { OrderLogBatch } from "../../schemas/ports/order-log.ts";

/**
 * Orders and what happened to them as JSON arrays: fields in a fixed order, amounts as decimal text. A third of the
 * time and size of the objects. New fields go last; give an absent one its default where it is read.
 */
export type Row = readonly unknown[];

/** A version in front of every stored order: a reader refuses what it does not know. */
const VERSION = 1;

export function orderRow(o: OrderState): unknown[] {
	return [
		VERSION,
		o.partition,
		o.symbolId,
		o.shard,
		o.seq,
		o.orderId,
		o.userId,
		o.clientOrderId,
		o.clientIdGiven ? 1 : 0,
		o.status,
		o.expiryReason,
		o.side,
		o.type,
		o.timeInForce,
		o.byQuote ? 1 : 0,
		o.priceTicks,
		o.qtyLots,
		o.capTickLots,
		o.stopPriceTicks,
		o.displayLots,
		o.stpMode,
		o.makerFeePpm,
		o.takerFeePpm,
		o.strategyId,
		o.strategyType,
		o.cumQtyLots,
		o.cumTickLots,
		o.preventedLots,
		o.preventedTickLots,
		o.preventedMatchId,
		o.holdAssetId,
		o.heldAmount.toString(),
		o.createdAtMs,
		o.updatedAtMs,
		o.workingAtMs,
		o.evSeq,
	];
}

/**
 * The order of a row that `orderRow` made.
 *
 * @throws RangeError for a version this program does not know
 */
export function orderOf(row: Row): OrderState {
	if (row[0] !== VERSION) throw new RangeError(`not an order of version ${VERSION}: ${row[0]}`);
	const r = row as number[];
	return {
		partition: r[1]!,
		symbolId: r[2]!,
		shard: r[3]!,
		seq: r[4]!,
		orderId: r[5]!,
		userId: r[6]!,
		clientOrderId: row[7] as string,
		clientIdGiven: r[8] === 1,
		status: r[9] as OrderState["status"],
		expiryReason: r[10] as OrderState["expiryReason"],
		side: r[11] as OrderState["side"],
		type: r[12] as OrderState["type"],
		timeInForce: r[13] as OrderState["timeInForce"],
		byQuote: r[14] === 1,
		priceTicks: r[15]!,
		qtyLots: r[16]!,
		capTickLots: r[17]!,
		stopPriceTicks: r[18]!,
		displayLots: r[19]!,
		stpMode: r[20] as OrderState["stpMode"],
		makerFeePpm: r[21]!,
		takerFeePpm: r[22]!,
		strategyId: r[23]!,
		strategyType: r[24]!,
		cumQtyLots: r[25]!,
		cumTickLots: r[26]!,
		preventedLots: r[27]!,
		preventedTickLots: r[28]!,
		preventedMatchId: r[29]!,
		holdAssetId: r[30]!,
		heldAmount: BigInt(row[31] as string),
		createdAtMs: r[32]!,
		updatedAtMs: r[33]!,
		workingAtMs: r[34]!,
		evSeq: r[35]!,
	};
}

/** What a stored order is found by. */
export type OrderKeys = Pick<
	OrderState,
	| "partition"
	| "symbolId"
	| "orderId"
	| "userId"
	| "clientOrderId"
	| "status"
	| "createdAtMs"
	| "updatedAtMs"
	| "evSeq"
>;

/** The keys of a row that `orderRow` made, without the rest. */
export function orderKeys(row: Row): OrderKeys {
	const r = row as number[];
	return {
		partition: r[1]!,
		symbolId: r[2]!,
		orderId: r[5]!,
		userId: r[6]!,
		clientOrderId: row[7] as string,
		status: r[9] as OrderState["status"],
		createdAtMs: r[32]!,
		updatedAtMs: r[33]!,
		evSeq: r[35]!,
	};
}

export function fillRow(f: Fill): unknown[] {
	return [
		f.partition,
		f.symbolId,
		f.tradeId,
		f.orderId,
		f.userId,
		f.side,
		f.isMaker ? 1 : 0,
		f.priceTicks,
		f.qtyLots,
		f.feeAmount.toString(),
		f.feeAssetId,
		f.ts,
		f.evSeq,
	];
}

/** The fill of a row that `fillRow` made. */
export function fillOf(row: Row): Fill {
	const r = row as number[];
	return {
		partition: r[0]!,
		symbolId: r[1]!,
		tradeId: r[2]!,
		orderId: r[3]!,
		userId: r[4]!,
		side: r[5] as Fill["side"],
		isMaker: r[6] === 1,
		priceTicks: r[7]!,
		qtyLots: r[8]!,
		feeAmount: BigInt(row[9] as string),
		feeAssetId: r[10]!,
		ts: r[11]!,
		evSeq: r[12]!,
	};
}

export function amendmentRow(a: Amendment): unknown[] {
	return [
		a.symbolId,
		a.orderId,
		a.executionId,
		a.userId,
		a.origClientOrderId,
		a.clientOrderId,
		a.origQtyLots,
		a.newQtyLots,
		a.ts,
		a.evSeq,
	];
}

/** The amendment of a row that `amendmentRow` made. */
export function amendmentOf(row: Row): Amendment {
	const r = row as number[];
	return {
		symbolId: r[0]!,
		orderId: r[1]!,
		executionId: r[2]!,
		userId: r[3]!,
		origClientOrderId: row[4] as string,
		clientOrderId: row[5] as string,
		origQtyLots: r[6]!,
		newQtyLots: r[7]!,
		ts: r[8]!,
		evSeq: r[9]!,
	};
}

export function preventedMatchRow(m: PreventedMatch): unknown[] {
	return [
		m.symbolId,
		m.preventedMatchId,
		m.userId,
		m.makerOrderId,
		m.takerOrderId,
		m.priceTicks,
		m.makerPreventedLots,
		m.takerPreventedLots,
		m.stpMode,
		m.ts,
		m.evSeq,
	];
}

/** The match of a row that `preventedMatchRow` made. */
export function preventedMatchOf(row: Row): PreventedMatch {
	const r = row as number[];
	return {
		symbolId: r[0]!,
		preventedMatchId: r[1]!,
		userId: r[2]!,
		makerOrderId: r[3]!,
		takerOrderId: r[4]!,
		priceTicks: r[5]!,
		makerPreventedLots: r[6]!,
		takerPreventedLots: r[7]!,
		stpMode: r[8] as PreventedMatch["stpMode"],
		ts: r[9]!,
		evSeq: r[10]!,
	};
}

/** Rows that become text in one go: what is read and answered meanwhile must not wait for a busy second's ten thousand. */
const ROWS_AT_ONCE = 1_000;

/**
 * A batch as texts, its position first: what goes to another thread (copying the objects costs four times as much).
 * Each is made when it is asked for.
 */
export function* encodeOrderLogBatch(batch: OrderLogBatch): IterableIterator<string> {
	const { partition, evSeq, logId, tradesOffset } = batch;
	yield JSON.stringify({ partition, evSeq, logId, tradesOffset });
	yield* rowTexts("orders", batch.orders, orderRow);
	yield* rowTexts("fills", batch.fills, fillRow);
	yield* rowTexts("amendments", batch.amendments, amendmentRow);
	yield* rowTexts("preventedMatches", batch.preventedMatches, preventedMatchRow);
}

function* rowTexts<T>(
	kind: keyof Rows,
	items: readonly T[],
	rowOf: (item: T) => unknown[],
): IterableIterator<string> {
	for (let at = 0; at < items.length; at += ROWS_AT_ONCE) {
		yield JSON.stringify([kind, items.slice(at, at + ROWS_AT_ONCE).map(rowOf)]);
	}
}

/** A batch as it is stored: rows that the functions here made. */
export interface OrderLogRows extends Rows {
	readonly partition: number;
	readonly evSeq: number;
	readonly logId: string;
	readonly tradesOffset: number;
}

interface Rows {
	readonly orders: readonly Row[];
	readonly fills: readonly Row[];
	readonly amendments: readonly Row[];
	readonly preventedMatches: readonly Row[];
}

export function orderLogRows(batch: OrderLogBatch): OrderLogRows {
	return {
		...batch,
		orders: batch.orders.map(orderRow),
		fills: batch.fills.map(fillRow),
		amendments: batch.amendments.map(amendmentRow),
		preventedMatches: batch.preventedMatches.map(preventedMatchRow),
	};
}

/** The batch of `encodeOrderLogBatch`'s texts, as rows. */
export function decodeOrderLogRows([position = "", ...texts]: readonly string[]): OrderLogRows {
	const rows: Record<keyof Rows, Row[]> = {
		...{ orders: [], fills: [], amendments: [], preventedMatches: [] },
	};
	for (const text of texts) {
		const [kind, some] = JSON.parse(text) as [keyof Rows, Row[]];
		rows[kind].push(...some);
	}
	return { ...JSON.parse(position), ...rows };
}
