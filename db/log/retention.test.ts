import { describe, expect, test } from "bun:test";
import { cpSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { EventRecord } from "../../schemas/event.ts";
import { MemoryArchive } from "../archive/memory-archive.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { turnScheduler } from "../testing/turn-scheduler.ts";
import { archiveSegment } from "./archive-segment.ts";
import { numbered } from "./log-contract.ts";
import { LogTrimmed } from "./log-trimmed.ts";
import type { OldSegment } from "./segmented-log.ts";
import { epochsOf, openSmall, segments } from "./testing/log-files.ts";

const folder = temporaryFolder();
let files = 0;

function newFolder(): string {
	files += 1;
	return join(folder, `${files}`, "log");
}

function eventNumbered(evSeq: number): EventRecord {
	return {
		...{ partition: 1, evSeq, ts: 1_700_000_000_000 + evSeq, shard: 1, epoch: 1, seq: evSeq },
		...{ part: 0, last: true, command: null, events: [], hash: "ffffffffffffffff" },
	};
}

describe("retention of the log's files", () => {
	test("retention removes whole segments, never the last, and says so to old readers", async () => {
		const path = newFolder();
		const log = await openSmall(path);
		const all = [1_000, 1_000];
		for (let i = 0; i < 200; i += 1) await log.orders.append(0, [numbered(i)]);
		await log.trim(Date.now(), async () => ({ orders: [150, 0], trades: [0, 0] }), kept);
		const first = log.first("orders", 0);
		expect(first).toBeGreaterThan(100);
		expect(first).toBeLessThanOrEqual(150);
		expect((await log.orders.read(0, first, 1))[0]?.offset).toBe(first);
		await expect(log.orders.read(0, first - 1, 1)).rejects.toBeInstanceOf(LogTrimmed);
		expect(() => log.orders.follow(0, 0, () => {})).toThrow(
			`orders/0 begins at ${first}, and 0 was asked for`,
		);
		await log.trim(Date.now(), async () => ({ orders: all, trades: all }), kept);
		expect(segments(path).length).toBe(1);
		await log.close();
		const again = await openSmall(path);
		expect(await again.orders.end(0)).toBe(200);
		expect(await again.orders.append(0, [numbered(200)])).toBe(200);
		await again.close();
	});

	test("retention leaves what a reader of either topic needs, what is young, and what is not kept", async () => {
		const path = newFolder();
		const log = await openSmall(path);
		for (let i = 0; i < 100; i += 1) {
			await log.orders.append(0, [numbered(i)]);
			await log.trades.append(1, [eventNumbered(i)]);
		}
		const count = segments(path).length;
		const all = [1_000, 1_000];
		const remove = (trades: number[], sinceMs = Date.now(), keep = kept) =>
			log.trim(sinceMs, async () => ({ orders: all, trades }), keep);
		expect(await remove([1_000, 0])).toBe(0);
		expect(await remove(all, Date.now() - 60_000)).toBe(0);
		expect(await remove(all, Date.now(), async () => false)).toBe(0);
		await expect(
			remove(all, Date.now(), () => Promise.reject(new Error("no room"))),
		).rejects.toThrow("no room");
		await expect(remove([1_000])).rejects.toThrow("every partition");
		expect(segments(path).length).toBe(count);
		utimesSync(segments(path)[0] as string, 0, 0);
		expect(await remove(all, Date.now() - 60_000)).toBe(1);
		expect(await remove([1_000, 50])).toBeGreaterThan(0);
		expect(log.first("trades", 1)).toBeLessThanOrEqual(50);
		expect((await log.trades.read(1, 50, 1))[0]?.record).toEqual(eventNumbered(50));
		await log.close();
	});

	test("what is removed stands in the archive, in a chain, and can be put back", async () => {
		const path = newFolder();
		const archive = new MemoryArchive({ scheduler: turnScheduler });
		const log = await openSmall(path);
		for (let i = 0; i < 200; i += 1) await log.orders.append(i % 2, [numbered(i)]);
		const files = segments(path);
		const before = files.map((file) => readFileSync(file));
		const needed = async () => ({ orders: [80, 80], trades: [0, 0] });
		const keep = async (file: OldSegment) => (await archiveSegment(archive, file)) !== "";
		const removed = await log.trim(Date.now(), needed, keep);
		expect(removed).toBeGreaterThan(1);
		const names = await archive.list(`log/${log.logId}/`);
		expect(names.length).toBe(removed);
		let end = 0;
		for (const [i, name] of names.entries()) {
			const [, number, from, to, hash] = /\/(\d{8})-(\d+)-(\d+)-(\w{64})$/.exec(name) ?? [];
			expect([Number(number), Number(from)]).toEqual([i + 1, end]);
			end = Number(to);
			const bytes = gunzipSync((await archive.get(name)) as Uint8Array);
			expect(bytes.equals(before[i] as Buffer)).toBe(true);
			expect(new Bun.CryptoHasher("sha256").update(bytes).digest("hex")).toBe(hash as string);
			writeFileSync(files[i] as string, bytes);
		}
		expect(end).toBe(log.first("orders", 0) + log.first("orders", 1));
		await log.close();
		const whole = await openSmall(path);
		expect(await epochsOf(whole, 1)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i + 1));
		await whole.close();
	});

	test("files of two logs are refused, each by its own name, whichever is the stray one", async () => {
		const paths = [newFolder(), newFolder()] as const;
		const ids: string[] = [];
		for (const folder of paths) {
			const log = await openSmall(folder);
			for (let i = 0; i < 100; i += 1) await log.orders.append(0, [numbered(i)]);
			ids.push(log.logId);
			await log.close();
		}
		const [one, other] = paths.map(segments) as [string[], string[]];
		// A start that missed its log has made a new one; then the right files were put back, but the first.
		cpSync(other[0] as string, one[0] as string);
		const says = `files of two logs: 00000001.log is of ${ids[1]}, `;
		await expect(openSmall(paths[0])).rejects.toThrow(`${says}00000002.log is of ${ids[0]}`);
		rmSync(one[1] as string);
		await expect(openSmall(paths[0])).rejects.toThrow(`${says}00000003.log is of ${ids[0]}`);
	});
});

/** Kept elsewhere, as far as the test is concerned. */
async function kept(): Promise<boolean> {
	return true;
}
