import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ManualTime } from "../../testing/manual-time.ts";
import { turnScheduler } from "../../testing/turn-scheduler.ts";
import { type FileLog, openFileLog } from "../file-log.ts";
import type { Disk } from "../segment-writer.ts";
import { SegmentedLog } from "../segmented-log.ts";
import type { HeldDisk } from "./held-disk.ts";

export function open(path: string, partitions = 2): Promise<FileLog> {
	return openFileLog({ folder: path, partitions, scheduler: turnScheduler });
}

/** With segments so small that every few records begin another. */
export function openSmall(path: string): Promise<FileLog> {
	return openFileLog({
		folder: path,
		partitions: 2,
		scheduler: turnScheduler,
		segmentBytes: 2_000,
	});
}

export function openOnTime(path: string, time: ManualTime, disk?: Disk): Promise<FileLog> {
	const options = { folder: path, partitions: 2, scheduler: time };
	return openFileLog(disk === undefined ? options : { ...options, disk });
}

/** A log of one partition whose `trades` holds this line, which this version may not know. */
export async function openWithTrade(path: string, line: string): Promise<FileLog> {
	const options = { folder: path, partitions: 1 };
	const stored = await SegmentedLog.open({ ...options, lanes: 2, segmentBytes: 1 << 20 });
	await stored.append([{ lane: 1, count: 1, text: line }]);
	await stored.close();
	return openFileLog({ ...options, scheduler: turnScheduler });
}

/** A record of `trades` with an event of a kind that nobody knows. */
export const UNKNOWN_EVENT = '[1,0,1,5,1,1,0,0,1,null,[99,7],"0123456789abcdef"]';

/** What whoever reads it is told. */
export const UNKNOWN_EVENT_TOLD =
	/^trades\/0 has at offset 0 what this version cannot read \(.*\(kind 99\)\): .*docs\/runbooks\/upgrade\.md/;

export function segments(path: string): string[] {
	return readdirSync(path)
		.filter((name) => name.endsWith(".log"))
		.sort()
		.map((name) => join(path, name));
}

export async function epochsOf(log: FileLog, partition: number): Promise<number[]> {
	const entries = await log.orders.read(partition, log.first("orders", partition), 10_000);
	return entries.map((e) => e.record.epoch);
}

export async function storedBy(
	disk: HeldDisk,
	time: ManualTime,
	stored: Promise<unknown>,
): Promise<void> {
	time.turn();
	await disk.holds(1);
	disk.release();
	await stored;
}
