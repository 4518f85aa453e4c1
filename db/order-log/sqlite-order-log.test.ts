import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { orderLogContract } from "./order-log-contract.ts";
import {
	amendmentOf as amendmentOfRow,
	decodeOrderLogRows,
	encodeOrderLogBatch,
	fillOf as fillOfRow,
	orderKeys,
	orderOf,
	orderRow,
	preventedMatchOf as preventedMatchOfRow,
} from "./order-state-codec.ts";
import { SqliteOrderLog } from "./sqlite-order-log.ts";
import {
	amendmentOf,
	endedState,
	fillOf,
	orderState,
	preventedMatchOf,
} from "./testing/order-log-records.ts";

const folder = temporaryFolder();

orderLogContract("SQLite in memory", async () => new SqliteOrderLog({ path: ":memory:" }));

const batch = {
	partition: 3,
	evSeq: 5,
	logId: "log",
	tradesOffset: 6,
	orders: [endedState(4), orderState(5)],
	fills: [fillOf(7, 4)],
	amendments: [amendmentOf(5)],
	preventedMatches: [preventedMatchOf(3)],
};

test("a file keeps orders, fills and position; one of another version is refused", async () => {
	const path = join(folder, "new", "order-log.sqlite");
	const log = new SqliteOrderLog({ path });
	await log.write(batch);
	await log.close();
	const again = new SqliteOrderLog({ path });
	expect(await again.orderById(1, 1, 4)).toEqual(endedState(4));
	expect(await again.position(3)).toEqual({ evSeq: 5, tradesOffset: 6, logId: "log" });
	await again.close();
	const file = new Database(path);
	file.run("PRAGMA user_version = 99");
	file.close();
	expect(() => new SqliteOrderLog({ path })).toThrow(/version 99/);
});

test("what is synced does not hang on the write-ahead log, of which a power cut may leave nothing", async () => {
	const path = join(folder, "synced", "order-log.sqlite");
	const log = new SqliteOrderLog({ path });
	await log.write(batch);
	await log.sync();
	await log.write({ ...batch, evSeq: 6, tradesOffset: 7 });
	const left = join(folder, "left.sqlite");
	copyFileSync(path, left);
	const again = new SqliteOrderLog({ path: left });
	expect(await again.position(3)).toEqual({ evSeq: 5, tradesOffset: 6, logId: "log" });
	expect(await again.orderById(1, 1, 4)).toEqual(endedState(4));
	await again.close();
	await log.close();
});

test("a batch that cannot be written whole is not written", async () => {
	const log = new SqliteOrderLog({ path: ":memory:" });
	const spoiled = { ...fillOf(7, 4), feeAssetId: null as unknown as number };
	await expect(log.write({ ...batch, fills: [spoiled] })).rejects.toThrow(/NOT NULL/);
	expect(await log.orderById(1, 1, 4)).toBeNull();
	expect((await log.position(3)).evSeq).toBe(0);
	await log.close();
});

test("a position of before logs were named says so, and is named with the next batch", async () => {
	const path = join(folder, "unnamed", "order-log.sqlite");
	const log = new SqliteOrderLog({ path });
	await log.write(batch);
	await log.close();
	const file = new Database(path);
	file.run("DROP TABLE position_logs");
	file.close();
	const again = new SqliteOrderLog({ path });
	expect(await again.position(3)).toEqual({ evSeq: 5, tradesOffset: 6, logId: null });
	await again.write({ ...batch, evSeq: 6 });
	expect((await again.position(3)).logId).toBe("log");
	await again.close();
});

test("two client ids with the same index key are told apart", async () => {
	const keyOf = (id: string) => Bun.hash.xxHash32(`1/1/${id}`);
	const seen = new Map<number, string>();
	let pair: [string, string] | null = null;
	for (let i = 0; pair === null; i += 1) {
		const other = seen.get(keyOf(`c${i}`));
		if (other !== undefined) pair = [other, `c${i}`];
		seen.set(keyOf(`c${i}`), `c${i}`);
	}
	const log = new SqliteOrderLog({ path: ":memory:" });
	const orders = pair.map((clientOrderId, i) => endedState(i + 1, { clientOrderId }));
	await log.write({ ...batch, orders });
	expect((await log.orderByClientId(1, 1, pair[0]))?.orderId).toBe(1);
	expect((await log.orderByClientId(1, 1, pair[1]))?.orderId).toBe(2);
	await log.close();
});

test("a batch survives its text; an order of an unknown version is refused", () => {
	const rows = decodeOrderLogRows([...encodeOrderLogBatch(batch)]);
	const { orders } = rows;
	expect({
		...rows,
		orders: orders.map(orderOf),
		fills: rows.fills.map(fillOfRow),
		amendments: rows.amendments.map(amendmentOfRow),
		preventedMatches: rows.preventedMatches.map(preventedMatchOfRow),
	}).toEqual(batch);
	for (const [i, row] of orders.entries()) expect(batch.orders[i]).toMatchObject(orderKeys(row));
	expect(() => orderOf([2, ...orderRow(orderState(1)).slice(1)])).toThrow(/version/);
});

test("a large batch is many texts of a bounded size, in order", () => {
	const orders = Array.from({ length: 2_500 }, (_, i) => endedState(i + 1));
	const texts = [...encodeOrderLogBatch({ ...batch, orders })];
	const rowsOf = (text: string) => JSON.parse(text) as [string, unknown[]];
	const lengths = texts.slice(1).map((text) => [rowsOf(text)[0], rowsOf(text)[1].length]);
	expect(lengths.slice(0, 3)).toEqual([
		["orders", 1_000],
		["orders", 1_000],
		["orders", 500],
	]);
	expect(decodeOrderLogRows(texts).orders.map(orderOf)).toEqual(orders);
});
