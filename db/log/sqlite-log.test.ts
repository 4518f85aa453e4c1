import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { LogUnavailable } from "../../schemas/ports/log.ts";
import { ManualTime } from "../testing/manual-time.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { logContract, numbered, numberedFrom } from "./log-contract.ts";
import { LogTrimmed } from "./log-trimmed.ts";
import { openSqliteLog, type SqliteLog } from "./sqlite-log.ts";

const folder = temporaryFolder();
let files = 0;

function newPath(): string {
	files += 1;
	return join(folder, `${files}`, "log.sqlite");
}

function open(path: string, partitions = 2): SqliteLog {
	return openSqliteLog({ path, partitions, scheduler: turnScheduler });
}

logContract("SQLite", async () => {
	const path = newPath();
	let log = open(path);
	return {
		log: log.orders,
		async reopen() {
			await log.close();
			log = open(path);
			return log.orders;
		},
		close: () => log.close(),
	};
});

const eventRecord: EventRecord = {
	partition: 1,
	evSeq: 1,
	ts: 5,
	shard: 1,
	epoch: 1,
	seq: 0,
	part: 0,
	last: true,
	command: null,
	events: [],
	hash: "0123456789abcdef",
};

function event(evSeq: number): EventRecord {
	return { ...eventRecord, evSeq };
}

