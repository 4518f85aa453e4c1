import { describe, expect, test } from "bun:test";
import { cpSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OrdersRecord } from "../../schemas/command.ts";
import type { EventRecord } from "../../schemas/event.ts";
import { LogUnavailable } from "../../schemas/ports/log.ts";
import { ManualTime } from "../testing/manual-time.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { type FileLog, openFileLog } from "./file-log.ts";
import { logContract, numbered, numberedFrom } from "./log-contract.ts";
import { LogTrimmed } from "./log-trimmed.ts";
import type { WriteAt } from "./segment-writer.ts";
import { HeldDisk } from "./testing/held-disk.ts";

const folder = temporaryFolder();
let files = 0;

function newFolder(): string {
	files += 1;
	return join(folder, `${files}`, "log");
}

function open(path: string, partitions = 2): Promise<FileLog> {
	return openFileLog({ folder: path, partitions, scheduler: turnScheduler });
}

/** With segments so small that every few records begin another. */
function openSmall(path: string): Promise<FileLog> {
	return openFileLog({
		folder: path,
		partitions: 2,
		scheduler: turnScheduler,
		segmentBytes: 2_000,
	});
}

function openOnTime(path: string, time: ManualTime, writeAt?: WriteAt): Promise<FileLog> {
	const options = { folder: path, partitions: 2, scheduler: time };
	return openFileLog(writeAt === undefined ? options : { ...options, writeAt });
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

function segments(path: string): string[] {
	return readdirSync(path)
		.filter((name) => name.endsWith(".log"))
		.sort()
		.map((name) => join(path, name));
}

async function epochsOf(log: FileLog, partition: number): Promise<number[]> {
	const entries = await log.orders.read(partition, log.first("orders", partition), 10_000);
	return entries.map((e) => e.record.epoch);
}

async function storedBy(disk: HeldDisk, time: ManualTime, stored: Promise<unknown>): Promise<void> {
	time.turn();
	await disk.holds(1);
	disk.release();
	await stored;
}

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
		const log = await openOnTime(newFolder(), time, disk.writeAt);
		const done: string[] = [];
		log.orders.follow(0, 0, () => done.push("delivered"));
		const first = log.orders.append(0, [numbered(0)]).then(() => done.push("acknowledged"));
		expect(disk.held).toBe(0);
		time.turn();
		await disk.holds(1);
		expect(done).toEqual([]);
		expect(await log.orders.end(0)).toBe(0);
		expect(await log.orders.read(0, 0, 9)).toEqual([]);
		disk.release();
		await first;
		expect(done).toEqual(["delivered", "acknowledged"]);
		expect(await log.orders.end(0)).toBe(1);
		await log.close();
	});

	test("what comes while a write is under way is the next write, all of it", async () => {
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(newFolder(), time, disk.writeAt);
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

	test("without any orders it is stored after a few milliseconds", async () => {
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(newFolder(), time, disk.writeAt);
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

	test("a failed write rejects all of it and what was queued behind it, and leaves no gap", async () => {
		const path = newFolder();
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(path, time, disk.writeAt);
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

	test("nothing of a longer write that failed is found behind a shorter one", async () => {
		const path = newFolder();
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(path, time, disk.writeAt);
		await storedBy(disk, time, log.orders.append(0, [numbered(0)]));
		// Room ahead of it has been made: what a write leaves there stays.
		while (statSync(segments(path)[0] as string).size < 1e6) await new Promise(setImmediate);
		const failing = [log.orders.append(0, [numbered(1)]), log.orders.append(0, [numbered(2)])];
		time.turn();
		await disk.holds(1);
		await disk.writeThenFail();
		await Promise.allSettled(failing);
		await storedBy(disk, time, log.orders.append(0, [numbered(1)]));
		const copy = newFolder();
		cpSync(path, copy, { recursive: true });
		const found = await open(copy);
		expect(await epochsOf(found, 0)).toEqual([0, 1]);
		await found.close();
		await log.close();
	});

	test("whatever a crash leaves of the last write, all before it is found and it goes on", async () => {
		const path = newFolder();
		const log = await open(path);
		await log.orders.append(0, numberedFrom(0, 3));
		await log.close();
		const before = readFileSync(segments(path)[0] as string).length;
		const more = await open(path);
		await more.orders.append(0, numberedFrom(3, 2));
		await more.close();
		const whole = readFileSync(segments(path)[0] as string);
		for (let size = before; size < whole.length; size += 5) {
			truncateSync(segments(path)[0] as string, size);
			// A file system may have made the file longer before it had the bytes.
			if (size % 2 === 0) truncateSync(segments(path)[0] as string, whole.length + 10_000);
			const torn = await open(path);
			expect(await epochsOf(torn, 0)).toEqual([0, 1, 2]);
			expect(await torn.orders.append(0, [numbered(9)])).toBe(3);
			await torn.close();
			const again = await open(path);
			expect(await epochsOf(again, 0)).toEqual([0, 1, 2, 9]);
			await again.close();
			writeFileSync(segments(path)[0] as string, whole);
		}
	});

	test("a segment whose making was cut off is made again", async () => {
		const path = newFolder();
		const log = await openSmall(path);
		for (let i = 0; i < 100; i += 1) await log.orders.append(0, [numbered(i)]);
		await log.close();
		const last = segments(path).length;
		expect(last).toBeGreaterThan(2);
		writeFileSync(join(path, `${String(last + 1).padStart(8, "0")}.log`), "");
		const again = await openSmall(path);
		for (let i = 100; i < 200; i += 1) await again.orders.append(0, [numbered(i)]);
		expect(await epochsOf(again, 0)).toEqual(Array.from({ length: 200 }, (_, i) => i));
		await again.close();
	});

	test("a segment that is missing, and bytes that changed, are no log to go on with", async () => {
		const path = newFolder();
		const log = await openSmall(path);
		for (let i = 0; i < 100; i += 1) await log.orders.append(0, [numbered(i)]);
		await log.close();
		const lacking = newFolder();
		cpSync(path, lacking, { recursive: true });
		await Bun.file(segments(lacking)[1] as string).delete();
		await expect(open(lacking)).rejects.toThrow(/lacks segment 2/);
		const first = segments(path)[0] as string;
		const bytes = readFileSync(first);
		bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1;
		writeFileSync(first, bytes);
		const damaged = await open(path);
		await expect(damaged.orders.read(0, 0, 1_000)).rejects.toThrow(/damaged/);
		await damaged.close();
	});

	test("retention removes whole segments, never the last, and says so to old readers", async () => {
		const path = newFolder();
		const log = await openSmall(path);
		for (let i = 0; i < 200; i += 1) await log.orders.append(0, [numbered(i)]);
		await log.trades.append(0, [event(1)]);
		log.trim([150, 0], [0, 0]);
		const first = log.first("orders", 0);
		expect(first).toBeGreaterThan(100);
		expect(first).toBeLessThanOrEqual(150);
		expect((await log.orders.read(0, first, 1))[0]?.offset).toBe(first);
		await expect(log.orders.read(0, first - 1, 1)).rejects.toBeInstanceOf(LogTrimmed);
		expect(() => log.orders.follow(0, 0, () => {})).toThrow(LogTrimmed);
		log.trim([1_000, 1_000], [1_000, 1_000]);
		expect(segments(path).length).toBe(1);
		await log.close();
		const again = await openSmall(path);
		expect(await again.orders.end(0)).toBe(200);
		expect(await again.orders.append(0, [numbered(200)])).toBe(200);
		await again.close();
	});
});
