import type { Amendment, Fill, OrderState, PreventedMatch } from "../../../schemas/order-state.ts";
import type {
	AmendmentRange,
	FillRange,
	LoggedBy,
	OrderLog,
	OrderLogBatch,
	OrderLogChanges,
	OrderRange,
	PreventedMatchRange,
	WrittenPosition,
} from "../../../schemas/ports/order-log.ts";
import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import { amendmentsOfOrders } from "../amendments-of-orders.ts";
import { amendmentOf, fillOf, preventedMatchOf } from "../order-state-codec.ts";
import { BatchWriter, readPosition } from "./batch-writer.ts";
import type { DynamoDbSettings } from "./dynamodb-settings.ts";
import {
	amendmentsPk,
	clientPk,
	FIRST,
	fillsPk,
	type ItemKey,
	isPageOf,
	LAST,
	minuteOf,
	minutesPk,
	orderKey,
	ordersPk,
	padded,
	preventedMatchesPk,
} from "./item-keys.ts";
import { type Item, ItemTable } from "./item-table.ts";
import {
	bySymbolAndId,
	endedOrder,
	nameOf,
	OpenPages,
	ordersOfPage,
	pageEvSeq,
} from "./open-pages.ts";

export interface DynamoDbOrderLogOptions {
	readonly settings: DynamoDbSettings;
	readonly scheduler: Scheduler;
	/** Open orders of one page, instead of as many as an item takes: for tests with few orders. */
	readonly pageOrders?: number | undefined;
}

/**
 * The order log in one DynamoDB table, without an index: an index answers with what was true some time
 * ago. Ids grow with the log's time, so a time is looked up as an id (the first of its minute), and what
 * is read from there on is compared by its own time.
 *
 * A batch is not written at once, so what is newer than a partition's position may be there in part:
 * reads of single orders see it, `openOrders` does not.
 */
export class DynamoDbOrderLog implements OrderLog {
	private readonly table: ItemTable;
	private readonly pageOrders: number | undefined;
	private readonly writers = new Map<number, BatchWriter>();
	/** The last write that was asked for; each waits for the one before, and reads for it. */
	private lastWrite: Promise<unknown> = Promise.resolve();

	constructor({ settings, scheduler, pageOrders }: DynamoDbOrderLogOptions) {
		this.table = new ItemTable(settings, scheduler);
		this.pageOrders = pageOrders;
	}

	write(batch: OrderLogBatch): Promise<void> {
		const { partition } = batch;
		const writer =
			this.writers.get(partition) ?? new BatchWriter(this.table, partition, this.pageOrders);
		this.writers.set(partition, writer);
		const written = this.lastWrite.then(() => writer.write(batch));
		this.lastWrite = written.catch(() => {});
		return written;
	}

	async position(partition: number): Promise<WrittenPosition> {
		await this.lastWrite;
		return readPosition(this.table, partition);
	}

	async orderById(userId: number, symbolId: number, orderId: number): Promise<OrderState | null> {
		await this.lastWrite;
		return this.order(userId, symbolId, orderId);
	}

	async orderByClientId(
		userId: number,
		symbolId: number,
		clientOrderId: string,
	): Promise<OrderState | null> {
		await this.lastWrite;
		const pk = clientPk(userId, symbolId, clientOrderId);
		for await (const found of this.table.query({ pk, from: FIRST, to: LAST, descending: true })) {
			const order = await this.order(userId, symbolId, Number(textOf(found, "sk")));
			if (order !== null) return order;
		}
		return null;
	}

	async orders(
		userId: number,
		symbolId: number,
		range: OrderRange,
	): Promise<readonly OrderState[]> {
		await this.lastWrite;
		const ascending = range.fromOrderId > 0 || range.startMs > 0;
		const bounds = await this.bounds(symbolId, "orderId", range.startMs, range.endMs);
		const from = Math.max(bounds.from, range.fromOrderId);
		const items = this.table.query({
			pk: ordersPk(userId, symbolId),
			...{ from: padded(from), to: bounds.to, descending: !ascending },
			pageSize: range.limit,
		});
		const found: OrderState[] = [];
		for await (const each of items) {
			const order = endedOrder(each);
			if (isWithin(order.createdAtMs, range)) found.push(order);
			if (found.length === range.limit || isBeyond(order.createdAtMs, range, ascending)) break;
		}
		return ascending ? found : found.reverse();
	}

