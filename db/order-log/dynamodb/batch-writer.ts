import {
	type Fill,
	isOpen,
	type OrderState,
	type PreventedMatch,
} from "../../../schemas/order-state.ts";
import type { OrderLogBatch, WrittenPosition } from "../../../schemas/ports/order-log.ts";
import { amendmentRow, fillRow, orderRow, preventedMatchRow } from "../order-state-codec.ts";
import {
	amendmentKey,
	clientKey,
	fillKey,
	type ItemKey,
	minuteOf,
	minutesPk,
	orderKey,
	positionKey,
	preventedMatchKeys,
} from "./item-keys.ts";
import { type Item, type ItemTable, keyAttributes } from "./item-table.ts";
import { OpenPages } from "./open-pages.ts";

/** Minutes that were noted lately; one that is forgotten is noted again, which changes nothing. */
const MAX_NOTED = 10_000;

/**
 * Writes one partition's batches, one after another. An order is put when it has ended, under its id,
 * and a fill, an amendment or a prevented match under its: putting one again, late or by a worker that lives no more, changes nothing. The position
 * comes last: what stands below it is whole.
 */
export class BatchWriter {
	private readonly table: ItemTable;
	private readonly partition: number;
	private readonly pageOrders: number | undefined;
	/** What is open at a position of this partition; null until it is read. */
	private open: { readonly evSeq: number; readonly pages: OpenPages } | null = null;
	private readonly noted = new Set<string>();

	/** @param pageOrders open orders of one page, instead of as many as an item takes */
	constructor(table: ItemTable, partition: number, pageOrders?: number) {
		this.table = table;
		this.partition = partition;
		this.pageOrders = pageOrders;
	}

	async write(batch: OrderLogBatch): Promise<void> {
		const position = await readPosition(this.table, this.partition);
		if (batch.evSeq <= position.evSeq) return;
		const open = await this.openAt(position.evSeq);
		// What is not newer than the position stands there, as it was then.
		const isNew = (part: { readonly evSeq: number }) => part.evSeq > position.evSeq;
		const orders = batch.orders.filter((order) => order.orderId !== 0 && isNew(order));
		const fills = batch.fills.filter(isNew);
		const ended = orders.filter((order) => !isOpen(order.status));
		const pages = open.next(orders, batch.evSeq);
		await Promise.all([
			this.table.putAll([
				...ended.map((o) => item(orderKey(o), { state: JSON.stringify(orderRow(o)) })),
				...ended.map((o) => item(clientKey(o), {})),
				...fills.map((f) => item(fillKey(f), { fill: JSON.stringify(fillRow(f)) })),
				...batch.amendments
					.filter(isNew)
					.map((a) => item(amendmentKey(a), { amendment: JSON.stringify(amendmentRow(a)) })),
				...batch.preventedMatches.filter(isNew).flatMap(preventedMatchItems),
				...pages.items,
			]),
			this.noteMinutes(orders, fills),
		]);
		if (!(await this.advance(batch))) return;
		pages.done();
		this.open = { evSeq: batch.evSeq, pages: open };
		// Only now: the position before needs them. One that stays behind is looked through when it is read.
		await this.table.deleteAll(pages.needless).catch(() => {});
	}

	/** From memory, unless the position is not the one that this writer left there. */
	private async openAt(evSeq: number): Promise<OpenPages> {
		if (this.open?.evSeq !== evSeq) {
			const { table, partition, pageOrders } = this;
			this.open = { evSeq, pages: await OpenPages.load(table, partition, evSeq, pageOrders) };
		}
		return this.open.pages;
	}

	/** The first order and the first trade of each minute of each symbol, once. */
	private async noteMinutes(orders: readonly OrderState[], fills: readonly Fill[]): Promise<void> {
		const lowest = new Map<string, { key: ItemKey; field: string; id: number }>();
		const note = (symbolId: number, ts: number, field: string, id: number) => {
			const key = { pk: minutesPk(symbolId), sk: minuteOf(ts) };
			const name = `${key.pk} ${key.sk} ${field}`;
			if (this.noted.has(name) || (lowest.get(name)?.id ?? Number.POSITIVE_INFINITY) <= id) return;
			lowest.set(name, { key, field, id });
		};
		for (const o of orders) note(o.symbolId, o.createdAtMs, "orderId", o.orderId);
		for (const f of fills) note(f.symbolId, f.ts, "tradeId", f.tradeId);
		await Promise.all(
			[...lowest.values()].map(({ key, field, id }) =>
				this.table.update(key, {
					UpdateExpression: `SET ${field} = if_not_exists(${field}, :id)`,
					ExpressionAttributeValues: { ":id": { N: `${id}` } },
				}),
			),
		);
		if (this.noted.size > MAX_NOTED) this.noted.clear();
		for (const name of lowest.keys()) this.noted.add(name);
	}

	/** False when the position is as far already: another worker lives, or this was done before. */
	private advance({ evSeq, logId, tradesOffset }: OrderLogBatch): Promise<boolean> {
		return this.table.update(positionKey(this.partition), {
			UpdateExpression: "SET evSeq = :evSeq, tradesOffset = :tradesOffset, logId = :logId",
			ConditionExpression: "attribute_not_exists(evSeq) OR evSeq < :evSeq",
			ExpressionAttributeValues: {
				":evSeq": { N: `${evSeq}` },
				":tradesOffset": { N: `${tradesOffset}` },
				":logId": { S: logId },
			},
		});
	}
}

export async function readPosition(table: ItemTable, partition: number): Promise<WrittenPosition> {
	const found = await table.get(positionKey(partition));
	return {
		evSeq: Number(found?.["evSeq"]?.N ?? 0),
		tradesOffset: Number(found?.["tradesOffset"]?.N ?? 0),
		logId: found?.["logId"]?.S ?? null,
	};
}

function preventedMatchItems(match: PreventedMatch): readonly Item[] {
	const prevented = JSON.stringify(preventedMatchRow(match));
	return preventedMatchKeys(match).map((key) => item(key, { prevented }));
}

function item(key: ItemKey, fields: Readonly<Record<string, string>>): Item {
	const attributes = Object.entries(fields).map(([name, text]) => [name, { S: text }]);
	return { ...keyAttributes(key), ...Object.fromEntries(attributes) };
}
