import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { startDynamoDb } from "../../../infra/local/dynamodb-local.ts";
import type { LocalServer } from "../../../infra/local/local-server.ts";
import { OrderStatus } from "../../../schemas/order.ts";
import type { OrderState } from "../../../schemas/order-state.ts";
import { temporaryFolder } from "../../testing/temporary-folder.ts";
import { turnScheduler } from "../../testing/turn-scheduler.ts";
import { orderLogContract } from "../order-log-contract.ts";
import {
	amendmentOf,
	endedState,
	fillOf,
	NOTHING,
	orderState,
	preventedMatchOf,
} from "../testing/order-log-records.ts";
import { BatchWriter } from "./batch-writer.ts";
import { createTable } from "./create-table.ts";
import { DynamoDbOrderLog } from "./dynamodb-order-log.ts";
import type { DynamoDbSettings } from "./dynamodb-settings.ts";
import { positionKey } from "./item-keys.ts";
import { ItemTable, keyAttributes } from "./item-table.ts";
import { ordersOfPage } from "./open-pages.ts";

const folder = temporaryFolder();
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "very-secret" };
let server: LocalServer;
let tables = 0;

beforeAll(async () => {
	const say = (line: string) => console.error(line);
	server = await startDynamoDb({ folder: join(folder, "memory"), say, durable: false });
});

afterAll(() => server.stop());

function settingsOf(table: string, port = server.port): DynamoDbSettings {
	const endpoint = `http://127.0.0.1:${port}`;
	return { table, region: "eu-west-1", endpoint, credentials: CREDENTIALS };
}

async function newTable(): Promise<DynamoDbSettings> {
	tables += 1;
	const settings = settingsOf(`order-log-${tables}`);
	await createTable(settings);
	return settings;
}

function open(settings: DynamoDbSettings): DynamoDbOrderLog {
	return new DynamoDbOrderLog({ settings, scheduler: turnScheduler });
}

function batch(evSeq: number, orders: OrderState[]) {
	return { ...NOTHING, partition: 0, evSeq, logId: "log", tradesOffset: evSeq, orders };
}

orderLogContract("DynamoDB", async () => open(await newTable()));

