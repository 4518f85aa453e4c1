import { expect, test } from "bun:test";
import { MemoryArchive } from "../../db/archive/memory-archive.ts";
import { numbered } from "../../db/log/log-contract.ts";
import { openSmall, segments } from "../../db/log/testing/log-files.ts";
import { ManualTime } from "../../db/testing/manual-time.ts";
import { temporaryFolder } from "../../db/testing/temporary-folder.ts";
import { turnScheduler } from "../../db/testing/turn-scheduler.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import { LogRetention, type LogRetentionOptions } from "./log-retention.ts";

const folder = temporaryFolder();
const DAY_MS = 86_400_000;
let folders = 0;

/** A log of several small files of which nobody needs any record, seen so many days later. */
async function scene(days: number, changes: Partial<LogRetentionOptions> = {}) {
	folders += 1;
	const path = `${folder}/${folders}`;
	const log = await openSmall(path);
	for (let i = 0; i < 100; i += 1) await log.orders.append(0, [numbered(i)]);
	const said: string[] = [];
	const archive = new MemoryArchive({ scheduler: turnScheduler });
	const retention = new LogRetention({
		...{ log, archive, keepDays: 30 },
		needed: async () => ({ orders: [1_000, 1_000], trades: [1_000, 1_000] }),
		clock: { nowMs: () => Date.now() + days * DAY_MS, monotonicMs: () => 0 },
		scheduler: new ManualTime(),
		logger: { info: (what) => said.push(what), warn() {}, error: (what) => said.push(what) },
		onFatal: (error) => said.push(`fatal: ${error}`),
		...changes,
	});
	const before = segments(path).length;
	return { log, archive, retention, said, before, left: () => segments(path).length };
}

test("old files go into the archive, young ones stay, and nobody is asked for their sake", async () => {
	let asked = 0;
	const needed = async () => {
		asked += 1;
		return { orders: [1_000, 1_000], trades: [1_000, 1_000] };
	};
	const young = await scene(29, { needed });
	await young.retention.trim();
	expect([young.left(), asked]).toEqual([young.before, 0]);
	const old = await scene(31, { needed });
	await old.retention.trim();
	expect([old.left(), asked]).toEqual([1, 1]);
	expect(await old.archive.list("log/")).toHaveLength(old.before - 1);
	expect(new Set(old.said)).toEqual(new Set(["a file of the log goes"]));
	await Promise.all([young.log.close(), old.log.close()]);
});

test("when the archive or a reader does not answer, everything stays until the next time", async () => {
	let away = true;
	const archive = new MemoryArchive({ scheduler: turnScheduler });
	const failing: Pick<Archive, "put"> = {
		put: (name, bytes) => (away ? Promise.reject(new Error("no room")) : archive.put(name, bytes)),
	};
	const byArchive = await scene(31, { archive: Object.assign(Object.create(archive), failing) });
	const byReader = await scene(31, { needed: () => Promise.reject(new Error("away")) });
	for (const { retention, left, before, said } of [byArchive, byReader]) {
		await retention.trim();
		expect([left(), said]).toEqual([before, ["the log could not be trimmed"]]);
	}
	away = false;
	await byArchive.retention.trim();
	expect(byArchive.left()).toBe(1);
	await Promise.all([byArchive.log.close(), byReader.log.close()]);
});

test("stopped while a file is on its way into the archive, it stays in the log", async () => {
	const archive = new MemoryArchive({ scheduler: turnScheduler });
	let put = () => {};
	const slow: Pick<Archive, "put"> = {
		put: () =>
			new Promise((resolve) => {
				put = resolve;
			}),
	};
	const none = put;
	const { log, retention, left, before, said } = await scene(31, {
		archive: Object.assign(Object.create(archive), slow),
	});
	const trimming = retention.trim();
	while (put === none) await new Promise(setImmediate);
	retention.stop();
	put();
	await trimming;
	await log.close();
	expect([left(), said]).toEqual([before, []]);
});
