import { describe, expect, test } from "bun:test";
import {
	appendFileSync,
	constants,
	cpSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { silentLogger } from "../ledger/contract/silent-logger.ts";
import { ManualTime } from "../testing/manual-time.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { openFileLog } from "./file-log.ts";
import { HEAD_BYTES } from "./frame.ts";
import { numbered, numberedFrom } from "./log-contract.ts";
import { type Disk, machineDisk } from "./segment-writer.ts";
import { HeldDisk } from "./testing/held-disk.ts";
import { epochsOf, open, openOnTime, openSmall, segments, storedBy } from "./testing/log-files.ts";

const folder = temporaryFolder();
let files = 0;

function newFolder(): string {
	files += 1;
	return join(folder, `${files}`, "log");
}

describe("the files of the log", () => {
	test("nothing of a longer write that failed is found behind a shorter one", async () => {
		const path = newFolder();
		const time = new ManualTime();
		const disk = new HeldDisk();
		const log = await openOnTime(path, time, disk);
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

	test("what stood whole behind the torn part of a write is gone with it", async () => {
		const path = newFolder();
		const log = await open(path);
		await log.orders.append(0, [numbered(0)]);
		await log.close();
		const end = readFileSync(segments(path)[0] as string).length;
		const more = await open(path);
		await Promise.all([1, 2].map((n) => more.orders.append(0, [numbered(n)])));
		await more.close();
		const bytes = readFileSync(segments(path)[0] as string);
		bytes[end + HEAD_BYTES] = (bytes[end + HEAD_BYTES] as number) ^ 1;
		writeFileSync(segments(path)[0] as string, bytes);
		const torn = await open(path);
		expect(await epochsOf(torn, 0)).toEqual([0]);
		// The disk may have damaged what had been there for long: then this is the only copy of what followed.
		expect(readFileSync(`${segments(path)[0]}.cut-off-${end}`)).toEqual(bytes.subarray(end));
		// As long as the one that was torn: what followed that would follow this.
		await torn.orders.append(0, [numbered(1)]);
		const copy = newFolder();
		cpSync(path, copy, { recursive: true });
		const found = await open(copy);
		expect(await epochsOf(found, 0)).toEqual([0, 1]);
		await found.close();
		await torn.close();
	});

	test("a batch that is missing between others is no log to go on with", async () => {
		const path = newFolder();
		const ends: number[] = [];
		for (let i = 0; i < 3; i += 1) {
			const log = await open(path);
			await log.orders.append(0, [numbered(i)]);
			await log.close();
			ends.push(readFileSync(segments(path)[0] as string).length);
		}
		const bytes = readFileSync(segments(path)[0] as string);
		const lacking = Buffer.concat([bytes.subarray(0, ends[0]), bytes.subarray(ends[1])]);
		writeFileSync(segments(path)[0] as string, lacking);
		await expect(open(path)).rejects.toThrow(/out of place/);
	});

	test("bytes that no write has left are cut off, whatever length they would be of", async () => {
		const path = newFolder();
		const log = await open(path);
		await log.orders.append(0, numberedFrom(0, 3));
		await log.close();
		appendFileSync(segments(path)[0] as string, Buffer.alloc(5_000, 0xff));
		const again = await open(path);
		expect(await epochsOf(again, 0)).toEqual([0, 1, 2]);
		await again.close();
	});

	test("writes of many sizes, past all room that was made, are found whole", async () => {
		const path = newFolder();
		const log = await open(path);
		const counts = [1, 90_000, 1, 200_000, 3, 150_000, 2];
		let next = 0;
		for (const count of counts) {
			await log.orders.append(0, numberedFrom(next, count));
			next += count;
		}
		await log.close();
		const again = await open(path);
		expect(await again.orders.end(0)).toBe(next);
		for (let from = 0; from < next; from += 10_000) {
			const entries = await again.orders.read(0, from, 10_000);
			expect(entries.every(({ offset, record }) => record.epoch === offset)).toBe(true);
		}
		await again.close();
	});

	test("a write goes on in the gap while room is made, and waits where zeros may come after it", async () => {
		const path = newFolder();
		const time = new ManualTime();
		const disk = new HeldDisk();
		disk.holdsRooms = true;
		const log = await openOnTime(path, time, disk);
		await storedBy(disk, time, log.orders.append(0, [numbered(0)]));
		expect(disk.rooms.length).toBe(1);
		await storedBy(disk, time, log.orders.append(0, [numbered(1)]));
		const long = log.orders.append(0, numberedFrom(2, 60_000));
		time.turn();
		await new Promise(setImmediate);
		expect(disk.held).toBe(0);
		await disk.rooms[0]?.();
		disk.holdsRooms = false;
		await storedBy(disk, time, long);
		await log.close();
		const again = await open(path);
		expect((await again.orders.read(0, 60_000, 9)).map((e) => e.record.epoch)).toEqual([
			60_000, 60_001,
		]);
		await again.close();
	});

	test.skipIf(process.platform !== "linux")("a write is durable when it is done", async () => {
		const flags: number[] = [];
		const disk: Disk = {
			...machineDisk,
			write(fd, bytes, position) {
				const said = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"));
				flags.push(Number.parseInt(said?.[1] ?? "", 8));
				return machineDisk.write(fd, bytes, position);
			},
		};
		const time = new ManualTime();
		const log = await openOnTime(newFolder(), time, disk);
		const stored = log.orders.append(0, [numbered(0)]);
		time.turn();
		await stored;
		await log.close();
		expect(flags.map((flag) => flag & constants.O_DSYNC)).toEqual([constants.O_DSYNC]);
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

	test("a last segment with a damaged title is no making that was cut off: nothing is written over it", async () => {
		for (const many of [1, 100]) {
			const path = newFolder();
			const log = await openSmall(path);
			for (let i = 0; i < many; i += 1) await log.orders.append(0, [numbered(i)]);
			await log.close();
			const last = segments(path).at(-1) as string;
			const bytes = readFileSync(last);
			bytes[HEAD_BYTES] = (bytes[HEAD_BYTES] as number) ^ 1;
			writeFileSync(last, bytes);
			await expect(openSmall(path)).rejects.toThrow(/is damaged, its title cannot be read/);
			expect(readFileSync(last)).toEqual(bytes);
		}
	});

	test("what is cut off again at the same place is kept beside what was", async () => {
		const path = newFolder();
		await (await open(path)).close();
		const first = segments(path)[0] as string;
		const end = statSync(first).size;
		for (const name of [`cut-off-${end}`, `cut-off-${end}-2`]) {
			appendFileSync(first, `what ${name} has`);
			// Room, which is not kept.
			truncateSync(first, statSync(first).size + 3_000_000);
			const told: unknown[] = [];
			const logger = {
				...silentLogger,
				warn: (_: string, fields: unknown) => void told.push(fields),
			};
			const options = { folder: path, partitions: 2, scheduler: turnScheduler };
			await (await openFileLog({ ...options, logger })).close();
			expect(readFileSync(`${first}.${name}`, "utf8")).toBe(`what ${name} has`);
			expect(told).toEqual([{ path: `${first}.${name}`, bytes: name.length + 9 }]);
			expect(statSync(first).size).toBe(end);
		}
	});

	test.if(process.platform === "linux")(
		"a full disk where a segment begins costs no descriptors, however often it is tried",
		async () => {
			const path = newFolder();
			const log = await openSmall(path);
			let i = 0;
			while (segments(path).length < 2) await log.orders.append(0, [numbered(i++)]);
			// The third segment begins on a device that is always full.
			const third = join(path, "00000003.log");
			symlinkSync("/dev/full", third);
			const fill = async (): Promise<void> => {
				for (;;) await log.orders.append(0, [numbered(i++)]);
			};
			await expect(fill()).rejects.toThrow("ENOSPC");
			i -= 1;
			const descriptors = () => readdirSync("/proc/self/fd").length;
			const before = descriptors();
			for (let n = 0; n < 20; n += 1) {
				await expect(log.orders.append(0, [numbered(i)])).rejects.toThrow("ENOSPC");
			}
			expect(descriptors()).toBeLessThan(before + 5);
			await Bun.file(third).delete();
			await log.orders.append(0, [numbered(i)]);
			expect(await epochsOf(log, 0)).toEqual(Array.from({ length: i + 1 }, (_, n) => n));
			await log.close();
		},
	);

	test.if(process.platform === "linux")(
		"where others have taken all descriptors, it goes on to next segments",
		async () => {
			const module = join(import.meta.dir, "testing/few-descriptors.ts");
			const words = ["sh", "-c", 'ulimit -n 100; exec "$0" "$@"', process.execPath, module];
			const run = Bun.spawn([...words, newFolder()], { stdout: "pipe", stderr: "inherit" });
			expect(await new Response(run.stdout).text()).toBe("0\n");
		},
	);

	test.if(process.platform === "linux")(
		"however many files it has, none but the last takes a descriptor",
		async () => {
			const path = newFolder();
			const descriptors = () => readdirSync("/proc/self/fd").length;
			const before = descriptors();
			const log = await openSmall(path);
			const few = descriptors() - before;
			let i = 0;
			while (segments(path).length < 20) await log.orders.append(0, [numbered(i++)]);
			expect(descriptors() - before).toBeLessThanOrEqual(few);
			await log.close();
			const again = await openSmall(path);
			expect(await epochsOf(again, 0)).toEqual(Array.from({ length: i }, (_, n) => n));
			expect(descriptors() - before).toBeLessThanOrEqual(few);
			await again.close();
		},
	);

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
});
