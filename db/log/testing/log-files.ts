import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ManualTime } from "../../testing/manual-time.ts";
import { turnScheduler } from "../../testing/turn-scheduler.ts";
import { type FileLog, openFileLog } from "../file-log.ts";
import type { Disk } from "../segment-writer.ts";
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