	async fills(userId: number, symbolId: number, range: FillRange): Promise<readonly Fill[]> {
		await this.lastWrite;
		const ascending = range.fromTradeId > 0 || range.startMs > 0;
		const life = await this.lifeOf(userId, symbolId, range);
		const startMs = Math.max(range.startMs, life.startMs);
		const endMs = range.endMs > 0 ? range.endMs : life.endMs;
		const bounds = await this.bounds(symbolId, "tradeId", startMs, endMs);
		const from = Math.max(bounds.from, range.fromTradeId);
		const items = this.table.query({
			pk: fillsPk(userId, symbolId),
			...{ from: padded(from), to: bounds.to, descending: !ascending },
			...(range.orderId > 0 ? {} : { pageSize: 2 * range.limit }),
		});
		const found: Fill[] = [];
		for await (const each of items) {
			const fill = fillOf(JSON.parse(textOf(each, "fill")));
			const isAsked = range.orderId === 0 || fill.orderId === range.orderId;
			if (isAsked && isWithin(fill.ts, range)) found.push(fill);
			if (found.length === range.limit || isBeyond(fill.ts, range, ascending)) break;
		}
		return ascending ? found : found.reverse();
	}

	async amendments(
		userId: number,
		symbolId: number,
		{ orderId, fromExecutionId, limit }: AmendmentRange,
	): Promise<readonly Amendment[]> {
		const pk = amendmentsPk(userId, symbolId, orderId);
		const items = await this.firstFrom(pk, fromExecutionId, limit);
		return items.map((item) => amendmentOf(JSON.parse(textOf(item, "amendment"))));
	}

	async preventedMatches(
		userId: number,
		symbolId: number,
		range: PreventedMatchRange,
	): Promise<readonly PreventedMatch[]> {
		if ("preventedMatchId" in range) {
			const pk = preventedMatchesPk(userId, symbolId);
			const found = await this.firstFrom(pk, range.preventedMatchId, 1);
			return found
				.map(preventedMatchOfItem)
				.filter((match) => match.preventedMatchId === range.preventedMatchId);
		}
		const pk = preventedMatchesPk(userId, symbolId, range.orderId);
		const found = await this.firstFrom(pk, range.fromPreventedMatchId, range.limit);
		return found.map(preventedMatchOfItem);
	}

	async openOrders(partition: number): Promise<readonly OrderState[]> {
		await this.lastWrite;
		const { evSeq } = await readPosition(this.table, partition);
		return (await OpenPages.load(this.table, partition, evSeq)).orders();
	}

	/** Reads the whole table: nothing in it stands by event. */
	async changesAfter(partition: number, evSeq: number): Promise<OrderLogChanges> {
		await this.lastWrite;
		const end = (await readPosition(this.table, partition)).evSeq;
		const isWithinStretch = (of: OrderState | Fill) =>
			of.partition === partition && of.evSeq > evSeq && of.evSeq <= end;
		const newest = new Map<string, OrderState>();
		const take = (order: OrderState) => {
			const isNewer = order.evSeq > (newest.get(nameOf(order))?.evSeq ?? 0);
			if (isNewer && isWithinStretch(order)) newest.set(nameOf(order), order);
		};
		const fills: Fill[] = [];
		const amendments: Amendment[] = [];
		await this.table.scan((item) => {
			if (item["amendment"] !== undefined) {
				const amendment = amendmentOf(JSON.parse(textOf(item, "amendment")));
				if (amendment.evSeq > evSeq && amendment.evSeq <= end) amendments.push(amendment);
			} else if (item["fill"] !== undefined) {
				const fill = fillOf(JSON.parse(textOf(item, "fill")));
				if (isWithinStretch(fill)) fills.push(fill);
			} else if (item["state"] !== undefined) take(endedOrder(item));
			else if (item["open"] !== undefined && pageEvSeq(item) > evSeq) {
				for (const order of ordersOfPage(item)) take(order);
			}
		});
		const orders = [...newest.values()].sort(bySymbolAndId);
		amendments.sort((a, b) => a.evSeq - b.evSeq);
		return {
			orders,
			amendments: amendmentsOfOrders(amendments, orders),
			fills: fills.sort(
				(a, b) =>
					a.evSeq - b.evSeq ||
					a.symbolId - b.symbolId ||
					a.tradeId - b.tradeId ||
					a.orderId - b.orderId,
			),
		};
	}

