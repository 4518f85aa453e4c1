import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { InvariantViolation } from "../../schemas/invariant.ts";
import { LogUnavailable } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { ManualTime } from "../testing/manual-time.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { openFileLog } from "./file-log.ts";
import { logContract, numbered, numberedFrom } from "./log-contract.ts";
import { HeldDisk } from "./testing/held-disk.ts";
import {
	epochsOf,
	open,
	openOnTime,
	openSmall,
	openWithTrade,
	storedBy,
	UNKNOWN_EVENT,
	UNKNOWN_EVENT_TOLD,
} from "./testing/log-files.ts";

const folder = temporaryFolder();
let files = 0;

function newFolder(): string {
	files += 1;
	return join(folder, `${files}`, "log");
}

logContract("files", async () => {
	const path = newFolder();
	let log = await open(path);
	return {
		log: log.orders,
		async reopen() {
			await log.close();
			log = await open(path);
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

logContract("files of a few records", async () => {
	const path = newFolder();
	let log = await openSmall(path);
	return {
		log: log.orders,
		async reopen() {
			await log.close();
			log = await openSmall(path);
			return log.orders;
		},
		close: () => log.close(),
	};
});

describe("the log in files", () => {
	test("keeps the two topics apart and appends them in one turn", async () => {
		const log = await open(newFolder());
		await Promise.all([log.orders.append(1, [numbered(1)]), log.trades.append(1, [eventRecord])]);
		expect((await log.orders.read(1, 0, 9))[0]?.record).toEqual(numbered(1));
		expect((await log.trades.read(1, 0, 9))[0]?.record).toEqual(eventRecord);
		await log.close();
	});

	test("hands live followers the very objects that were appended", async () => {
		const log = await open(newFolder());
		const seen: OrdersRecord[] = [];
		log.orders.follow(0, 0, (entries) => seen.push(...entries.map((e) => e.record)));
		const record = numbered(1);
		await log.orders.append(0, [record]);
		expect(seen[0]).toBe(record);
		await log.close();
	});

	test("refuses another number of partitions, by name", async () => {
		const path = newFolder();
		await (await open(path)).close();
		await expect(open(path, 3)).rejects.toThrow(
			/made with 2 partitions and cannot be opened with 3/,
		);
		await (await open(path)).close();
	});

	test("is locked while it is open", async () => {
		const path = newFolder();
		const log = await open(path);
		await expect(open(path)).rejects.toThrow(/locked/);
		await log.close();
	});

	test("writes what is queued when it closes, and takes nothing afterwards", async () => {
		const path = newFolder();
		const log = await openOnTime(path, new ManualTime());
		const appended = log.orders.append(0, numberedFrom(0, 3));
		await log.close();
		expect(await appended).toBe(0);
		await expect(log.orders.append(0, [numbered(3)])).rejects.toBeInstanceOf(LogUnavailable);
		const again = await open(path);
		expect(await again.orders.end(0)).toBe(3);
		await again.close();
	});

	test("nothing is acknowledged, delivered or read before the disk has it", async () => {
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(newFolder(), time, disk);
		const done: string[] = [];
		log.orders.follow(0, 0, () => done.push("delivered"));
		const first = log.orders.append(0, [numbered(0)]).then(() => done.push("acknowledged"));
		expect(disk.held).toBe(0);
		time.turn();
		await disk.holds(1);
		expect(done).toEqual([]);
		expect(await log.orders.end(0)).toBe(0);
		const read = log.orders.read(0, 0, 9);
		time.turn();
		expect(await read).toEqual([]);
		disk.release();
		await first;
		expect(done).toEqual(["delivered", "acknowledged"]);
		expect(await log.orders.end(0)).toBe(1);
		await log.close();
	});

	test("what comes while a write is under way is the next write, all of it", async () => {
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(newFolder(), time, disk);
		const appended = [log.orders.append(0, [numbered(0)])];
		time.turn();
		await disk.holds(1);
		for (let i = 1; i < 4; i += 1) {
			appended.push(log.orders.append(i % 2, [numbered(i)]));
			time.turn();
		}
		expect(disk.held).toBe(1);
		disk.release();
		await disk.holds(1);
		disk.release();
		expect(await Promise.all(appended)).toEqual([0, 0, 1, 1]);
		expect(disk.writes).toBe(2);
		await log.close();
	});

	test("what follows from orders is delivered at once, and stored with the next of them", async () => {
		const path = newFolder();
		const time = new ManualTime();
		const log = await openOnTime(path, time);
		const delivered: number[] = [];
		log.trades.follow(0, 0, (entries) => delivered.push(...entries.map((e) => e.offset)));
		const stored = log.trades.append(0, [event(1), event(2)]);
		expect(delivered).toEqual([0, 1]);
		expect(await log.trades.end(0)).toBe(0);
		expect(time.turn()).toBe(0);
		void log.orders.append(0, [numbered(0)]);
		expect(time.turn()).toBe(1);
		expect(await stored).toBe(0);
		expect(delivered).toEqual([0, 1]);
		await log.close();
		const again = await open(path);
		expect((await again.trades.read(0, 0, 9)).map((e) => e.record.evSeq)).toEqual([1, 2]);
		await again.close();
	});

	test("the next orders are on their way to the disk before what follows from the last is handed on", async () => {
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(newFolder(), time, disk);
		const heldThen: number[] = [];
		log.orders.follow(0, 0, (entries) => {
			void log.trades.append(
				0,
				entries.map(({ offset }) => event(offset + 1)),
			);
		});
		log.trades.follow(0, 0, () => heldThen.push(disk.held));
		const next = log.orders
			.append(0, [numbered(0)])
			.then(() => log.orders.append(0, [numbered(1)]));
		time.turn();
		await disk.holds(1);
		disk.release();
		await disk.holds(1);
		expect(heldThen).toEqual([1]);
		expect(await log.orders.end(0)).toBe(1);
		disk.release();
		expect(await next).toBe(1);
		expect(heldThen).toEqual([1, 0]);
		// The trades of the first order shared the write of the second.
		expect(await log.trades.end(0)).toBe(1);
		expect(disk.writes).toBe(2);
		time.advance(5);
		await disk.holds(1);
		disk.release();
		await log.close();
	});

	test("without any orders it is stored after a few milliseconds", async () => {
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(newFolder(), time, disk);
		const stored = log.trades.append(0, [event(1)]);
		time.advance(4);
		expect(disk.held).toBe(0);
		time.advance(1);
		await disk.holds(1);
		disk.release();
		expect(await stored).toBe(0);
		await log.close();
	});

	test("a follower that is still catching up gets what was delivered to the others at once", async () => {
		const time = new ManualTime();
		const log = await openOnTime(newFolder(), time);
		const first = log.trades.append(0, [event(1)]);
		time.advance(5);
		await first;
		const delivered: number[] = [];
		log.trades.follow(0, 0, (entries) => delivered.push(...entries.map((e) => e.offset)));
		const second = log.trades.append(0, [event(2)]);
		expect(delivered).toEqual([]);
		time.turn();
		expect(delivered).toEqual([0]);
		time.advance(5);
		await second;
		expect(delivered).toEqual([0, 1]);
		await log.close();
	});

	test("what follows from orders has the same offsets again when its write has failed", async () => {
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(newFolder(), time, disk);
		const delivered: [number, number][] = [];
		log.trades.follow(0, 0, (entries) => {
			for (const { offset, record } of entries) delivered.push([offset, record.evSeq]);
		});
		const failing = log.trades.append(0, [event(1)]).catch((error) => error);
		time.advance(5);
		await disk.holds(1);
		disk.fail();
		expect(await failing).toBeInstanceOf(LogUnavailable);
		const again = log.trades.append(0, [event(1)]);
		time.advance(5);
		await disk.holds(1);
		disk.release();
		expect(await again).toBe(0);
		void log.trades.append(0, [event(2)]);
		time.advance(5);
		await disk.holds(1);
		expect(delivered).toEqual([
			[0, 1],
			[1, 2],
		]);
		disk.release();
		await log.close();
	});

	test("a failed write rejects all of it and what was queued behind it, and leaves no gap", async () => {
		const path = newFolder();
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(path, time, disk);
		const followed: number[] = [];
		log.orders.follow(1, 0, (entries) => followed.push(...entries.map((e) => e.record.epoch)));
		const failing = [log.orders.append(1, [numbered(1)]), log.orders.append(0, numberedFrom(1, 3))];
		time.turn();
		await disk.holds(1);
		failing.push(log.orders.append(1, [numbered(5)]));
		time.turn();
		disk.fail();
		for (const outcome of await Promise.allSettled(failing)) {
			expect(outcome.status === "rejected" && outcome.reason).toBeInstanceOf(LogUnavailable);
		}
		expect(await log.orders.end(1)).toBe(0);
		const again = [log.orders.append(1, [numbered(2)]), log.orders.append(0, [numbered(7)])];
		await storedBy(disk, time, Promise.all(again));
		expect(await Promise.all(again)).toEqual([0, 0]);
		expect(followed).toEqual([2]);
		await log.close();
		const reopened = await open(path);
		expect(await epochsOf(reopened, 1)).toEqual([2]);
		expect(await epochsOf(reopened, 0)).toEqual([7]);
		await reopened.close();
	});

	test("a record of a newer version stops whoever reads it, by name", async () => {
		const log = await openWithTrade(newFolder(), UNKNOWN_EVENT);
		const reading = log.trades.read(0, 0, 1).catch((error: unknown) => error);
		const error = (await reading) as Error;
		expect(error).toBeInstanceOf(InvariantViolation);
		expect(error.message).toMatch(UNKNOWN_EVENT_TOLD);
		await log.close();
	});

	test("files that cannot be written are told of once, and once when they can again", async () => {
		const said: string[] = [];
		const logger: Logger = {
			info: (message) => said.push(`info ${message}`),
			warn: (message) => said.push(`warn ${message}`),
			error: (message, fields) => said.push(`error ${message}: ${fields?.["error"]}`),
		};
		const time = new ManualTime();
		const disk = new HeldDisk();
		const options = { folder: newFolder(), partitions: 1, scheduler: time };
		const log = await openFileLog({ ...options, disk, logger });
		expect(log.isWritable()).toBe(true);
		for (let i = 0; i < 3; i += 1) {
			const failing = log.orders.append(0, [numbered(1)]);
			time.turn();
			await disk.holds(1);
			disk.fail();
			await expect(failing).rejects.toThrow("the disk failed");
		}
		expect(said).toEqual(["error the log cannot be written: Error: the disk failed"]);
		expect(log.isWritable()).toBe(false);
		await storedBy(disk, time, log.orders.append(0, [numbered(1)]));
		await storedBy(disk, time, log.orders.append(0, [numbered(2)]));
		expect(said.slice(1)).toEqual(["info the log is back"]);
		expect(log.isWritable()).toBe(true);
		await log.close();
	});
});
