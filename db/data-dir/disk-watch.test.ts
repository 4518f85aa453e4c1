import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import type { Logger } from "../../schemas/ports/logger.ts";
import { ManualTime } from "../testing/manual-time.ts";
import { DiskWatch } from "./disk-watch.ts";

function watched(percents: number[]) {
	const said: string[] = [];
	const logger: Logger = {
		info: (message) => said.push(`info ${message}`),
		warn: (message) => said.push(`warn ${message}`),
		error: (message) => said.push(`error ${message}`),
	};
	const time = new ManualTime();
	const usedPercent = () => percents.shift() ?? 0;
	const watch = new DiskWatch({
		...{ folder: "/data", fullPercent: 85, scheduler: time, logger, usedPercent },
		say: (what) => said.push(`told ${what}`),
	});
	return { said, time, watch };
}

test("a disk that fills up has no room from the limit on, and again clearly below it", async () => {
	const { said, time, watch } = watched([84.9, 85, 84.5, 84, 83.9]);
	const room = [watch.hasRoom()];
	for (let i = 0; i < 4; i += 1) {
		await time.advance(1_000);
		room.push(watch.hasRoom());
	}
	expect(room).toEqual([true, false, false, false, true]);
	expect(said).toEqual([
		"error the disk is nearly full: new orders are refused, cancels go on",
		"told the disk is 85 % full: new orders are refused (DISK_FULL_PERCENT=85)",
		"info the disk has room again: new orders are taken",
		"told the disk is 84 % full: new orders are taken again (DISK_FULL_PERCENT=85)",
	]);
});

test("it is known from the first moment, and told in metrics", async () => {
	const { watch } = watched([91]);
	expect(watch.hasRoom()).toBe(false);
	const told = watch.metrics();
	expect(told).toContain("# TYPE castle_disk_used_ratio gauge\ncastle_disk_used_ratio 0.91\n");
	expect(told).toContain("# TYPE castle_disk_full gauge\ncastle_disk_full 1\n");
});

test("stopped, it looks no more", async () => {
	const { time, watch } = watched([50, 99]);
	watch.stop();
	await time.advance(10_000);
	expect(watch.hasRoom()).toBe(true);
});

test("the machine's own disks are between empty and full", () => {
	const logger: Logger = { info() {}, warn() {}, error() {} };
	const scheduler = new ManualTime();
	const say = (): void => {};
	const watch = new DiskWatch({ folder: tmpdir(), fullPercent: 100, scheduler, logger, say });
	const ratio = Number(/^castle_disk_used_ratio (\S+)$/m.exec(watch.metrics())?.[1]);
	expect(ratio).toBeGreaterThan(0);
	expect(ratio).toBeLessThanOrEqual(1);
	watch.stop();
});