	/** Reads the whole table, as `changesAfter`. What is open beyond the position goes all: it is open nowhere. */
	async dropUnfinished(partition: number, isLost: (row: LoggedBy) => boolean): Promise<number> {
		await this.lastWrite;
		const { evSeq } = await readPosition(this.table, partition);
		const isDropped = (row: LoggedBy | null) => row !== null && row.evSeq > evSeq && isLost(row);
		const dropped: ItemKey[] = [];
		await this.table.scan((item) => {
			const key = { pk: textOf(item, "pk"), sk: textOf(item, "sk") };
			if (isPageOf(partition, key) ? pageEvSeq(item) > evSeq : isDropped(rowOf(item))) {
				dropped.push(key);
			}
		});
		await this.table.deleteAll(dropped);
		return dropped.length;
	}

	/** Nothing is left to do: an item is durable once it is written. */
	async sync(): Promise<void> {}

	/** After what was asked before. */
	async close(): Promise<void> {
		await this.lastWrite;
		this.table.close();
	}

	/** Times between which an order's fills lie, 0 where nothing is known. */
	private async lifeOf(
		userId: number,
		symbolId: number,
		{ orderId, orderCreatedAtMs = 0 }: FillRange,
	): Promise<{ readonly startMs: number; readonly endMs: number }> {
		const order = orderId > 0 ? await this.order(userId, symbolId, orderId) : null;
		return { startMs: order?.createdAtMs ?? orderCreatedAtMs, endMs: order?.updatedAtMs ?? 0 };
	}

	private async order(
		userId: number,
		symbolId: number,
		orderId: number,
	): Promise<OrderState | null> {
		const found = await this.table.get(orderKey({ userId, symbolId, orderId }));
		return found === null ? null : endedOrder(found);
	}

	/** The first items of a partition key from a number on. */
	private async firstFrom(pk: string, from: number, limit: number): Promise<Item[]> {
		await this.lastWrite;
		const found: Item[] = [];
		const range = { pk, from: padded(from), to: LAST, pageSize: limit };
		for await (const item of this.table.query(range)) {
			found.push(item);
			if (found.length === limit) break;
		}
		return found;
	}

	/** Ids between which all of these times lie: from the first, to any sort key below the last. */
	private async bounds(
		symbolId: number,
		field: "orderId" | "tradeId",
		startMs: number,
		endMs: number,
	): Promise<{ readonly from: number; readonly to: string }> {
		const pk = minutesPk(symbolId);
		const idOf = async (range: { from: string; to: string; descending: boolean }) => {
			for await (const minute of this.table.query({ pk, ...range, pageSize: 10 })) {
				const id = minute[field]?.N;
				if (id !== undefined) return Number(id);
			}
			return null;
		};
		const [from, end] = await Promise.all([
			startMs > 0 ? idOf({ from: FIRST, to: minuteOf(startMs), descending: true }) : null,
			// The first id of a later minute, which is not among them.
			endMs > 0 ? idOf({ from: `${minuteOf(endMs)}/`, to: LAST, descending: false }) : null,
		]);
		return { from: from ?? 0, to: end === null ? LAST : padded(end) };
	}
}

function textOf(item: Item, name: string): string {
	return item[name]?.S ?? "";
}

/** The order or the event of an item; null where it is another. */
function rowOf(item: Item): LoggedBy | null {
	if (item["state"] !== undefined) return endedOrder(item);
	if (item["fill"] !== undefined) return fillOf(JSON.parse(textOf(item, "fill")));
	if (item["amendment"] !== undefined) return amendmentOf(JSON.parse(textOf(item, "amendment")));
	return item["prevented"] === undefined ? null : preventedMatchOfItem(item);
}

function preventedMatchOfItem(item: Item): PreventedMatch {
	return preventedMatchOf(JSON.parse(textOf(item, "prevented")));
}

function isWithin(ts: number, { startMs, endMs }: { startMs: number; endMs: number }): boolean {
	return ts >= startMs && (endMs === 0 || ts <= endMs);
}

/** Nothing that follows can lie within. */
function isBeyond(
	ts: number,
	{ startMs, endMs }: { startMs: number; endMs: number },
	ascending: boolean,
): boolean {
	return ascending ? endMs > 0 && ts > endMs : ts < startMs;
}
