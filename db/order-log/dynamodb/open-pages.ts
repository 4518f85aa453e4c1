import { isOpen, type OrderState } from "../../../schemas/order-state.ts";
import { orderOf, orderRow } from "../order-state-codec.ts";
import {
	FIRST,
	type ItemKey,
	LAST,
	OPEN_BUCKETS,
	openPageKey,
	openPagePk,
	orderKey,
} from "./item-keys.ts";
import { type Item, type ItemTable, keyAttributes } from "./item-table.ts";

/** Orders of one page: DynamoDB takes items of up to 400 KB. */
const PAGE_ORDERS = 500;
/** Pages that one batch empties at most, so that no batch is much larger than another. */
const EMPTIED_AT_ONCE = 20;
/** Orders that are looked up at once. */
const READS_AT_ONCE = 32;

interface Page {
	readonly key: ItemKey;
	/** Names of the orders that were written to it. */
	readonly names: readonly string[];
}

/** An open order as it was written last, and where. */
interface Placed {
	readonly row: string;
	readonly page: Page;
}

/** What a batch writes of open orders, and what it makes needless. */
export interface NextPages {
	readonly items: readonly Item[];
	/** Once the position says that the batch is written. */
	readonly needless: readonly ItemKey[];
	/** It is written. */
	done(): void;
}

/**
 * A partition's open orders: each batch writes a page of those that it opened or changed, so that they
 * cost an item together and not one each. What is written again later, or ends, leaves its old row behind;
 * when there are more such rows than open orders, the oldest page's orders go along with the next batch.
 *
 * A row is never proof that the order is open: an old page may be written late, by a worker that lives no
 * more. Whoever reads looks whether the order has ended.
 */
export class OpenPages {
	private readonly partition: number;
	private readonly pageOrders: number;
	/** Names this writer's pages, so that two of one event do not take each other's place. */
	private readonly writer = crypto.randomUUID();
	private readonly open = new Map<string, Placed>();
	/** Oldest first. */
	private pages: Page[] = [];

	private constructor(partition: number, pageOrders: number) {
		this.partition = partition;
		this.pageOrders = pageOrders;
	}

	/** What was open in a partition at an event up to which everything is written. */
	static async load(
		table: ItemTable,
		partition: number,
		evSeq: number,
		pageOrders = PAGE_ORDERS,
	): Promise<OpenPages> {
		const loaded = new OpenPages(partition, pageOrders);
		const found = await Promise.all(
			Array.from({ length: OPEN_BUCKETS }, (_, bucket) => {
				const pk = openPagePk(partition, bucket);
				return Array.fromAsync(table.query({ pk, from: FIRST, to: LAST }));
			}),
		);
		const written = found.flat().filter((item) => pageEvSeq(item) <= evSeq);
		for (const item of written.sort((a, b) => pageEvSeq(a) - pageEvSeq(b))) loaded.take(item);
		await loaded.dropEnded(table, evSeq);
		return loaded;
	}

	/** By symbol and id. */
	orders(): readonly OrderState[] {
		const orders = [...this.open.values()].map(({ row }) => orderOf(JSON.parse(row)));
		return orders.sort(bySymbolAndId);
	}

	/** Orders as a batch up to an event leaves them; those that ended are open no more. */
	next(orders: readonly OrderState[], evSeq: number): NextPages {
		const changed = new Map(orders.map((order) => [nameOf(order), order]));
		const rows = new Map<string, string>();
		for (const [name, order] of changed) {
			if (isOpen(order.status)) rows.set(name, JSON.stringify(orderRow(order)));
		}
		let stay = this.open.size;
		for (const name of changed.keys()) if (this.open.has(name)) stay -= 1;
		const enough = 2 * (stay + rows.size) + this.pageOrders;
		const oldest = this.pages.slice(0, EMPTIED_AT_ONCE);
		let stored = rows.size + this.pages.reduce((sum, page) => sum + page.names.length, 0);
		let emptied = 0;
		for (const page of oldest) {
			if (stored <= enough) break;
			emptied += 1;
			stored -= page.names.length;
			for (const name of page.names) {
				const placed = this.open.get(name);
				if (placed?.page !== page || changed.has(name)) continue;
				rows.set(name, placed.row);
				stored += 1;
			}
		}
		const pages = this.pagesOf([...rows.keys()], evSeq);
		return {
			items: pages.map((page) => itemOf(page, rows)),
			needless: this.pages.slice(0, emptied).map(({ key }) => key),
			done: () => {
				for (const name of changed.keys()) this.open.delete(name);
				this.pages = [...this.pages.slice(emptied), ...pages];
				for (const page of pages) this.place(page, rows);
			},
		};
	}

	private pagesOf(names: readonly string[], evSeq: number): Page[] {
		const pages: Page[] = [];
		for (let at = 0; at < names.length; at += this.pageOrders) {
			const key = openPageKey(this.partition, evSeq, this.writer, pages.length);
			pages.push({ key, names: names.slice(at, at + this.pageOrders) });
		}
		return pages;
	}

	private place(page: Page, rows: ReadonlyMap<string, string>): void {
		for (const name of page.names) this.open.set(name, { row: rows.get(name) as string, page });
	}

	/** A page that was read: of each order the newest row counts. */
	private take(item: Item): void {
		const orders = ordersOfPage(item);
		const key = { pk: item["pk"]?.S as string, sk: item["sk"]?.S as string };
		const page = { key, names: orders.map(nameOf) };
		this.pages.push(page);
		for (const order of orders) {
			const before = this.open.get(nameOf(order));
			if (before !== undefined && orderOf(JSON.parse(before.row)).evSeq > order.evSeq) continue;
			this.open.set(nameOf(order), { row: JSON.stringify(orderRow(order)), page });
		}
	}

	private async dropEnded(table: ItemTable, evSeq: number): Promise<void> {
		const orders = [...this.orders()];
		const lane = async () => {
			for (let order = orders.pop(); order !== undefined; order = orders.pop()) {
				const item = await table.get(orderKey(order));
				const endedAt = item === null ? 0 : endedOrder(item).evSeq;
				// Before the row: in a batch that was lost with its log, whose order was restored since.
				if (endedAt > order.evSeq && endedAt <= evSeq) this.open.delete(nameOf(order));
			}
		};
		await Promise.all(Array.from({ length: READS_AT_ONCE }, lane));
	}
}

/** The order of an item that `orderKey` names. */
export function endedOrder(item: Item): OrderState {
	return orderOf(JSON.parse(item["state"]?.S as string));
}

/** Open orders as of their own events. */
export function ordersOfPage(item: Item): OrderState[] {
	return (JSON.parse(item["open"]?.S as string) as unknown[][]).map(orderOf);
}

/** The event up to which a page's batch goes. */
export function pageEvSeq(item: Item): number {
	return Number.parseInt(item["sk"]?.S as string, 10);
}

function itemOf({ key, names }: Page, rows: ReadonlyMap<string, string>): Item {
	const open = `[${names.map((name) => rows.get(name)).join()}]`;
	return { ...keyAttributes(key), open: { S: open } };
}

/** An order's name in its partition: ids are counted by symbol. */
export function nameOf({ symbolId, orderId }: OrderState): string {
	return `${symbolId}/${orderId}`;
}

export function bySymbolAndId(a: OrderState, b: OrderState): number {
	return a.symbolId - b.symbolId || a.orderId - b.orderId;
}