describe("the order log on DynamoDB", () => {
	test("a table is made once; one with other keys is refused", async () => {
		const settings = settingsOf("once");
		expect([await createTable(settings), await createTable(settings)]).toEqual([true, false]);
	});

	test("a worker that lives no more changes nothing, whatever it writes late", async () => {
		const settings = await newTable();
		const [now, before] = [open(settings), open(settings)];
		await before.write(batch(5, [orderState(5)]));
		const filled = orderState(5, { evSeq: 9, status: OrderStatus.Filled });
		await now.write(batch(9, [filled]));
		const partly = orderState(5, { evSeq: 7, status: OrderStatus.PartiallyFilled });
		await before.write(batch(7, [partly]));
		expect(await now.orderById(1, 1, 5)).toEqual(filled);
		expect(await now.openOrders(0)).toEqual([]);
		expect((await now.position(0)).evSeq).toBe(9);
		await Promise.all([now.close(), before.close()]);
	});

	test("open orders are those at the position, also when more was written before a death", async () => {
		const settings = await newTable();
		const log = open(settings);
		await log.write(batch(5, [orderState(4), orderState(5)]));
		const table = new ItemTable(settings, turnScheduler);
		const position = keyAttributes(positionKey(0));
		const update = table.update.bind(table);
		table.update = async (key, change) => {
			if (Bun.deepEquals(keyAttributes(key), position)) throw new Error("killed");
			return update(key, change);
		};
		const next = batch(7, [
			orderState(5, { evSeq: 6, status: OrderStatus.Filled }),
			orderState(6, { evSeq: 7 }),
		]);
		await expect(new BatchWriter(table, 0).write(next)).rejects.toThrow("killed");
		expect(await log.openOrders(0)).toEqual([orderState(4), orderState(5)]);
		await log.write(next);
		expect((await log.openOrders(0)).map((o) => o.orderId)).toEqual([4, 6]);
		// The log is lost with what the ledger had not seen: the order that it had as open is restored.
		await log.write(batch(20, [orderState(5, { evSeq: 20 })]));
		expect((await log.openOrders(0)).map((o) => o.orderId)).toEqual([4, 5, 6]);
		table.close();
		await log.close();
	});

	test("what a write that was cut off has left beyond the position is taken away where it is lost", async () => {
		const settings = await newTable();
		const log = open(settings);
		await log.write(batch(5, [orderState(4), orderState(5)]));
		const ofPartition = { partition: 1, orders: [orderState(1, { partition: 1, symbolId: 2 })] };
		await log.write({ ...batch(3, []), ...ofPartition });
		const table = new ItemTable(settings, turnScheduler);
		table.update = async (key) => {
			if (Bun.deepEquals(key, positionKey(0))) throw new Error("killed");
			return true;
		};
		const cutOff = {
			...batch(9, [
				orderState(5, { evSeq: 6, status: OrderStatus.Filled }),
				orderState(7, { evSeq: 7 }),
				endedState(8, { evSeq: 8 }),
				endedState(9, { evSeq: 9, userId: 2 }),
			]),
			fills: [fillOf(6, 5), fillOf(8, 8), fillOf(9, 9, { userId: 2 })],
			amendments: [amendmentOf(6), amendmentOf(7)],
			preventedMatches: [preventedMatchOf(6), preventedMatchOf(8)],
		};
		await expect(new BatchWriter(table, 0).write(cutOff)).rejects.toThrow("killed");
		// What the ledger knows of user 1 goes to event 6.
		const isLost = (row: { evSeq: number; userId: number }) => row.userId === 2 || row.evSeq > 6;
		// Two orders, two fills, an amendment, a match in three places, and the page of what is open.
		expect(await log.dropUnfinished(0, isLost)).toBe(9);
		expect(await log.dropUnfinished(0, isLost)).toBe(0);
		await log.write(batch(20, [orderState(4, { evSeq: 20 })]));

		const orders = { fromOrderId: 0, startMs: 0, endMs: 0, limit: 10 };
		const fills = { orderId: 0, fromTradeId: 0, startMs: 0, endMs: 0, limit: 10 };
		expect((await log.orders(1, 1, orders)).map((o) => o.orderId)).toEqual([5]);
		expect(await log.orders(2, 1, orders)).toEqual([]);
		expect(await log.orderByClientId(1, 1, "client-8")).toBeNull();
		expect((await log.fills(1, 1, fills)).map((f) => f.tradeId)).toEqual([6]);
		expect(await log.fills(2, 1, fills)).toEqual([]);
		const ofOrder = { orderId: 5, fromExecutionId: 0, limit: 5 };
		expect((await log.amendments(1, 1, ofOrder)).map((a) => a.evSeq)).toEqual([6]);
		expect(await log.preventedMatches(1, 1, { preventedMatchId: 6 })).toHaveLength(1);
		expect(await log.preventedMatches(1, 1, { preventedMatchId: 8 })).toEqual([]);
		expect((await log.openOrders(0)).map((o) => o.orderId)).toEqual([4]);
		expect(await log.openOrders(1)).toEqual(ofPartition.orders);
		table.close();
		await log.close();
	});

	test("of two workers' open orders as of one event neither takes the other's place", async () => {
		const settings = await newTable();
		const [now, before] = [open(settings), open(settings)];
		const orders = Array.from({ length: 5 }, (_, i) => orderState(i + 1));
		await now.write(batch(3, orders.slice(0, 3)));
		// Read before the other went on, written after it.
		const table = new ItemTable(settings, turnScheduler);
		const late = Promise.withResolvers<void>();
		const putAll = table.putAll.bind(table);
		table.putAll = async (items) => {
			await late.promise;
			return putAll(items);
		};
		const writing = new BatchWriter(table, 0).write(batch(5, orders.slice(4)));
		await before.position(0);
		await now.write(batch(5, orders.slice(3)));
		late.resolve();
		await writing;
		expect(await now.openOrders(0)).toEqual(orders);
		table.close();
		await Promise.all([now.close(), before.close()]);
	});

	test("open orders stay on few pages, whatever became of the others, and over restarts", async () => {
		const settings = await newTable();
		const table = new ItemTable(settings, turnScheduler);
		const pages = async () => {
			let [count, rows] = [0, 0];
			await table.scan((item) => {
				if (item["open"] === undefined) return;
				count += 1;
				rows += ordersOfPage(item).length;
			});
			return { count, rows };
		};
		const stays = Array.from({ length: 600 }, (_, i) => orderState(i + 1));
		let log = open(settings);
		await log.write(batch(600, stays));
		expect(await pages()).toEqual({ count: 2, rows: 600 });
		let most = 0;
		for (let round = 1; round <= 60; round += 1) {
			const evSeq = 600 + round * 100;
			const come = Array.from({ length: 50 }, (_, i) => orderState(evSeq + i, { evSeq }));
			const go = come.map((o) => endedState(o.orderId - 100, { evSeq }));
			await log.write(batch(evSeq, round === 1 ? come : [...come, ...go]));
			if (round % 20 === 0) {
				await log.close();
				log = open(settings);
			}
			most = Math.max(most, (await pages()).rows);
			if (round % 15 > 0) continue;
			expect(await log.openOrders(0)).toEqual([...stays, ...come]);
		}
		// Twice as many as are open, and a page.
		expect(most).toBeLessThanOrEqual(2 * 650 + 500);
		table.close();
		await log.close();
	});

	test("a batch whose last answer was lost is done, and what it opened is known", async () => {
		const settings = await newTable();
		const table = new ItemTable(settings, turnScheduler);
		const update = table.update.bind(table);
		let answers = 0;
		table.update = async (key, change) => {
			const done = await update(key, change);
			if (Bun.deepEquals(key, positionKey(0)) && answers++ === 0) throw new Error("no answer");
			return done;
		};
		const writer = new BatchWriter(table, 0);
		const first = Array.from({ length: 600 }, (_, i) => orderState(i + 1));
		await expect(writer.write(batch(600, first))).rejects.toThrow("no answer");
		await writer.write(batch(600, first));
		await writer.write(
			batch(
				601,
				first.map((o) => endedState(o.orderId, { evSeq: 601 })),
			),
		);
		for (let evSeq = 700; evSeq < 3_000; evSeq += 100) {
			const come = Array.from({ length: 50 }, (_, i) => orderState(evSeq + i, { evSeq }));
			const go = come.map((o) => endedState(o.orderId - 100, { evSeq }));
			await writer.write(batch(evSeq, evSeq === 700 ? come : [...come, ...go]));
		}
		let rows = 0;
		await table.scan((item) => {
			if (item["open"] !== undefined) rows += ordersOfPage(item).length;
		});
		expect(rows).toBeLessThanOrEqual(2 * 50 + 500);
		table.close();
	});

	test("many orders and fills, over pages, minutes and versions", async () => {
		const settings = await newTable();
		const log = open(settings);
		const orders = Array.from({ length: 150 }, (_, i) => orderState(i + 1));
		const fills = orders.map((o) => fillOf(o.orderId, 1 + (o.orderId % 2)));
		await log.write({ ...batch(150, orders), fills });
		const canceled = orders.map((o, i) =>
			orderState(o.orderId, { evSeq: 200 + i, status: OrderStatus.Canceled }),
		);
		await log.write(batch(400, canceled));
		const range = { fromOrderId: 0, startMs: 0, endMs: 0, limit: 4 };
		expect(await log.orders(1, 1, range)).toEqual(canceled.slice(-4));
		expect(await log.orders(1, 1, { ...range, fromOrderId: 70 })).toEqual(canceled.slice(69, 73));
		const [startMs, endMs] = [canceled[99]!.createdAtMs, canceled[101]!.createdAtMs];
		expect(await log.orders(1, 1, { ...range, startMs })).toEqual(canceled.slice(99, 103));
		expect(await log.orders(1, 1, { ...range, startMs, endMs })).toEqual(canceled.slice(99, 102));
		expect(await log.orders(1, 1, { ...range, endMs })).toEqual(canceled.slice(98, 102));
		const mine = await log.fills(1, 1, { ...range, orderId: 2, fromTradeId: 0, endMs });
		expect(mine.map((f) => f.tradeId)).toEqual([95, 97, 99, 101]);
		// Of an open order, whose beginning its account worker knows.
		const open9 = { ...range, orderId: 9_999, fromTradeId: 0, orderCreatedAtMs: startMs };
		await log.write({ ...batch(500, []), fills: [fillOf(160, 9_999, { evSeq: 500 })] });
		expect((await log.fills(1, 1, open9)).map((f) => f.tradeId)).toEqual([160]);
		await log.close();
	});

	test("away, its errors are told without secrets; back, it has what it had", async () => {
		const own = { folder: join(folder, "durable"), durable: true };
		const first = await startDynamoDb(own);
		const settings = settingsOf("order-log", first.port);
		await createTable(settings);
		const log = open(settings);
		await log.write(batch(5, [endedState(5)]));
		process.kill(first.pid, "SIGKILL");
		await first.stop();
		const error = (await log.write(batch(6, [])).catch((e: unknown) => e)) as Error;
		expect(error.message).toStartWith("DynamoDB: ");
		expect(Bun.inspect(error)).not.toContain(CREDENTIALS.secretAccessKey);
		const second = await startDynamoDb({ ...own, port: first.port });
		await log.write(batch(6, []));
		expect(await log.orderById(1, 1, 5)).toEqual(endedState(5));
		await log.close();
		await second.stop();
	});

	test("what DynamoDB has no room for is sent again, and nothing else", async () => {
		const sent: number[] = [];
		const narrow = Bun.serve({
			hostname: "127.0.0.1",
			port: 0,
			async fetch(request) {
				const { RequestItems } = (await request.json()) as {
					RequestItems: Record<string, unknown[]>;
				};
				const items = RequestItems["narrow"] ?? [];
				sent.push(items.length);
				const left = items.slice(10);
				const UnprocessedItems = left.length === 0 ? {} : { narrow: left };
				return Response.json({ UnprocessedItems });
			},
		});
		const table = new ItemTable(settingsOf("narrow", narrow.port), turnScheduler);
		await table.putAll(
			Array.from({ length: 25 }, (_, i) => keyAttributes({ pk: "a", sk: `${i}` })),
		);
		expect(sent).toEqual([25, 15, 5]);
		table.close();
		await narrow.stop();
	});

	test("a little is written one request after another, with rests; much in all lanes, without", async () => {
		let [underWay, most, rests] = [0, 0, 0];
		const wide = Bun.serve({
			hostname: "127.0.0.1",
			port: 0,
			async fetch(request) {
				underWay += 1;
				most = Math.max(most, underWay);
				await request.text();
				await new Promise((resolve) => setImmediate(resolve));
				underWay -= 1;
				return Response.json({ UnprocessedItems: {} });
			},
		});
		const scheduler = {
			...turnScheduler,
			after: (delayMs: number, run: () => void) => {
				rests += 1;
				return turnScheduler.after(delayMs, run);
			},
		};
		const table = new ItemTable(settingsOf("wide", wide.port), scheduler);
		const write = async (items: number) => {
			[most, rests] = [0, 0];
			await table.putAll(
				Array.from({ length: items }, (_, i) => keyAttributes({ pk: "a", sk: `${i}` })),
			);
			return { most, rests };
		};
		expect(await write(25)).toEqual({ most: 1, rests: 0 });
		expect(await write(100)).toEqual({ most: 1, rests: 3 });
		const much = await write(10_000);
		expect(much.rests).toBe(0);
		expect(much.most).toBeGreaterThan(1);
		table.close();
		await wide.stop();
	});
});