describe("the SQLite log", () => {
	test("keeps the two topics apart and appends them in one turn", async () => {
		const log = open(newPath());
		await Promise.all([log.orders.append(1, [numbered(1)]), log.trades.append(1, [eventRecord])]);
		expect((await log.orders.read(1, 0, 9))[0]?.record).toEqual(numbered(1));
		expect((await log.trades.read(1, 0, 9))[0]?.record).toEqual(eventRecord);
		await log.close();
	});

	test("hands live followers the very objects that were appended", async () => {
		const log = open(newPath());
		const seen: OrdersRecord[] = [];
		log.orders.follow(0, 0, (entries) => seen.push(...entries.map((e) => e.record)));
		const record = numbered(1);
		await log.orders.append(0, [record]);
		expect(seen[0]).toBe(record);
		await log.close();
	});

	test("refuses another number of partitions, by name", async () => {
		const path = newPath();
		await open(path).close();
		expect(() => open(path, 3)).toThrow(/made with 2 partitions and cannot be opened with 3/);
		await open(path).close();
	});

	test("is locked while it is open", async () => {
		const path = newPath();
		const log = open(path);
		expect(() => open(path)).toThrow(/locked/);
		await log.close();
	});

	test("writes what is queued when it closes, and takes nothing afterwards", async () => {
		const path = newPath();
		const time = new ManualTime();
		const log = openSqliteLog({ path, partitions: 2, scheduler: time });
		const appended = log.orders.append(0, numberedFrom(0, 3));
		await log.close();
		expect(await appended).toBe(0);
		await expect(log.orders.append(0, [numbered(3)])).rejects.toBeInstanceOf(LogUnavailable);
		const again = open(path);
		expect(await again.orders.end(0)).toBe(3);
		await again.close();
	});

	test("nothing is acknowledged or delivered before its transaction", async () => {
		const time = new ManualTime();
		const log = openSqliteLog({ path: newPath(), partitions: 2, scheduler: time });
		let delivered = 0;
		let acknowledged = 0;
		log.orders.follow(0, 0, () => {
			delivered += 1;
		});
		for (let i = 0; i < 3; i += 1) {
			void log.orders.append(0, [numbered(i)]).then(() => {
				acknowledged += 1;
			});
		}
		await Promise.resolve();
		expect([delivered, acknowledged]).toEqual([0, 0]);
		expect(time.turn()).toBe(1);
		await Promise.resolve();
		expect([delivered, acknowledged]).toEqual([3, 3]);
		await log.close();
	});

	test("what follows from orders is delivered at once, and stored with the next of them", async () => {
		const path = newPath();
		const time = new ManualTime();
		const log = openSqliteLog({ path, partitions: 2, scheduler: time });
		const delivered: number[] = [];
		let acknowledged = -1;
		log.trades.follow(0, 0, (entries) => delivered.push(...entries.map((e) => e.offset)));
		void log.trades.append(0, [event(1), event(2)]).then((first) => {
			acknowledged = first;
		});
		expect(delivered).toEqual([0, 1]);
		expect(await log.trades.end(0)).toBe(0);
		expect(time.turn()).toBe(0);
		expect(acknowledged).toBe(-1);
		void log.orders.append(0, [numbered(0)]);
		expect(time.turn()).toBe(1);
		await Promise.resolve();
		expect(acknowledged).toBe(0);
		expect(delivered).toEqual([0, 1]);
		await log.close();
		const again = open(path);
		expect((await again.trades.read(0, 0, 9)).map((e) => e.record.evSeq)).toEqual([1, 2]);
		await again.close();
	});

	test("without any orders it is stored after a few milliseconds", async () => {
		const time = new ManualTime();
		const log = openSqliteLog({ path: newPath(), partitions: 2, scheduler: time });
		void log.trades.append(0, [event(1)]);
		time.advance(4);
		expect(await log.trades.end(0)).toBe(0);
		time.advance(1);
		expect(await log.trades.end(0)).toBe(1);
		await log.close();
	});

	test("a follower that is still catching up gets what was delivered to the others at once", async () => {
		const time = new ManualTime();
		const log = openSqliteLog({ path: newPath(), partitions: 2, scheduler: time });
		const stored = log.trades.append(0, [event(1)]);
		time.advance(5);
		await stored;
		const delivered: number[] = [];
		log.trades.follow(0, 0, (entries) => delivered.push(...entries.map((e) => e.offset)));
		void log.trades.append(0, [event(2)]);
		expect(delivered).toEqual([]);
		time.turn();
		expect(delivered).toEqual([0]);
		time.advance(5);
		expect(delivered).toEqual([0, 1]);
		await log.close();
	});

	test("a failed transaction rejects all of its turn and leaves no gap", async () => {
		const path = newPath();
		await open(path).close();
		const file = new Database(path);
		file.run(
			`CREATE TRIGGER full BEFORE INSERT ON batch WHEN NEW.count = 3
				BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
		);
		file.close();
		const log = open(path);
		const followed: number[] = [];
		log.orders.follow(1, 0, (entries) => followed.push(...entries.map((e) => e.record.epoch)));
		await log.orders.append(1, [numbered(0)]);
		const outcomes = await Promise.allSettled([
			log.orders.append(1, [numbered(1)]),
			log.orders.append(0, numberedFrom(1, 3)),
		]);
		for (const outcome of outcomes) {
			expect(outcome.status === "rejected" && outcome.reason).toBeInstanceOf(LogUnavailable);
		}
		expect(await log.orders.end(1)).toBe(1);
		expect(await log.orders.append(1, [numbered(2)])).toBe(1);
		expect(await log.orders.append(0, [numbered(7)])).toBe(0);
		expect(followed).toEqual([0, 2]);
		await log.close();
	});

	test("retention removes whole batches, never the last, and says so to old readers", async () => {
		const path = newPath();
		const log = open(path);
		const pairs = Array.from({ length: 1_200 }, (_, i) => numberedFrom(i * 2, 2));
		await Promise.all(pairs.map((records) => log.orders.append(0, records)));
		await log.trim("orders", 0, 2_301);
		expect((await log.orders.read(0, 2_300, 1))[0]?.offset).toBe(2_300);
		await expect(log.orders.read(0, 2_299, 1)).rejects.toBeInstanceOf(LogTrimmed);
		expect(() => log.orders.follow(0, 0, () => {})).toThrow(LogTrimmed);
		await log.trim("orders", 0, 1_000_000);
		await log.close();
		const again = open(path);
		expect(await again.orders.end(0)).toBe(2_400);
		expect((await again.orders.read(0, 2_398, 9)).map((e) => e.offset)).toEqual([2_398, 2_399]);
		await again.close();
	});
});
